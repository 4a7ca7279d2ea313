//! What may be shown of texts that may hold a secret: every error, reply and log line takes them from here.

use super::authority::parse_place;
use super::chars::is_token;
use std::fmt;

const MASK: &str = "***";

/// A malformed URI without what might be a password in it: everything between the scheme and the last `@`, wherever
/// that stands. Nobody can tell where the credentials end.
pub fn masked(text: &str) -> String {
    let is_scheme = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric());
    let start =
        text.split_once("//").map_or(0, |(scheme, _)| match is_scheme(scheme.strip_suffix(':').unwrap_or(scheme)) {
            true => scheme.len() + 2,
            false => 0, // two slashes of a password
        });
    match text.rfind('@') {
        Some(end) if end >= start => format!("{}{MASK}{}", &text[..start], &text[end..]),
        _ => text.to_owned(),
    }
}

/// A reference to a URI, such as a Location, without the credentials in its authority. An `@` further on is part of
/// the path and stays, unless the authority is so malformed that a password may go on beyond it.
pub fn masked_reference(text: &str) -> String {
    if text.starts_with(['/', '?', '#']) && !text.starts_with("//") {
        return text.to_owned(); // no authority
    }
    let start = text.find("//").map_or(0, |at| at + 2);
    let (before, rest) = text.split_at(start);
    let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (userinfo, place) = authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
    match (parse_place(place), userinfo) {
        (Ok(_), Some(_)) => format!("{before}{MASK}@{place}{after}"),
        (Ok(_), None) if start > 0 => text.to_owned(),
        _ => masked(text),
    }
}

/// The value of a header field as an error may have it. Whatever its name says of authorization is a secret, and so
/// is what proves a session; what a server sets is the host's business.
pub fn shown_value(name: &str, value: &str) -> String {
    match name {
        _ if is_secret(name) => MASK.to_owned(),
        _ if name.eq_ignore_ascii_case("Location") => masked_reference(value),
        _ => value.to_owned(),
    }
}

/// The name of a header field as an error may have it. One that is no token may be a whole line by mistake.
pub fn shown_name(name: &str) -> String {
    match is_secret(name) && !is_token(name.as_bytes()) {
        true => format!("{}{MASK}", name.split([':', ' ', '\t', '\r', '\n']).next().unwrap_or_default()),
        false => name.to_owned(),
    }
}

/// Also for names that are malformed: they are what errors are about.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("authorization") || (name.contains("cookie") && !name.contains("set-cookie"))
}

/// Header fields for Debug.
pub struct Shown<'a>(pub &'a [(String, String)]);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, value)| (shown_name(name), shown_value(name, value)))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_references_are_masked_and_nothing_else_if_that_is_certain() {
        for (text, shown) in [
            ("ws://u:secret@h/a@b", "ws://***@h/a@b"),
            ("//u:secret@h", "//***@h"),
            ("wss://h/users/@me?a@b", "wss://h/users/@me?a@b"),
            ("/users/@me", "/users/@me"),
            ("?@", "?@"),
            ("ws://u:s@cret@h", "ws://***@h"),
            ("ws://u:sec/ret@h", "ws://***@h"),
            ("ws:u:secret@h", "***@h"),
            ("u:secret@h", "***@h"),
            ("secret@h", "***@h"),
            ("http://token@h/", "http://***@h/"),
            ("ws://u:secret@[fe80::1%25eth0]:1/", "ws://***@[fe80::1%25eth0]:1/"),
        ] {
            assert_eq!(masked_reference(text), shown);
        }
    }

    #[test]
    fn header_fields_that_prove_who_one_is_are_masked() {
        for name in ["Authorization", "proxy-authorization", "X-Authorization", "Cookie", "Cookie2", "authorization "] {
            assert_eq!(shown_value(name, "Basic secret"), "***", "{name}");
        }
        assert_eq!(shown_value("Set-Cookie", "a=b"), "a=b");
        assert_eq!(shown_value("location", "ws://u:p@h/"), "ws://***@h/");
        assert_eq!(shown_name("Authorization: Basic secret"), "Authorization***");
        assert_eq!(shown_name("X y"), "X y");
        let fields = [("Authorization".to_owned(), "secret".to_owned()), ("A".to_owned(), "b".to_owned())];
        assert_eq!(format!("{:?}", Shown(&fields)), r#"[("Authorization", "***"), ("A", "b")]"#);
    }
}
