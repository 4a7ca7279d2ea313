//! Percent-encoding (RFC 3986 §2.1).

use super::host::Parsed;

const NOT_AN_ESCAPE: &str = "a percent sign without two hexadecimal digits";

/// Percent-encodes what a path or query cannot have (RFC 3986 §3.3, §3.4); its escapes stay as they are. Square
/// brackets stay too: they are not allowed in a query either, but servers are used to them.
pub fn encode(text: &str) -> Parsed<String> {
    let mut encoded = String::with_capacity(text.len() + 1);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'%' if escaped(text, at).is_none() => return Err((at, NOT_AN_ESCAPE)),
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x80.. => {
                encoded.push_str(&format!("%{byte:02X}"));
            }
            _ => encoded.push(char::from(byte)),
        }
    }
    Ok(encoded)
}

/// The text that the escapes stand for.
pub fn decode(text: &str) -> Parsed<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'%' => {
                bytes.push(escaped(text, at).ok_or((at, NOT_AN_ESCAPE))?);
                at += 3;
            }
            byte => {
                bytes.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| (0, "percent-encoded bytes that are not UTF-8"))
}

/// The byte that `pct-encoded` at this offset stands for, if it is one.
fn escaped(text: &str, at: usize) -> Option<u8> {
    let digits = text.as_bytes().get(at + 1..at + 3)?;
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    match digits {
        [high, low] => Some((value(*high)? << 4) | value(*low)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_two_hexadecimal_digits_of_utf_8() {
        assert_eq!(decode("a%20%C3%a4%25").as_deref(), Ok("a \u{e4}%"));
        for (text, at) in [("%", 0), ("a%2", 1), ("%+1", 0), ("%2\u{e4}", 0), ("a%20%g0", 4), ("a%C3", 0), ("%ff", 0)] {
            assert_eq!(decode(text).map_err(|fault| fault.0), Err(at), "{text}");
        }
        assert_eq!(encode("/%20\u{e4}\"[]").as_deref(), Ok("/%20%C3%A4%22[]"));
        assert_eq!(encode("/a%zz").map_err(|fault| fault.0), Err(2));
    }
}
