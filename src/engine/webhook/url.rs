//! Which URLs callbacks can go to.
#![forbid(unsafe_code)]

use earwig_core::job::machine::URL_MOST;
use earwig_core::types::Error;
use hyper::Uri;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// RFC 1035: a name has at most 253 characters, and each of its labels 63.
const NAME_MAX: usize = 253;
const LABEL_MAX: usize = 63;

/// A URL that callbacks can go to.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedUrl {
    https: bool,
    host: Host,
    /// What stands in the header `Host`.
    authority: String,
    port: u16,
    /// Path and query.
    target: Uri,
}

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// An address.
    Address(IpAddr),
    /// A name, in lower case.
    Name(String),
}

impl CheckedUrl {
    /// TLS is wanted.
    pub fn is_https(&self) -> bool {
        self.https
    }

    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn target(&self) -> &Uri {
        &self.target
    }
}

/// Without the query, which may hold secrets.
impl fmt::Display for CheckedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.target.path())
    }
}

impl fmt::Debug for CheckedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckedUrl({self})")
    }
}

/// Checks a URL; the refusal says what is wrong with it, without its query.
pub fn check_url(url: &str) -> Result<CheckedUrl, Error> {
    check(url).map_err(|why| Error::invalid(format!("status_url {why}")))
}

fn check(url: &str) -> Result<CheckedUrl, String> {
    if url.is_empty() {
        return Err("is empty".into());
    }
    if url.len() > URL_MOST {
        return Err(format!("has {} bytes: at most {URL_MOST}", url.len()));
    }
    if url.chars().any(char::is_control) {
        return Err("has a control character".into());
    }
    if url.chars().any(char::is_whitespace) {
        return Err("has white space: write %20".into());
    }
    if !url.is_ascii() {
        return Err(
            "is not ASCII: write the host as punycode (xn--...) and the rest as %XX".into(),
        );
    }
    let (https, rest) = scheme(url)?;
    if rest.contains('\\') {
        return Err("has a backslash".into());
    }
    if rest.contains('#') {
        return Err("has a fragment (#...), which is never sent: write %23 if it is meant".into());
    }
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err("has a user or password: a secret for the signature is status_secret".into());
    }
    let (host, port) = host_and_port(authority, https)?;
    let target = match target.as_bytes().first() {
        Some(b'/') => target.to_owned(),
        _ => format!("/{target}"),
    };
    let target = target
        .parse()
        .map_err(|_| "has a character in its path or query that must be written as %XX")?;
    let authority = authority.strip_suffix(':').unwrap_or(authority);
    Ok(CheckedUrl {
        https,
        host,
        authority: authority.to_ascii_lowercase(),
        port,
        target,
    })
}

fn scheme(url: &str) -> Result<(bool, &str), String> {
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err("has no scheme: it must begin with http:// or https://".into());
    };
    let https = match scheme.to_ascii_lowercase().as_str() {
        "http" => false,
        "https" => true,
        _ => return Err("must begin with http:// or https://".into()),
    };
    let rest = rest
        .strip_prefix("//")
        .ok_or("has no // after its scheme")?;
    Ok((https, rest))
}

fn host_and_port(authority: &str, https: bool) -> Result<(Host, u16), String> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(bracketed) => {
            let (address, port) = bracketed
                .split_once(']')
                .ok_or("has a host with [ but without ]")?;
            let address: Ipv6Addr = address
                .parse()
                .map_err(|_| format!("has a host that is no IPv6 address: [{address}]"))?;
            let port = match port {
                "" => "",
                port => port
                    .strip_prefix(':')
                    .ok_or("has something other than a port after its host")?,
            };
            (Host::Address(address.into()), port)
        }
        None => {
            let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
            (name_or_ipv4(host)?, port)
        }
    };
    let port = match port {
        "" if https => 443,
        "" => 80,
        port if port.bytes().all(|b| b.is_ascii_digit()) => match port.parse() {
            Ok(port) if port > 0 => port,
            _ => return Err(format!("has the port {port}: it must be 1 to 65535")),
        },
        port => return Err(format!("has a port that is no number: {port}")),
    };
    Ok((host, port))
}

fn name_or_ipv4(host: &str) -> Result<Host, String> {
    if host.is_empty() {
        return Err("has no host".into());
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok(Host::Address(address.into()));
    }
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=LABEL_MAX).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() > NAME_MAX || !name.split('.').all(is_label) {
        return Err(format!("has a host that is no name: {host}"));
    }
    // The C library takes 127.1, 0x7f000001 and 2130706433 for addresses; who writes one hides where it leads.
    let last = name.rsplit('.').next().unwrap_or_default();
    let hex = last.strip_prefix("0x").unwrap_or("-");
    if last.bytes().all(|b| b.is_ascii_digit()) || hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(format!(
            "has a host that is neither a name nor an IPv4 address: {host}"
        ));
    }
    Ok(Host::Name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        check_url(url).unwrap_err().text.into_owned()
    }

    #[test]
    fn a_url_is_taken_apart() {
        let url = check_url("https://Example.com/detect-events?key=1&b=%20").unwrap();
        assert!(url.is_https());
        assert_eq!(url.host(), &Host::Name("example.com".into()));
        assert_eq!((url.port(), url.authority()), (443, "example.com"));
        assert_eq!(url.target(), "/detect-events?key=1&b=%20");
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        for (url, port, target) in [
            ("http://a", 80, "/"),
            ("http://a?b=c", 80, "/?b=c"),
            ("HTTP://a.:/x", 80, "/x"),
            ("https://127.0.0.1:8443", 8443, "/"),
            ("https://[::1]:1/", 1, "/"),
            ("http://[::1]/", 80, "/"),
        ] {
            let url = check_url(url).unwrap();
            assert_eq!(
                (url.port(), url.target().to_string()),
                (port, target.to_owned())
            );
        }
    }

    #[test]
    fn only_http_and_https() {
        for url in [
            "ftp://a/",
            "file:///etc/passwd",
            "gopher://a",
            "javascript:alert(1)",
            "unix:/x",
        ] {
            assert!(refusal(url).contains("http:// or https://"), "{url}");
        }
        assert!(refusal("example.com/x").contains("no scheme"));
        assert!(refusal("http:/a").contains("no //"));
    }

    #[test]
    fn a_refusal_says_what_is_wrong() {
        for (url, what) in [
            ("", "is empty"),
            ("http://", "no host"),
            ("http:///x", "no host"),
            ("http://:80/", "no host"),
            ("http://user:pass@a/", "user or password"),
            ("http://user@a/", "user or password"),
            ("http://a/b c", "white space"),
            (" http://a/", "white space"),
            ("http://a/\r\nX: y", "control character"),
            ("http://a/\0", "control character"),
            ("http://ex\u{e4}mple.com/", "not ASCII"),
            ("http://a\u{ff0e}b/", "not ASCII"),
            ("http://a/\u{e4}", "not ASCII"),
            ("http://a\\@b/", "backslash"),
            ("http://a/#top", "fragment"),
            ("http://a:0/", "1 to 65535"),
            ("http://a:65536/", "1 to 65535"),
            ("http://a:b/", "no number"),
            ("http://a:+1/", "no number"),
            ("http://[::1/", "without ]"),
            ("http://[::1]x/", "after its host"),
            ("http://[fe80::1%25eth0]/", "no IPv6 address"),
            ("http://a..b/", "no name"),
            ("http://a%2eb/", "no name"),
            ("http://-a/", "no name"),
            ("http://127.1/", "neither a name nor"),
            ("http://2130706433/", "neither a name nor"),
            ("http://0x7f.0.0.0x1/", "neither a name nor"),
            ("http://0x/", "neither a name nor"),
            ("http://1.2.3.4.5/", "neither a name nor"),
            ("http://a/\"<>", "%XX"),
        ] {
            let said = refusal(url);
            assert!(
                said.starts_with("status_url ") && said.contains(what),
                "{url}: {said}"
            );
        }
    }

    #[test]
    fn a_url_has_1023_bytes_at_most() {
        let long = |n: usize| format!("http://a/{}", "x".repeat(n - 9));
        assert!(check_url(&long(1023)).is_ok());
        assert!(refusal(&long(1024)).contains("1024 bytes"));
    }

    #[test]
    fn the_query_is_never_shown() {
        let url = check_url("http://a:81/path?token=hidden").unwrap();
        assert_eq!(url.to_string(), "http://a:81/path");
        assert!(!format!("{url:?}").contains("hidden"));
        for wrong in ["http://u@a/?hidden", "http://a/?hidden#", "htp://a/?hidden"] {
            assert!(!refusal(wrong).contains("hidden"), "{wrong}");
        }
    }
}
