//! The addresses that callbacks may connect to: the engine option `webhook_allow`.
#![forbid(unsafe_code)]

use earwig_core::types::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The default of `webhook_allow`.
const DEFAULT: &str = "public,private,loopback";

/// Addresses outside the link-local networks at which clouds hand out credentials: EC2, Google, Azure, Alibaba and Oracle. They
/// count as link-local.
const METADATA: [IpAddr; 5] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
];

/// The addresses that callbacks may connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The text that was parsed, for messages.
    text: String,
    scopes: Vec<Scope>,
    networks: Vec<Network>,
}

/// What an address belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Public,
    /// RFC 1918, RFC 6598 (100.64.0.0/10), RFC 4193 (fc00::/7) and RFC 3879 (fec0::/10).
    Private,
    Loopback,
    /// RFC 3927 (169.254.0.0/16), RFC 4291 (fe80::/10) and [`METADATA`].
    LinkLocal,
    /// Unspecified, multicast, broadcast and reserved: never allowed.
    Unusable,
}

/// An address and the number of its leading bits that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Allow {
    /// Parses a comma-separated list of `public`, `private`, `loopback`, `link-local`, `all` and networks such as 10.1.0.0/16.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text).map_err(|why| Error::invalid(format!("webhook_allow {why}")))
    }

    fn read(text: &str) -> Result<Self, String> {
        let mut allow = Self {
            text: text.trim().to_owned(),
            scopes: Vec::new(),
            networks: Vec::new(),
        };
        if allow.text.is_empty() {
            return Err(format!("is empty: the default is {DEFAULT}"));
        }
        for part in text.split(',').map(str::trim) {
            match part {
                "public" => allow.scopes.push(Scope::Public),
                "private" => allow.scopes.push(Scope::Private),
                "loopback" => allow.scopes.push(Scope::Loopback),
                "link-local" => allow.scopes.push(Scope::LinkLocal),
                "all" => allow.scopes.extend([
                    Scope::Public,
                    Scope::Private,
                    Scope::Loopback,
                    Scope::LinkLocal,
                ]),
                _ => allow.networks.push(Network::read(part)?),
            }
        }
        Ok(allow)
    }

    /// Refuses an address that the policy does not name; the error is a sentence for the log.
    pub fn check(&self, address: IpAddr) -> Result<(), String> {
        let meant = meant(address);
        let scope = Scope::of(meant);
        if scope == Scope::Unusable {
            return Err(format!(
                "the address {address} is unspecified, multicast, broadcast or reserved"
            ));
        }
        if self.scopes.contains(&scope) || self.networks.iter().any(|n| n.contains(meant)) {
            return Ok(());
        }
        Err(format!(
            "the address {address} is {}, and webhook_allow is {}",
            scope.name(),
            self.text.escape_debug()
        ))
    }
}

impl Default for Allow {
    fn default() -> Self {
        Self {
            text: DEFAULT.to_owned(),
            scopes: vec![Scope::Public, Scope::Private, Scope::Loopback],
            networks: Vec::new(),
        }
    }
}

impl Scope {
    /// The scope of an address that [`meant`] has returned.
    fn of(address: IpAddr) -> Self {
        if METADATA.contains(&address) {
            return Self::LinkLocal;
        }
        match address {
            IpAddr::V4(v4) => match v4.octets() {
                [0 | 224..=255, ..] => Self::Unusable,
                [127, ..] => Self::Loopback,
                [169, 254, ..] => Self::LinkLocal,
                [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => {
                    Self::Private
                }
                _ => Self::Public,
            },
            IpAddr::V6(Ipv6Addr::LOCALHOST) => Self::Loopback,
            IpAddr::V6(v6) => match v6.segments()[0] {
                _ if v6.is_unspecified() => Self::Unusable,
                0xff00.. => Self::Unusable,
                0xfe80..0xfec0 => Self::LinkLocal,
                0xfc00..0xfe00 | 0xfec0..0xff00 => Self::Private,
                _ => Self::Public,
            },
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::Unusable => "unusable",
        }
    }
}

/// The IPv4 address to which an IPv6 address leads: mapped (RFC 4291), compatible (the same, deprecated), translated (RFC 6052,
/// 64:ff9b::/96) or 6to4 (RFC 3056). Any other address is itself.
fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let v4 = |high: u16, low: u16| IpAddr::V4((u32::from(high) << 16 | u32::from(low)).into());
    match v6.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => address,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] => v4(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        [0x2002, high, low, ..] => v4(high, low),
        _ => address,
    }
}

impl Network {
    /// Parses `address/prefix`; without a prefix, one address.
    fn read(text: &str) -> Result<Self, String> {
        let unknown = || {
            format!(
                "has \"{}\": it must be public, private, loopback, link-local, all or a network such as 10.1.0.0/16",
                text.escape_debug()
            )
        };
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address = IpAddr::from_str(address).map_err(|_| unknown())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            Some(prefix) => match prefix.parse() {
                Ok(prefix) if prefix <= bits => prefix,
                _ => {
                    return Err(format!(
                        "has the network {text}: its prefix must be 0 to {bits}"
                    ));
                }
            },
        };
        if meant(address) != address {
            return Err(format!(
                "has the network {text}: write the IPv4 network to which it leads"
            ));
        }
        let first = first(address, prefix);
        if first != address {
            return Err(format!(
                "has the network {text}: write {first}/{prefix} if that is meant"
            ));
        }
        Ok(Self { address, prefix })
    }

    fn contains(&self, address: IpAddr) -> bool {
        first(address, self.prefix) == self.address
    }
}

/// The address with the bits behind the prefix cleared.
fn first(address: IpAddr, prefix: u32) -> IpAddr {
    // A shift by all bits has no value.
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - prefix.min(32)).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(policy: &str, address: &str) -> bool {
        let allow = Allow::parse(policy).unwrap();
        allow.check(address.parse().unwrap()).is_ok()
    }

    fn refusal(policy: &str) -> String {
        Allow::parse(policy).unwrap_err().text.into_owned()
    }

    /// An address of each scope, at the edges of its networks.
    const SCOPES: [(&str, &[&str]); 4] = [
        (
            "public",
            &[
                "8.8.8.8",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "223.255.255.255",
                "2001:db8::1",
                "fbff::1",
                "64:ff9b::808:808",
                "::ffff:8.8.8.8",
            ],
        ),
        (
            "private",
            &[
                "10.0.0.0",
                "10.255.255.255",
                "100.64.0.0",
                "100.127.255.255",
                "172.16.0.0",
                "172.31.255.255",
                "192.168.0.0",
                "192.168.255.255",
                "fc00::",
                "fdff::1",
                "fec0::1",
                "::ffff:10.1.2.3",
                "::10.1.2.3",
                "2002:a01:203::1",
            ],
        ),
        (
            "loopback",
            &[
                "127.0.0.0",
                "127.255.255.255",
                "::1",
                "::ffff:127.0.0.1",
                "64:ff9b::7f00:1",
            ],
        ),
        (
            "link-local",
            &[
                "169.254.0.0",
                "169.254.169.254",
                "fe80::1",
                "febf::1",
                "::ffff:169.254.169.254",
                "64:ff9b::a9fe:a9fe",
                "fd00:ec2::254",
                "fd20:ce::254",
                "100.100.100.200",
                "168.63.129.16",
                "192.0.0.192",
            ],
        ),
    ];

    #[test]
    fn each_address_has_one_scope() {
        for (scope, addresses) in SCOPES {
            for address in addresses {
                for (policy, _) in SCOPES {
                    assert_eq!(
                        allows(policy, address),
                        policy == scope,
                        "{policy}: {address}"
                    );
                }
                assert!(allows("all", address), "{address}");
            }
        }
    }

    #[test]
    fn the_default_allows_all_but_link_local_addresses() {
        assert_eq!(Allow::default(), Allow::parse(DEFAULT).unwrap());
        for (scope, addresses) in SCOPES {
            for address in addresses {
                let allowed = Allow::default().check(address.parse().unwrap()).is_ok();
                assert_eq!(allowed, scope != "link-local", "{address}");
            }
        }
    }

    #[test]
    fn unspecified_multicast_and_broadcast_addresses_are_never_allowed() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "ff02::1",
            "::ffff:0.0.0.0",
        ] {
            assert!(!allows("all,0.0.0.0/0,::/0", address), "{address}");
        }
    }

    #[test]
    fn a_network_allows_its_addresses_alone() {
        for (network, inside, outside) in [
            ("10.1.0.0/16", "10.1.255.255", "10.2.0.0"),
            ("10.1.0.0/16", "::ffff:10.1.0.0", "::ffff:10.0.255.255"),
            ("10.1.2.3", "10.1.2.3", "10.1.2.4"),
            ("0.0.0.0/0", "8.8.8.8", "2001:db8::1"),
            ("::/0", "2001:db8::1", "8.8.8.8"),
            ("fd00:1::/32", "fd00:1:ffff::1", "fd00:2::1"),
            ("169.254.169.254/32", "169.254.169.254", "169.254.169.253"),
            ("fe80::1", "fe80::1", "fe80::2"),
        ] {
            assert!(allows(network, inside), "{network}: {inside}");
            assert!(!allows(network, outside), "{network}: {outside}");
        }
        assert!(allows(" loopback , 10.1.0.0/16", "127.0.0.1"));
    }

    #[test]
    fn an_error_names_the_part_that_is_refused() {
        for (policy, what) in [
            ("", "is empty: the default is public,private,loopback"),
            (" ", "is empty"),
            ("public,", "has \"\": it must be public, private"),
            ("Public", "has \"Public\""),
            ("internal", "has \"internal\""),
            ("10.0.0.0/33", "must be 0 to 32"),
            ("fe80::/129", "must be 0 to 128"),
            ("10.0.0.0/-1", "must be 0 to 32"),
            ("10.0.0.0/x", "must be 0 to 32"),
            ("10.1.2.3/16", "write 10.1.0.0/16"),
            ("fd00::1/8", "write fd00::/8"),
            ("::ffff:10.0.0.0/104", "write the IPv4 network"),
            ("10.1/16", "has \"10.1/16\""),
        ] {
            let text = refusal(policy);
            assert!(text.starts_with("webhook_allow "), "{text}");
            assert!(text.contains(what), "{policy}: {text}");
        }
    }

    #[test]
    fn a_refusal_names_the_address_and_the_policy() {
        let allow = Allow::parse("public,10.0.0.0/8").unwrap();
        assert_eq!(
            allow.check("127.0.0.1".parse().unwrap()).unwrap_err(),
            "the address 127.0.0.1 is loopback, and webhook_allow is public,10.0.0.0/8"
        );
    }
}
