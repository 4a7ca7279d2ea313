//! The authority of a URI: who, where, which port (RFC 3986 §3.2).

use super::credentials::Credentials;
use super::host::{HostPort, Parsed, judge_name, shift};
use super::percent;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// `[userinfo "@"] host [":" port]`, as people write it: with names of any script and with zones, which a Host header
/// or an Origin cannot have.
#[derive(Debug)]
pub(super) struct Authority {
    pub(super) user: Option<Credentials>,
    /// In ASCII and in lower case, save for a zone behind its percent sign.
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

impl Authority {
    pub(super) fn parse(text: &str) -> Parsed<Self> {
        let (user, place) = match text.rsplit_once('@') {
            Some((userinfo, place)) => (Some(Credentials::from_userinfo(userinfo)?), place),
            None => (None, text),
        };
        let (host, port) = parse_place(place).map_err(shift(text.len() - place.len()))?;
        Ok(Self { user, host, port })
    }
}

/// Host and port.
pub(super) fn parse_place(text: &str) -> Parsed<(String, Option<u16>)> {
    let literal = text.split_once(']').map_or("", |(literal, _)| literal);
    if let (true, Some(zone_at)) = (text.starts_with('['), literal.find('%')) {
        return parse_zoned(text, zone_at, literal.len());
    }
    let name = text.split(':').next().unwrap_or_default();
    if name.is_ascii() && !name.contains('%') {
        let HostPort { host, port } = HostPort::try_parse(text)?;
        return Ok((host.to_ascii_lowercase(), port));
    }
    let ascii = to_ascii(name).map_err(|(_, detail)| (0, detail))?;
    parse_respelled(&ascii, text, name.len())
}

/// RFC 6874: the zone says which of our own links an address is on. Its percent sign should be written `%25`; people
/// paste addresses as their tools show them, and nothing else can be meant, so a bare one will do.
fn parse_zoned(text: &str, zone_at: usize, end: usize) -> Parsed<(String, Option<u16>)> {
    let (before, after) = (text.get(..zone_at).unwrap_or_default(), text.get(zone_at..end).unwrap_or_default());
    let zone = match after.strip_prefix("%25") {
        Some(zone) => percent::decode(zone).map_err(shift(zone_at + 3))?,
        None => after.strip_prefix('%').unwrap_or(after).to_owned(),
    };
    let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | ':');
    if zone.is_empty() || !zone.chars().all(is_fit) {
        return Err((zone_at, "not the name or the number of a zone behind the percent sign"));
    }
    let (host, port) = parse_respelled(before, text, end)?;
    Ok((format!("{host}%{zone}"), port))
}

/// Parses the text with its first `len` bytes spelled another way. Positions stay those of the text.
fn parse_respelled(start: &str, text: &str, len: usize) -> Parsed<(String, Option<u16>)> {
    let respelled = format!("{start}{}", text.get(len..).unwrap_or_default());
    let position = |at: usize| if at <= start.len() { at.min(len) } else { at - start.len() + len };
    let HostPort { host, port } = HostPort::try_parse(&respelled).map_err(|(at, detail)| (position(at), detail))?;
    Ok((host.to_ascii_lowercase(), port))
}

/// The A-labels of a name (UTS 46, non-transitional, STD3 rules, the lengths of DNS). RFC 3986 §3.2.2 allows a name to
/// be percent-encoded, so that is undone first; what comes of it is judged like any other name.
fn to_ascii(name: &str) -> Parsed<String> {
    let name = percent::decode(name)?;
    if name.is_ascii() {
        return judge_name(&name).map(|()| name);
    }
    let (deny, hyphens) = (AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let ascii = Uts46::new().to_ascii(name.as_bytes(), deny, hyphens, DnsLength::VerifyAllowRootDot);
    let ascii = ascii.map_err(|_| (0, "the host is not a valid internationalized name"))?;
    judge_name(&ascii).map(|()| ascii.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_script_become_ascii() {
        for (name, ascii) in [
            ("b\u{fc}cher.example", "xn--bcher-kva.example"),
            ("B\u{dc}CHER.Example.", "xn--bcher-kva.example."),
            ("bu\u{308}cher.example", "xn--bcher-kva.example"),
            ("fa\u{df}.de", "xn--fa-hia.de"), // non-transitional: not fass.de
            ("\u{65e5}\u{672c}\u{ff0e}jp", "xn--wgv71a.jp"),
            ("b%C3%BCcher.example", "xn--bcher-kva.example"),
            ("%65xample.com", "example.com"),
            ("a%5fb", "a_b"),
            ("\u{1f4a9}.la", "xn--ls8h.la"),
            ("a--\u{e4}.de", "xn--a---sla.de"),
            ("\u{ff11}27.0.0.1", "127.0.0.1"),
        ] {
            assert_eq!(parse_place(name), Ok((ascii.to_owned(), None)), "{name}");
        }
        assert_eq!(parse_place("b\u{fc}.de:81"), Ok(("xn--b-eha.de".to_owned(), Some(81))));
    }

    #[test]
    fn what_no_name_can_be_is_refused_at_its_position() {
        let long = format!("{}.de", "\u{fc}".repeat(63));
        for (name, at) in [
            ("\u{fc}..de", 0),
            ("\u{fc}_.de", 0),
            ("-\u{fc}.de", 0),
            ("\u{fc}\u{ff0f}x.de", 0), // a slash of double width
            ("\u{ff20}h", 0),
            ("\u{ad}", 0),
            ("\u{fffd}.de", 0),
            ("a\u{200d}\u{fc}", 0),
            ("\u{5d0}a.de", 0), // both directions in one label
            ("xn--\u{fc}.de", 0),
            ("\u{ff11}27.1", 0),
            ("a%20b", 0),
            ("a%2Fb", 0),
            ("a%3A80", 0),
            ("a%40b", 0),
            ("a%00b", 0),
            ("%5B::1%5D", 0),
            ("a%FFb", 0),
            ("a%2", 0),
            ("b\u{fc}.de:x", 7),
            ("h%41:0", 5),
            (long.as_str(), 0),
        ] {
            assert_eq!(parse_place(name).map_err(|fault| fault.0), Err(at), "{name}");
        }
    }

    #[test]
    fn zones() {
        for (text, host, port) in [
            ("[fe80::1%25eth0]", "fe80::1%eth0", None),
            ("[FE80::1%eth0]:80", "fe80::1%eth0", Some(80)),
            ("[fe80::1%ETH0.100]", "fe80::1%ETH0.100", None),
            ("[fe80::1%2]", "fe80::1%2", None),
            ("[fe80::1%253]", "fe80::1%3", None),
            ("[fe80::1%25eth0%3A1]", "fe80::1%eth0:1", None),
        ] {
            assert_eq!(parse_place(text), Ok((host.to_owned(), port)), "{text}");
        }
        for (text, at) in [
            ("[fe80::1%25]", 8),
            ("[fe80::1%]", 8),
            ("[fe80::1%25a%2]", 12),
            ("[fe80::1%a b]", 8),
            ("[fe80::1%25a%20b]", 8),
            ("[fe80::1%a%62]", 8),
            ("[fe80::1%25\u{fc}]", 8),
            ("[fe80::1%eth0", 0),
            ("[fe80::x%eth0]", 1),
            ("[%eth0]", 1),
            ("[fe80::1%eth0]x", 14),
            ("[fe80::1%eth0]:0", 15),
            ("[fe80::1]:%eth0", 10),
            ("fe80::1%eth0", 4),
        ] {
            assert_eq!(parse_place(text).map_err(|fault| fault.0), Err(at), "{text}");
        }
    }
}
