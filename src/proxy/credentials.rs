//! User and password, as a proxy's URL brings them.

use super::kind::Kind;

/// What the length bytes of RFC 1929 can say; as much is plenty for the user of SOCKS4.
const SOCKS_MAX: usize = 255;

/// Offset of the fault in the text, and what it is.
pub(super) type Fault = (usize, &'static str);

/// `user [":" password]`, each percent-decoded. A user alone has an empty password; a text that is empty is none.
pub(super) fn parse(text: &str) -> Result<Option<(String, String)>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    let password = decode(password).map_err(|(at, detail)| (user.len() + 1 + at, detail))?;
    Ok(Some((decode(user)?, password)))
}

/// What this kind of proxy cannot be told, or cannot be told without being misunderstood.
pub(super) fn judge(kind: Kind, user: &str, password: &str) -> Result<(), &'static str> {
    if user.chars().chain(password.chars()).any(char::is_control) {
        return Err("a control character in the credentials");
    }
    match kind {
        Kind::Http | Kind::Https if user.contains(':') => Err("a user with a colon, which ends it in HTTP"),
        Kind::Http | Kind::Https => Ok(()),
        Kind::Socks4 | Kind::Socks4a if !password.is_empty() => Err("SOCKS4 has a user but no password"),
        _ if user.len() > SOCKS_MAX => Err("a SOCKS user has at most 255 bytes"),
        _ if password.len() > SOCKS_MAX => Err("a SOCKS password has at most 255 bytes"),
        Kind::Socks5 | Kind::Socks5h if user.is_empty() => Err("a SOCKS5 password needs a user"),
        _ => Ok(()),
    }
}

/// Undoes percent-encoding (RFC 3986 §2.1). What comes out must be UTF-8.
fn decode(text: &str) -> Result<String, Fault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        let (byte, tail) = match (byte, tail) {
            (b'%', [high, low, tail @ ..]) => (hex(*high, *low), tail),
            (b'%', _) => (None, tail),
            _ => (Some(*byte), tail),
        };
        let at = text.len() - rest.len();
        bytes.push(byte.ok_or((at, "a percent sign without two hexadecimal digits"))?);
        rest = tail;
    }
    String::from_utf8(bytes).map_err(|_| (0, "percent-encoded bytes that are not UTF-8"))
}

/// The byte that two hexadecimal digits stand for.
fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    Some((digit(high)? << 4) | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_decoded_once() {
        let parsed = |text| parse(text).unwrap().unwrap();
        let pair = |user: &str, password: &str| (user.to_owned(), password.to_owned());
        assert_eq!(parsed("u:p"), pair("u", "p"));
        assert_eq!(parsed("u"), pair("u", ""));
        assert_eq!(parsed("u:"), pair("u", ""));
        assert_eq!(parsed(":p"), pair("", "p"));
        assert_eq!(parsed("u:a:b"), pair("u", "a:b"));
        assert_eq!(parsed("%75%2525%3a:%C3%a4+%40%2F"), pair("u%25:", "\u{e4}+@/"));
        assert_eq!(parsed("\u{e4}:\u{20ac}"), pair("\u{e4}", "\u{20ac}"));
        assert_eq!(parse(""), Ok(None));
    }

    #[test]
    fn are_refused_at_their_position() {
        let cases =
            [("%", 0), ("u%4", 1), ("u:%", 2), ("u:p%zz", 3), ("u:%+1", 2), ("%\u{e4}", 0), ("u:%ff", 2), ("%c3:", 0)];
        for (text, at) in cases {
            assert_eq!(parse(text).map_err(|fault| fault.0), Err(at), "{text}");
        }
    }

    #[test]
    fn every_kind_takes_what_it_can_say() {
        let (most, more) = ("x".repeat(255), "x".repeat(256));
        let fine = |kind, user: &str, password: &str| judge(kind, user, password).is_ok();
        for kind in [Kind::Http, Kind::Https] {
            assert!(fine(kind, "", "p") && fine(kind, &more, &more) && fine(kind, "u", ":"));
            assert!(!fine(kind, "u:", "p"));
        }
        for kind in [Kind::Socks4, Kind::Socks4a] {
            assert!(fine(kind, &most, "") && fine(kind, "", ""));
            assert!(!fine(kind, &more, "") && !fine(kind, "u", "p"));
        }
        for kind in [Kind::Socks5, Kind::Socks5h] {
            assert!(fine(kind, &most, &most) && fine(kind, "u", ""));
            assert!(!fine(kind, &more, "p") && !fine(kind, "u", &more) && !fine(kind, "", "p"));
        }
        for control in ["\0", "\r", "\n", "\x7f", "\u{85}"] {
            assert!(!fine(Kind::Http, control, "") && !fine(Kind::Socks4, control, ""));
            assert!(!fine(Kind::Socks5, "u", control));
        }
    }
}
