//! A proxy: where it is and what it wants to hear.

use super::kind::Kind;
use super::{credentials, url};
use crate::error::{Error, Operation, Result, Status};
use std::fmt;

/// A proxy to go through. Shows itself without its credentials, in `Debug` too.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// What it speaks.
    pub kind: Kind,
    /// A name in lower case, or an address; an IPv6 address without its brackets.
    pub host: String,
    /// As given, or the default of the kind.
    pub port: u16,
    /// User and password, percent-decoded. SOCKS4 knows the user only; the password is empty then.
    pub user: Option<(String, String)>,
}

impl Proxy {
    /// Parses a URL such as `http://user:password@proxy.example:3128` or `socks5h://[::1]`; INVALID_PROXY says what is
    /// wrong with it and where.
    pub fn parse(text: &str) -> Result<Self> {
        url::parse(text, |scheme| Kind::of_scheme(scheme?))
    }

    /// The connection to the proxy itself is TLS.
    pub fn is_tls(&self) -> bool {
        self.kind == Kind::Https
    }

    /// The target's name is looked up here: the proxy gets its address. Otherwise the proxy gets the name, and no
    /// query leaves this machine.
    pub fn resolves_locally(&self) -> bool {
        matches!(self.kind, Kind::Socks4 | Kind::Socks5)
    }

    /// Of the addresses found here, only those of IPv4 are of use.
    pub fn wants_ipv4(&self) -> bool {
        self.kind == Kind::Socks4
    }

    /// Refuses credentials that this kind of proxy cannot be told. [`Proxy::parse`] has done so; a proxy that was put
    /// together otherwise has not been seen.
    pub(super) fn judge(&self) -> Result<()> {
        let Some((user, password)) = &self.user else {
            return Ok(());
        };
        credentials::judge(self.kind, user, password).map_err(|detail| {
            Error::new(Status::INVALID_PROXY, detail).with(|e| {
                e.operation = Operation::Proxy;
                e.proxy = self.to_string();
            })
        })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{}://{open}{}{close}:{}", self.kind.scheme(), self.host, self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = if self.user.is_some() { ", with credentials" } else { "" };
        write!(f, "Proxy({self}{user})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let cases = [
            ("http://proxy", Kind::Http, "proxy", 80, "http://proxy:80"),
            ("HTTPS://Proxy.Example/", Kind::Https, "proxy.example", 443, "https://proxy.example:443"),
            ("socks4://127.0.0.1", Kind::Socks4, "127.0.0.1", 1080, "socks4://127.0.0.1:1080"),
            ("Socks4A://h:1", Kind::Socks4a, "h", 1, "socks4a://h:1"),
            ("socks5://[::1]", Kind::Socks5, "::1", 1080, "socks5://[::1]:1080"),
            ("socks5h://[FE80::1]:65535/", Kind::Socks5h, "fe80::1", 65535, "socks5h://[fe80::1]:65535"),
            ("http://h:/", Kind::Http, "h", 80, "http://h:80"),
            ("http://@h", Kind::Http, "h", 80, "http://h:80"),
        ];
        for (text, kind, host, port, shown) in cases {
            let proxy = Proxy::parse(text).unwrap();
            assert_eq!(proxy, Proxy { kind, host: host.to_owned(), port, user: None }, "{text}");
            assert_eq!(proxy.to_string(), shown);
            assert_eq!(Proxy::parse(shown).unwrap(), proxy);
        }
    }

    #[test]
    fn credentials_are_taken_and_never_shown() {
        let cases = [
            ("http://user:secret@h", "user", "secret"),
            ("http://user@h", "user", ""),
            ("http://:secret@h", "", "secret"),
            ("https://us%40er:se%3acret%2f@h:8/", "us@er", "se:cret/"),
            ("http://user:sec@ret@h", "user", "sec@ret"),
            ("socks4a://user@h", "user", ""),
            ("socks5h://user:secret@[::1]:1", "user", "secret"),
        ];
        for (text, user, password) in cases {
            let proxy = Proxy::parse(text).unwrap();
            assert_eq!(proxy.user, Some((user.to_owned(), password.to_owned())), "{text}");
            let shown = format!("{proxy} {proxy:?} {proxy:#?}");
            assert!(!shown.contains("ret") && !shown.contains("us@er") && !shown.contains("user"), "{shown}");
        }
    }

    #[test]
    fn malformed_urls_are_refused_at_their_position() {
        let long = "x".repeat(256);
        let (user, password) = (format!("socks5://{long}@h"), format!("socks5h://u:{long}@h"));
        let cases = [
            ("", 0),
            ("proxy.example:3128", 0),
            ("user:secret@proxy.example", 0),
            ("socks://h", 0),
            ("ftp://h", 0),
            ("://h", 0),
            ("http:h", 0),
            ("http://", 7),
            ("http:///", 7),
            ("http://:80", 7),
            ("http://u@", 9),
            ("http://u@:80", 9),
            ("http://h:0", 9),
            ("http://h:65536", 9),
            ("http://u:p@h:x", 13),
            ("http://h:80:80", 7),
            ("http://::1", 7),
            ("http://[::1", 7),
            ("http://[::1]x", 7),
            ("http://[::1]:x", 13),
            ("http://a_b..c:80", 7),
            ("http://127.1", 7),
            ("http://\u{e4}.de", 7),
            ("http://h/path", 8),
            ("http://h//", 8),
            ("http://h?", 8),
            ("http://h/?q", 8),
            ("http://h#", 8),
            ("http://u:sec/ret@h", 12),
            ("http://u:sec?ret@h", 12),
            ("http://u:sec#ret@h", 12),
            ("http://u:se cret@h", 11),
            ("http://h\r\n", 8),
            ("http://h\0", 8),
            ("http://u:%@h", 9),
            ("http://u%3a:p@h", 7),
            ("http://u:%0d%0a@h", 7),
            ("socks4://u:secret@h", 9),
            ("socks4://u%00@h", 9),
            ("socks5://:secret@h", 9),
            (&user, 9),
            (&password, 10),
        ];
        for (text, position) in cases {
            let error = Proxy::parse(text).unwrap_err();
            assert_eq!((error.status, error.position), (Status::INVALID_PROXY, Some(position)), "{text:?}: {error}");
            assert_eq!(error.operation, Operation::Proxy);
            assert!(!error.detail.is_empty() && !error.detail.contains("cret"));
        }
    }

    #[test]
    fn what_is_refused_is_shown_without_credentials() {
        let cases = [
            ("http://u:secret@h:x", "http://***@h:x"),
            ("http://u:sec/ret@h", "http://***@h"),
            ("u:secret@h", "***@h"),
            ("u:se://cret@h", "***@h"),
            ("http://u:se://cret@h", "http://***@h"),
            ("http://u:s@cret@h/x", "http://***@h/x"),
            ("gopher://h", "gopher://h"),
        ];
        for (text, shown) in cases {
            assert_eq!(Proxy::parse(text).unwrap_err().proxy, shown);
        }
    }

    #[test]
    fn every_kind_says_who_looks_names_up() {
        let of = |scheme: &str| {
            let proxy = Proxy::parse(&format!("{scheme}://h")).unwrap();
            (proxy.is_tls(), proxy.resolves_locally(), proxy.wants_ipv4())
        };
        assert_eq!(of("http"), (false, false, false));
        assert_eq!(of("https"), (true, false, false));
        assert_eq!(of("socks4"), (false, true, true));
        assert_eq!(of("socks4a"), (false, false, false));
        assert_eq!(of("socks5"), (false, true, false));
        assert_eq!(of("socks5h"), (false, false, false));
    }
}
