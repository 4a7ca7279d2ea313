//! Whom a certificate is about, as text.

/// The subject of an X.509 certificate in the notation of RFC 4514, `CN=Anna,O=Example`; empty when it has none,
/// `None` when the certificate cannot be parsed.
pub(super) fn subject(der: &[u8]) -> Option<String> {
    let certificate = expect(der, SEQUENCE)?.value;
    let mut rest = expect(certificate, SEQUENCE)?.value;
    if expect(rest, VERSION).is_some() {
        rest = element(rest)?.rest;
    }
    // serialNumber, signature, issuer, validity; RFC 5280 §4.1
    for _ in 0..4 {
        rest = element(rest)?.rest;
    }
    let names: Option<Vec<String>> = elements(expect(rest, SEQUENCE)?.value).map(|set| relative(set?)).collect();
    let mut names = names?;
    names.reverse(); // RFC 4514 §2.1
    Some(names.join(","))
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OID: u8 = 0x06;
const VERSION: u8 = 0xa0;

/// One element of DER.
struct Element<'a> {
    tag: u8,
    value: &'a [u8],
    /// Tag and length included.
    whole: &'a [u8],
    rest: &'a [u8],
}

fn element(der: &[u8]) -> Option<Element<'_>> {
    let (&tag, after) = der.split_first()?;
    let (&first, after) = after.split_first()?;
    let (len, after) = match first {
        0..=0x7f => (usize::from(first), after),
        0x81..=0x83 => {
            let (len, after) = after.split_at_checked(usize::from(first & 0x7f))?;
            (len.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), after)
        }
        _ => return None,
    };
    let (value, rest) = after.split_at_checked(len)?;
    Some(Element { tag, value, whole: &der[..der.len() - rest.len()], rest })
}

fn expect(der: &[u8], tag: u8) -> Option<Element<'_>> {
    element(der).filter(|found| found.tag == tag)
}

/// The elements one behind the other; `None` for one that is damaged, which is the last then.
fn elements(der: &[u8]) -> impl Iterator<Item = Option<Element<'_>>> {
    let mut rest = der;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let next = element(rest);
        rest = next.as_ref().map_or(&[], |next| next.rest);
        Some(next)
    })
}

/// A RelativeDistinguishedName: `CN=Anna`, or several joined by plus signs.
fn relative(set: Element<'_>) -> Option<String> {
    if set.tag != SET {
        return None;
    }
    let parts: Option<Vec<String>> = elements(set.value).map(|pair| attribute(pair?.value)).collect();
    parts.map(|parts| parts.join("+"))
}

fn attribute(pair: &[u8]) -> Option<String> {
    let kind = expect(pair, OID)?;
    let value = element(kind.rest)?;
    let short = SHORT.iter().find(|(oid, _)| *oid == kind.value).map(|(_, name)| *name);
    Some(match (short, text(&value)) {
        (Some(name), Some(text)) => format!("{name}={}", escape(&text)),
        (Some(name), None) => format!("{name}={}", hex(value.whole)),
        (None, _) => format!("{}={}", dotted(kind.value), hex(value.whole)),
    })
}

/// The types that RFC 4514 §3 gives short names.
const SHORT: &[(&[u8], &str)] = &[
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 9], "STREET"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1], "UID"),
];

/// The string types of ASN.1.
fn text(value: &Element<'_>) -> Option<String> {
    let bytes = value.value;
    match value.tag {
        0x0c | 0x12 | 0x13 | 0x16 => std::str::from_utf8(bytes).ok().map(str::to_owned),
        0x14 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        0x1e if bytes.len() % 2 == 0 => {
            let units = bytes.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]]));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        _ => None,
    }
}

/// RFC 4514 §2.4.
fn escape(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => escaped.extend(['\\', c]),
            ' ' if at == 0 || at == last => escaped.push_str("\\ "),
            '#' if at == 0 => escaped.push_str("\\#"),
            c if c.is_ascii_control() => escaped.push_str(&format!("\\{:02X}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("#".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

fn dotted(oid: &[u8]) -> String {
    let mut arcs = Vec::new();
    let mut arc = 0u64;
    for byte in oid {
        arc = (arc << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    let Some((&first, more)) = arcs.split_first() else { return String::new() };
    let top = (first / 40).min(2);
    more.iter().fold(format!("{top}.{}", first - 40 * top), |text, arc| format!("{text}.{arc}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_the_notation_is_escaped() {
        assert_eq!(escape(r#" a,b+"c"\<d>; "#), r#"\ a\,b\+\"c\"\\\<d\>\;\ "#);
        assert_eq!(escape("#1\n"), "\\#1\\0A");
        assert_eq!(escape("Bürger #1"), "Bürger #1");
    }

    #[test]
    fn oids_are_written_with_dots() {
        assert_eq!(dotted(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1]), "1.2.840.113549.1.9.1");
        assert_eq!(dotted(&[0x55, 4, 3]), "2.5.4.3");
        assert_eq!(dotted(&[0x88, 0x37]), "2.999");
    }

    #[test]
    fn damaged_certificates_have_no_subject() {
        assert_eq!(subject(b""), None);
        assert_eq!(subject(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(subject(&[0x30, 0x02, 0x30, 0x05]), None);
    }
}
