//! The policy for the URLs of callbacks. `http::Uri` parses; this module refuses more than it does.
#![forbid(unsafe_code)]

use earwig_core::job::machine::URL_MAX;
use earwig_core::types::Error;
use hyper::Uri;
use hyper::http::uri::{Authority, Scheme};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// RFC 1035: a name has at most 253 characters, each of its labels 1 to 63.
const MAX_NAME_LEN: usize = 253;
const MAX_LABEL_LEN: usize = 63;

const HAS_USER: &str = "has a user or password: a secret for the signature is status_secret";

/// A URL that the policy allows.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedUrl {
    server: Server,
    /// The value of the header `Host`, in lower case.
    authority: String,
    /// Path and query.
    target: Uri,
}

/// A server: what connections and limits belong to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Server {
    pub https: bool,
    pub host: Host,
    pub port: u16,
}

/// The host of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// An IP address.
    Address(IpAddr),
    /// A DNS name, in lower case, without a final dot.
    Name(String),
}

impl CheckedUrl {
    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn target(&self) -> &Uri {
        &self.target
    }
}

/// Omits the query, which may hold secrets.
impl fmt::Display for CheckedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.server.https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.target.path())
    }
}

impl fmt::Debug for CheckedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckedUrl({self})")
    }
}

/// Checks a URL: `http` or `https`, a DNS name or an IP address, an optional port, path and query; ASCII, without user and fragment,
/// at most 1023 bytes. The error names the part that is refused, and never shows the query.
pub fn check_url(url: &str) -> Result<CheckedUrl, Error> {
    check(url).map_err(|why| Error::invalid(format!("status_url {why}")))
}

fn check(url: &str) -> Result<CheckedUrl, String> {
    check_characters(url)?;
    let uri: Uri = url.parse().map_err(|_| syntax_error(url))?;
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(syntax_error(url));
    };
    let https = *scheme == Scheme::HTTPS;
    if !https && *scheme != Scheme::HTTP {
        return Err(syntax_error(url));
    }
    if authority.as_str().contains('@') {
        return Err(HAS_USER.into());
    }
    let host = check_host(authority.host())?;
    let port = check_port(authority, if https { 443 } else { 80 })?;
    let authority = authority.as_str();
    let authority = authority.strip_suffix(':').unwrap_or(authority);
    Ok(CheckedUrl {
        server: Server { https, host, port },
        authority: authority.to_ascii_lowercase(),
        target: target(&uri)?,
    })
}

/// `http::Uri` allows UTF-8 and drops a fragment without an error.
fn check_characters(url: &str) -> Result<(), String> {
    if url.is_empty() {
        return Err("is empty".into());
    }
    if url.len() > URL_MAX {
        return Err(format!("has {} bytes: at most {URL_MAX}", url.len()));
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
    if url.contains('\\') {
        return Err("has a backslash".into());
    }
    if url.contains('#') {
        return Err("has a fragment (#...), which is never sent: write %23 if it is meant".into());
    }
    Ok(())
}

/// The part of a URL that `http::Uri` refuses; its own errors name none.
fn syntax_error(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once(':') else {
        return "has no scheme: it must begin with http:// or https://".into();
    };
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return "must begin with http:// or https://".into();
    }
    let Some(rest) = rest.strip_prefix("//") else {
        return "has no // after its scheme".into();
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.is_empty() {
        return "has no host".into();
    }
    if authority.contains('@') {
        return HAS_USER.into();
    }
    if authority.parse::<Authority>().is_ok() {
        return "has a character in its path or query that must be written as %XX".into();
    }
    match authority.strip_prefix('[').map(|host| host.split_once(']')) {
        None => {
            let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
            check_host(host).map_or_else(
                |why| why,
                |_| format!("has a port that is no number: {port}"),
            )
        }
        Some(None) => "has a host with [ but without ]".into(),
        Some(Some((host, port))) => check_host(&format!("[{host}]")).map_or_else(
            |why| why,
            |_| format!("has something other than a port after its host: {port}"),
        ),
    }
}

/// Path and query, `/` if there is no path.
fn target(uri: &Uri) -> Result<Uri, String> {
    let target = uri.path_and_query().map_or("/".into(), ToString::to_string);
    target
        .parse()
        .map_err(|_| "has a path or query that is no URI".into())
}

/// The port after the host, or `default`. [`Authority::port`] is `None` for a wrong port as well.
fn check_port(authority: &Authority, default: u16) -> Result<u16, String> {
    let port = match &authority.as_str()[authority.host().len()..] {
        "" => "",
        port => port
            .strip_prefix(':')
            .ok_or("has something other than a port after its host")?,
    };
    match port.parse() {
        _ if port.is_empty() => Ok(default),
        _ if !port.bytes().all(|b| b.is_ascii_digit()) => {
            Err(format!("has a port that is no number: {port}"))
        }
        Ok(port) if port > 0 => Ok(port),
        _ => Err(format!("has the port {port}: it must be 1 to 65535")),
    }
}

/// `host` is an IPv6 address in brackets, an IPv4 address or a name.
fn check_host(host: &str) -> Result<Host, String> {
    if host.is_empty() {
        return Err("has no host".into());
    }
    if let Some(address) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        let address: Ipv6Addr = address
            .parse()
            .map_err(|_| format!("has a host that is no IPv6 address: [{address}]"))?;
        return Ok(Host::Address(address.into()));
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok(Host::Address(address.into()));
    }
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=MAX_LABEL_LEN).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() > MAX_NAME_LEN || !name.split('.').all(is_label) {
        return Err(format!("has a host that is no name: {host}"));
    }
    // The C library's resolver reads 127.1, 0x7f000001 and 2130706433 as addresses: such a URL hides where it leads.
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
    fn a_url_is_split_into_its_parts() {
        let url = check_url("https://Example.com/detect-events?key=1&b=%20").unwrap();
        let server = Server {
            https: true,
            host: Host::Name("example.com".into()),
            port: 443,
        };
        assert_eq!((url.server(), url.authority()), (&server, "example.com"));
        assert_eq!(url.target(), "/detect-events?key=1&b=%20");
    }

    #[test]
    fn omitted_parts_have_their_defaults() {
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
                (url.server().port, url.target().to_string()),
                (port, target.to_owned())
            );
        }
    }

    #[test]
    fn the_scheme_is_http_or_https() {
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
    fn an_error_names_the_part_that_is_refused() {
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
            let text = refusal(url);
            assert!(
                text.starts_with("status_url ") && text.contains(what),
                "{url}: {text}"
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
    fn the_query_is_never_printed() {
        let url = check_url("http://a:81/path?token=hidden").unwrap();
        assert_eq!(url.to_string(), "http://a:81/path");
        assert!(!format!("{url:?}").contains("hidden"));
        for wrong in ["http://u@a/?hidden", "http://a/?hidden#", "htp://a/?hidden"] {
            assert!(!refusal(wrong).contains("hidden"), "{wrong}");
        }
    }

    /// Each of these is a URI for `http::Uri`.
    #[test]
    fn the_policy_refuses_more_than_the_parser() {
        for (url, what) in [
            ("/path", "no scheme"),
            ("*", "no scheme"),
            ("example.com", "no scheme"),
            ("example.com:80", "http:// or https://"),
            ("ws://a/", "http:// or https://"),
            ("http+unix://a/", "http:// or https://"),
            ("http://u%40x:p@a/", "user or password"),
            ("http://:@a/", "user or password"),
            ("http://a,b/", "no name"),
            ("http://a;b/", "no name"),
            ("http://a*b/", "no name"),
            ("http://'a'/", "no name"),
            ("http://a~/", "no name"),
            ("http://$a/", "no name"),
            ("http://./", "no name"),
            ("http://a/?q#fragment", "fragment"),
            ("http://a:80b/", "no number"),
            ("http://a:-1/", "no number"),
            ("http://a:00000/", "1 to 65535"),
            ("http://a:99999999999999999999/", "1 to 65535"),
            ("http://[1.2.3.4]/", "no IPv6 address"),
            ("http://[a]/", "no IPv6 address"),
            ("http://[]/", "no IPv6 address"),
            ("http://[::1]:0/", "1 to 65535"),
            ("http://[::1]:x/", "no number"),
        ] {
            assert!(url.parse::<Uri>().is_ok(), "{url}");
            let text = refusal(url);
            assert!(text.contains(what), "{url}: {text}");
        }
        assert!(
            refusal(&format!("http://{}/", "a".repeat(64))).contains("no name"),
            "a label of 64 characters"
        );
        let labels = ["a"; 4].map(|a| a.repeat(63)).join(".");
        assert!(
            refusal(&format!("http://{labels}/")).contains("no name"),
            "a name of 255 characters"
        );
    }

    #[test]
    fn a_syntax_error_names_the_part_that_is_refused() {
        for (url, what) in [
            ("http://a:1:2/", "no number"),
            ("http://::1/", "no host"),
            ("http://a[b]/", "no name"),
            ("http://a]/", "no name"),
            ("http://a%2/", "no name"),
            ("http://@/", "user or password"),
            ("http://a@b@c/", "user or password"),
            ("http://a/`", "%XX"),
            ("http://a?<", "%XX"),
        ] {
            assert!(refusal(url).contains(what), "{url}: {}", refusal(url));
        }
    }
}
