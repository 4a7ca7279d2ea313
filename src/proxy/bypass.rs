//! The hosts that no proxy is used for.

use std::net::IpAddr;

/// A `NO_PROXY`, taken apart. Entries that make no sense are ignored, as everybody does: there is nobody to tell, and
/// the others still count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bypass {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    hosts: Hosts,
    /// `None` is every port.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    All,
    /// Everything below a name, and perhaps itself. In lower case, without a dot at either end.
    Domain {
        name: String,
        itself: bool,
    },
    /// The addresses that share the first bits of this one.
    Network {
        address: IpAddr,
        bits: u32,
    },
}

impl Bypass {
    /// Parses a list, separated by commas or white space, of
    /// - `*`: every host;
    /// - `example.com` or `.example.com`: this name and everything below it; `*.example.com`: only what is below it;
    /// - `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]`: this address;
    /// - `192.0.2.0/24`, `2001:db8::/32`: these addresses;
    ///
    /// all but the last with `:port` behind them, if only that port is meant. An IPv6 address needs its brackets then.
    pub fn parse(no_proxy: &str) -> Self {
        let separator = |c: char| c == ',' || c.is_whitespace();
        let entries = no_proxy.split(separator).filter(|text| !text.is_empty());
        Self { entries: entries.filter_map(|text| Entry::parse(&text.to_ascii_lowercase())).collect() }
    }

    /// This host and port are reached without a proxy. Whatever its case; a dot at the end of a name means nothing.
    /// Names are not looked up: an address in the list is that of a host given by its address. Nothing is special
    /// unless the list has it, `localhost` and loopback addresses neither.
    pub fn covers(&self, host: &str, port: u16) -> bool {
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let address = host.parse().ok().map(|ip: IpAddr| ip.to_canonical());
        self.entries.iter().any(|entry| entry.covers(&host, address, port))
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        if let Some(network) = Hosts::parse_network(text) {
            return Some(Self { hosts: network, port: None });
        }
        let (host, port) = split_port(text)?;
        Some(Self { hosts: Hosts::parse(host)?, port })
    }

    fn covers(&self, host: &str, address: Option<IpAddr>, port: u16) -> bool {
        self.port.is_none_or(|p| p == port) && self.hosts.cover(host, address)
    }
}

impl Hosts {
    /// `address ["/" bits]`, without brackets.
    fn parse_network(text: &str) -> Option<Self> {
        let Some((address, bits)) = text.split_once('/') else {
            return text.parse().ok().map(Self::single);
        };
        let address: IpAddr = address.parse().ok()?;
        let only_digits = !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit());
        let bits: u32 = bits.parse().ok().filter(|bits| only_digits && *bits <= width(address))?;
        // ::ffff:0:0/96 and what is in it is IPv4, as in the addresses that are held against it.
        match address.to_canonical() {
            canonical if width(canonical) == width(address) => Some(Self::Network { address, bits }),
            address => bits.checked_sub(96).map(|bits| Self::Network { address, bits }),
        }
    }

    /// Everything that may have a port behind it.
    fn parse(host: &str) -> Option<Self> {
        if host == "*" {
            return Some(Self::All);
        }
        if let Some(literal) = host.strip_prefix('[') {
            return literal.strip_suffix(']')?.parse().ok().map(Self::single);
        }
        if let Ok(address) = host.parse() {
            return Some(Self::single(address));
        }
        let below = host.strip_prefix("*.");
        let name = below.or(host.strip_prefix('.')).unwrap_or(host);
        let name = name.strip_suffix('.').unwrap_or(name);
        let is_fit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        let is_name = !name.is_empty() && name.bytes().all(is_fit);
        is_name.then(|| Self::Domain { name: name.to_owned(), itself: below.is_none() })
    }

    fn single(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self::Network { address, bits: width(address) }
    }

    fn cover(&self, host: &str, address: Option<IpAddr>) -> bool {
        match self {
            Self::All => true,
            Self::Network { address: network, bits } => address.is_some_and(|a| shares_bits(a, *network, *bits)),
            // An address is below nothing: 10.0.0.1 is not a host in the domain 0.1.
            Self::Domain { .. } if address.is_some() => false,
            Self::Domain { name, itself } => match host.strip_suffix(name.as_str()) {
                Some("") => *itself,
                Some(labels) => labels.ends_with('.'),
                None => false,
            },
        }
    }
}

/// The port behind a host, if there is one. An empty one is none; several colons are an IPv6 address without brackets,
/// which cannot have one.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    let Some((host, port)) = text.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) else {
        return Some((text, None));
    };
    let is_port = port.bytes().all(|b| b.is_ascii_digit());
    match port.parse() {
        _ if !is_port => None,
        Ok(port) => Some((host, Some(port))),
        Err(_) => port.is_empty().then_some((host, None)),
    }
}

/// How many bits an address has.
fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn shares_bits(a: IpAddr, b: IpAddr, bits: u32) -> bool {
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= bits,
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= bits,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Peers = &'static [(&'static str, u16)];

    #[test]
    fn hosts_that_are_covered_and_hosts_that_are_not() {
        let cases: &[(&str, Peers, Peers)] = &[
            ("", &[], &[("a", 80), ("", 80)]),
            (" , ,, ", &[], &[("a", 80), ("", 80)]),
            ("*", &[("a", 1), ("127.0.0.1", 2), ("::1", 3)], &[]),
            ("x, *", &[("a", 1)], &[]),
            ("*:80", &[("a", 80), ("::1", 80)], &[("a", 81)]),
            (
                "example.com",
                &[("example.com", 80), ("EXAMPLE.com.", 443), ("www.example.com", 1), ("a.b.example.com", 1)],
                &[("badexample.com", 80), ("example.com.org", 80), ("com", 80), ("example", 80)],
            ),
            (".example.com", &[("example.com", 80), ("www.example.com", 80)], &[("badexample.com", 80)]),
            ("*.example.com", &[("www.example.com", 80), ("a.b.example.com", 80)], &[("example.com", 80)]),
            ("Example.COM.", &[("example.com", 80), ("www.example.com", 80)], &[("xexample.com", 80)]),
            (
                "example.com:8080",
                &[("example.com", 8080), ("www.example.com", 8080)],
                &[("example.com", 80), ("example.com", 443)],
            ),
            ("example.com:", &[("example.com", 1)], &[("example.org", 1)]),
            ("a,b\tc\nd  e", &[("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1)], &[("f", 1)]),
            ("192.0.2.1", &[("192.0.2.1", 1), ("::ffff:192.0.2.1", 1), ("192.0.2.1.", 1)], &[("192.0.2.10", 1)]),
            ("192.0.2.1:80", &[("192.0.2.1", 80)], &[("192.0.2.1", 81), ("192.0.2.2", 80)]),
            ("::ffff:192.0.2.1", &[("192.0.2.1", 1)], &[("::192.0.2.1", 1)]),
            ("::1", &[("::1", 1), ("[::1]", 1), ("0:0:0:0:0:0:0:1", 1)], &[("::2", 1), ("127.0.0.1", 1)]),
            ("[::1]", &[("::1", 1)], &[("::2", 1)]),
            ("[::1]:80", &[("::1", 80), ("[::1]", 80)], &[("::1", 81)]),
            ("10.0.0.0/8", &[("10.0.0.0", 1), ("10.255.255.255", 1), ("::ffff:10.1.2.3", 1)], &[("11.0.0.0", 1)]),
            ("10.1.2.3/8", &[("10.9.9.9", 1)], &[("9.1.2.3", 1)]),
            ("10.0.0.0/31", &[("10.0.0.0", 1), ("10.0.0.1", 1)], &[("10.0.0.2", 1)]),
            ("10.0.0.1/32", &[("10.0.0.1", 1)], &[("10.0.0.0", 1), ("10.0.0.2", 1)]),
            ("0.0.0.0/0", &[("1.2.3.4", 1), ("255.255.255.255", 1)], &[("::1", 1), ("a", 1)]),
            ("::/0", &[("::1", 1), ("ff::", 1)], &[("1.2.3.4", 1), ("a", 1)]),
            ("2001:db8::/32", &[("2001:db8::1", 1), ("[2001:DB8:ffff::]", 1)], &[("2001:db9::", 1)]),
            ("2001:db8::/33", &[("2001:db8:7fff::", 1)], &[("2001:db8:8000::", 1)]),
            ("::1/128", &[("::1", 1)], &[("::", 1)]),
            ("::ffff:10.0.0.0/104", &[("10.1.2.3", 1)], &[("11.1.2.3", 1)]),
            // An address is below nothing, a name is no address.
            ("0.1", &[], &[("10.0.0.1", 1)]),
            ("1", &[], &[("10.0.0.1", 1)]),
            ("127.0.0.1", &[], &[("localhost", 1)]),
            ("localhost", &[("localhost", 1), ("db.localhost", 1)], &[("127.0.0.1", 1), ("::1", 1)]),
            // What makes no sense is ignored, and nothing but that.
            ("10.0.0.0/33,a", &[("a", 1)], &[("10.0.0.0", 1)]),
            ("10.0.0.0/,10.0.0.0/+8,10.0.0.0/8x,10.0.0.0/8:80,/8,a", &[("a", 1)], &[("10.0.0.0", 80)]),
            ("::/129,::ffff:0:0/95,[::]/0,[::1,[::1]x,::1::2:80,a", &[("a", 1)], &[("::1", 80), ("1.2.3.4", 80)]),
            ("x:0x50,x:65536,x:80:80,x:-1,:80,a", &[("a", 1)], &[("x", 80), ("", 80), ("x", 0)]),
            (".,*.,..,*.*,ex*mple.com,http://x,x/y,\u{e4},a", &[("a", 1)], &[("x", 1), ("example.com", 1), ("", 1)]),
        ];
        for (no_proxy, covered, others) in cases {
            let bypass = Bypass::parse(no_proxy);
            for (host, port) in *covered {
                assert!(bypass.covers(host, *port), "{no_proxy:?} covers {host:?} {port}");
            }
            for (host, port) in *others {
                assert!(!bypass.covers(host, *port), "{no_proxy:?} does not cover {host:?} {port}");
            }
        }
    }
}
