//! The proxies that the environment names.

use super::bypass::Bypass;
use super::kind::Kind;
use super::proxy::Proxy;
use super::url;
use crate::error::Result;

/// Who is asked for a `wss:` URI, in this order; the first that is set decides.
///
/// The order is that of RFC 6455 §4.1 and Python's websockets: a proxy for WebSocket, a SOCKS proxy, the one for
/// HTTPS. curl's `all_proxy` comes last.
const SECURE: &[&str] = &["wss_proxy", "socks_proxy", "https_proxy", "all_proxy"];

/// Who is asked for a `ws:` URI. A proxy for HTTPS is used to CONNECT, which one for HTTP may not be; so it is first
/// here too.
const PLAIN: &[&str] = &["ws_proxy", "socks_proxy", "https_proxy", "http_proxy", "all_proxy"];

/// What the environment said about proxies at one moment.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Every variable that is set. What is wrong with one matters only to a connection that would have used it.
    proxies: Vec<(&'static str, Result<Proxy>)>,
    bypass: Bypass,
}

impl Environment {
    /// Asks `lookup` for every variable that matters.
    ///
    /// Each is looked for in lower case, then in upper case; a lower-case one that is set decides even if it is empty,
    /// which is how a command is run without the proxy of its shell. Empty is not set. `HTTP_PROXY` does not count
    /// when REQUEST_METHOD is set: a web server gives a CGI program the Proxy header of a request by that name
    /// (CVE-2016-5385, "httpoxy").
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| {
            let value =
                lookup(name).or_else(|| lookup(&name.to_ascii_uppercase()).filter(|_| !is_forged(name, &lookup)));
            value.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
        };
        let names = SECURE.iter().chain(PLAIN.iter().filter(|name| !SECURE.contains(name)));
        let proxies = names.filter_map(|name| Some((*name, parse(name, &variable(name)?)))).collect();
        Self { proxies, bypass: Bypass::parse(&variable("no_proxy").unwrap_or_default()) }
    }

    /// The proxy to go through to this host and port; `None` is to go directly. INVALID_PROXY if the variable that
    /// decides holds no URL of a proxy: a typing error must not send what was to go through a proxy around it.
    pub fn proxy_for(&self, secure: bool, host: &str, port: u16) -> Result<Option<Proxy>> {
        if self.bypass.covers(host, port) {
            return Ok(None);
        }
        let order = if secure { SECURE } else { PLAIN };
        let value = |name: &&str| self.proxies.iter().find(|(set, _)| set == name);
        order.iter().find_map(value).map(|(_, proxy)| proxy.clone()).transpose()
    }
}

/// The upper-case form of this variable may be an attacker's.
fn is_forged(name: &str, lookup: impl Fn(&str) -> Option<String>) -> bool {
    name == "http_proxy" && lookup("REQUEST_METHOD").is_some()
}

/// The value as a proxy. The error names the variable.
fn parse(name: &str, value: &str) -> Result<Proxy> {
    let kind_of = if name == "socks_proxy" { socks_kind } else { kind };
    url::parse(value, kind_of).map_err(|error| error.with(|e| e.detail = format!("{name}: {}", e.detail).into()))
}

/// Without a scheme a proxy speaks HTTP, as everywhere.
fn kind(scheme: Option<&str>) -> Option<Kind> {
    scheme.map_or(Some(Kind::Http), Kind::of_scheme)
}

/// In `socks_proxy` the name says what it is: `http://` stands before every value there that some desktops write.
fn socks_kind(scheme: Option<&str>) -> Option<Kind> {
    match kind(scheme) {
        Some(Kind::Http) => Some(Kind::Socks5h),
        kind => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let lookup = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        Environment::read(lookup)
    }

    /// The proxies for `wss:` and `ws:`, as they show themselves; `-` for none.
    fn chosen(variables: &[(&str, &str)]) -> (String, String) {
        let environment = environment(variables);
        let shown = |secure| {
            let proxy = environment.proxy_for(secure, "example.com", 80).unwrap();
            proxy.map_or("-".to_owned(), |proxy| proxy.to_string())
        };
        (shown(true), shown(false))
    }

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let all = [
            ("wss_proxy", "http://wss"),
            ("ws_proxy", "http://ws"),
            ("socks_proxy", "socks5://socks"),
            ("https_proxy", "http://https"),
            ("http_proxy", "http://http"),
            ("all_proxy", "http://all"),
        ];
        let secure = ["http://wss:80", "socks5://socks:1080", "http://https:80", "http://all:80", "-"];
        let plain = ["http://ws:80", "socks5://socks:1080", "http://https:80", "http://http:80", "http://all:80", "-"];
        let without = |names: &[&str]| {
            let left: Vec<_> = all.into_iter().filter(|(name, _)| !names.contains(name)).collect();
            chosen(&left)
        };
        for (at, shown) in secure.iter().enumerate() {
            assert_eq!(without(&SECURE[..at]).0, *shown);
        }
        for (at, shown) in plain.iter().enumerate() {
            assert_eq!(without(&PLAIN[..at]).1, *shown);
        }
        assert_eq!(chosen(&[("http_proxy", "p")]), ("-".to_owned(), "http://p:80".to_owned()));
        assert_eq!(chosen(&[("ws_proxy", "p")]).0, "-");
        assert_eq!(chosen(&[("wss_proxy", "p")]).1, "-");
    }

    #[test]
    fn lower_case_decides_even_if_it_is_empty() {
        let cases: &[(&[(&str, &str)], &str)] = &[
            (&[("HTTPS_PROXY", "upper")], "http://upper:80"),
            (&[("HTTPS_PROXY", "upper"), ("https_proxy", "lower")], "http://lower:80"),
            (&[("HTTPS_PROXY", "upper"), ("https_proxy", "")], "-"),
            (&[("HTTPS_PROXY", "")], "-"),
            (&[("HTTPS_PROXY", " \t")], "-"),
            (&[("Https_Proxy", "mixed")], "-"),
            (&[("WSS_PROXY", "upper"), ("https_proxy", "lower")], "http://upper:80"),
            (&[("wss_proxy", ""), ("https_proxy", "next")], "http://next:80"),
            (&[("ALL_PROXY", "upper")], "http://upper:80"),
            (&[("SOCKS_PROXY", "upper")], "socks5h://upper:1080"),
        ];
        for (variables, shown) in cases {
            assert_eq!(chosen(variables).0, *shown, "{variables:?}");
        }
    }

    #[test]
    fn a_cgi_program_does_not_heed_http_proxy_in_upper_case() {
        let cgi = ("REQUEST_METHOD", "GET");
        assert_eq!(chosen(&[("HTTP_PROXY", "p")]).1, "http://p:80");
        assert_eq!(chosen(&[("HTTP_PROXY", "p"), cgi]).1, "-");
        assert_eq!(chosen(&[("HTTP_PROXY", "p"), ("REQUEST_METHOD", "")]).1, "-");
        assert_eq!(chosen(&[("http_proxy", "p"), cgi]).1, "http://p:80");
        assert_eq!(chosen(&[("HTTPS_PROXY", "p"), cgi]).1, "http://p:80");
        assert_eq!(chosen(&[("ALL_PROXY", "p"), ("HTTP_PROXY", "forged"), cgi]).1, "http://p:80");
    }

    #[test]
    fn values_may_lack_their_scheme() {
        let cases = [
            ("https_proxy", "p", "http://p:80"),
            ("https_proxy", " p:3128/ ", "http://p:3128"),
            ("https_proxy", "u:secret@p:3128", "http://p:3128"),
            ("https_proxy", "https://p", "https://p:443"),
            ("https_proxy", "socks5h://p", "socks5h://p:1080"),
            ("all_proxy", "[::1]:8080", "http://[::1]:8080"),
            ("socks_proxy", "p", "socks5h://p:1080"),
            ("socks_proxy", "http://p", "socks5h://p:1080"),
            ("socks_proxy", "HTTP://p:9050", "socks5h://p:9050"),
            ("socks_proxy", "socks4a://p", "socks4a://p:1080"),
            ("socks_proxy", "https://p", "https://p:443"),
        ];
        for (name, value, shown) in cases {
            assert_eq!(chosen(&[(name, value)]).0, shown, "{name}={value}");
        }
        let proxy = environment(&[("https_proxy", "u:p%40@h")]).proxy_for(true, "x", 1).unwrap().unwrap();
        assert_eq!(proxy.user, Some(("u".to_owned(), "p@".to_owned())));
    }

    #[test]
    fn a_malformed_value_is_an_error_for_who_would_use_it() {
        let variables = [("https_proxy", "ftp://u:secret@p"), ("ws_proxy", "p"), ("no_proxy", "inside")];
        let environment = environment(&variables);
        let error = environment.proxy_for(true, "example.com", 443).unwrap_err();
        assert_eq!((error.status, error.position), (Status::INVALID_PROXY, Some(0)));
        assert_eq!(error.proxy, "ftp://***@p");
        assert!(error.detail.starts_with("https_proxy: "), "{}", error.detail);
        assert!(environment.proxy_for(false, "example.com", 80).unwrap().is_some());
        assert_eq!(environment.proxy_for(true, "inside", 443), Ok(None));
        assert!(!format!("{environment:?}").contains("secret"));
    }

    #[test]
    fn no_proxy_comes_first() {
        let with = |name, value| environment(&[("wss_proxy", "p"), ("all_proxy", "p"), (name, value)]);
        let direct = |e: &Environment, host| e.proxy_for(true, host, 443).unwrap().is_none();
        for name in ["no_proxy", "NO_PROXY"] {
            let environment = with(name, "a.example, 10.0.0.0/8");
            assert!(direct(&environment, "a.example") && direct(&environment, "10.1.2.3"), "{name}");
            assert!(!direct(&environment, "b.example") && !direct(&environment, "localhost"));
            assert!(!direct(&environment, "127.0.0.1"));
        }
        let both = environment(&[("all_proxy", "p"), ("no_proxy", ""), ("NO_PROXY", "*")]);
        assert!(!direct(&both, "a"));
        assert!(direct(&environment(&[]), "a") && direct(&Environment::default(), "a"));
    }
}
