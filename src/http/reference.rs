//! References to other URIs, as a Location header holds them (RFC 3986 §4.1, §5).

use super::host::{Parsed, shift};
use super::masking::masked_reference;
use super::percent;
use super::uri::{self, Uri};
use crate::error::{Error, Result, Status};

impl Uri {
    /// Where a reference leads that was found here; INVALID_URI says what is wrong with it. A fragment is left out: a
    /// WebSocket URI has none (RFC 6455 §3). Credentials stay those of this URI only where its authority does.
    ///
    /// A zone is refused, for it would name one of our links, of which another machine knows nothing; the address that
    /// we reached through a zone keeps it.
    pub fn resolve(&self, reference: &str) -> Result<Self> {
        try_resolve(self, reference).map_err(|(position, detail)| {
            Error::new(Status::INVALID_URI, detail).with(|e| {
                e.uri = self.to_string();
                e.location = masked_reference(reference);
                e.position = Some(position as u64);
            })
        })
    }
}

fn try_resolve(base: &Uri, reference: &str) -> Parsed<Uri> {
    let reference = reference.split('#').next().unwrap_or_default();
    if let Some(at) = reference.find(char::REPLACEMENT_CHARACTER) {
        return Err((at, "a redirect that is not UTF-8"));
    }
    uri::refuse_unfit(reference)?;
    let (scheme, rest) = split_scheme(reference);
    let secure = match scheme.map(str::to_ascii_lowercase).as_deref() {
        None => base.secure,
        Some("ws") => false,
        Some("wss") => true,
        Some(_) => return Err((0, "a redirect to another scheme")),
    };
    let rest_at = reference.len() - rest.len();
    match (rest.strip_prefix("//"), scheme) {
        (Some(rest), _) => elsewhere(base, secure, rest).map_err(shift(rest_at + 2)),
        (None, Some(_)) => Err((rest_at, "two slashes must follow the scheme")),
        (None, None) => Ok(Uri { target: merge(&base.target, &percent::encode(rest)?), ..base.clone() }),
    }
}

/// The scheme, if there is a colon before the path has begun (RFC 3986 appendix B), and what follows it.
fn split_scheme(reference: &str) -> (Option<&str>, &str) {
    match reference.split_once(':') {
        Some((scheme, rest)) if !scheme.contains(['/', '?']) => (Some(scheme), rest),
        _ => (None, reference),
    }
}

/// A reference with an authority of its own.
fn elsewhere(base: &Uri, secure: bool, rest: &str) -> Parsed<Uri> {
    let mut uri = uri::parse_hierarchy(secure, rest)?;
    uri.target = without_dots(&uri.target);
    if uri.host.contains('%') {
        return Err((0, "a redirect into a zone, which only this machine can name"));
    }
    if uri.host == base.host_without_zone() {
        uri.host.clone_from(&base.host);
    }
    Ok(uri)
}

/// Path and query of a reference without an authority (RFC 3986 §5.2.2).
fn merge(base: &str, reference: &str) -> String {
    let path_of = |target: &str| target.split('?').next().unwrap_or_default().len();
    let (base_path, _) = base.split_at(path_of(base));
    match reference.chars().next() {
        None => base.to_owned(),
        Some('?') => format!("{base_path}{reference}"),
        Some('/') => without_dots(reference),
        Some(_) => {
            let directory = base_path.rfind('/').map_or("/", |at| &base_path[..=at]);
            without_dots(&format!("{directory}{reference}"))
        }
    }
}

/// RFC 3986 §5.2.4, for a path that begins with a slash; its query is left alone.
fn without_dots(target: &str) -> String {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    let mut kept = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        if segment == ".." {
            kept.pop();
        }
        let is_dots = matches!(segment, "." | "..");
        match (is_dots, segments.peek()) {
            (false, _) => kept.push(segment),
            (true, None) => kept.push(""), // what it leaves is a directory
            (true, Some(_)) => (),
        }
    }
    format!("/{}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_3986() {
        let base = Uri::parse("ws://a/b/c/d;p?q").unwrap();
        for (reference, shown) in [
            ("ws://g", "ws://g/"),
            ("g", "ws://a/b/c/g"),
            ("./g", "ws://a/b/c/g"),
            ("g/", "ws://a/b/c/g/"),
            ("/g", "ws://a/g"),
            ("//g", "ws://g/"),
            ("?y", "ws://a/b/c/d;p?y"),
            ("g?y", "ws://a/b/c/g?y"),
            ("#s", "ws://a/b/c/d;p?q"),
            ("g#s", "ws://a/b/c/g"),
            ("g?y#s", "ws://a/b/c/g?y"),
            (";x", "ws://a/b/c/;x"),
            ("g;x?y#s", "ws://a/b/c/g;x?y"),
            ("", "ws://a/b/c/d;p?q"),
            (".", "ws://a/b/c/"),
            ("./", "ws://a/b/c/"),
            ("..", "ws://a/b/"),
            ("../", "ws://a/b/"),
            ("../g", "ws://a/b/g"),
            ("../..", "ws://a/"),
            ("../../", "ws://a/"),
            ("../../g", "ws://a/g"),
            ("../../../g", "ws://a/g"),
            ("../../../../g", "ws://a/g"),
            ("/./g", "ws://a/g"),
            ("/../g", "ws://a/g"),
            ("g.", "ws://a/b/c/g."),
            (".g", "ws://a/b/c/.g"),
            ("g..", "ws://a/b/c/g.."),
            ("..g", "ws://a/b/c/..g"),
            ("./../g", "ws://a/b/g"),
            ("./g/.", "ws://a/b/c/g/"),
            ("g/./h", "ws://a/b/c/g/h"),
            ("g/../h", "ws://a/b/c/h"),
            ("g;x=1/./y", "ws://a/b/c/g;x=1/y"),
            ("g;x=1/../y", "ws://a/b/c/y"),
            ("g?y/./x", "ws://a/b/c/g?y/./x"),
            ("g?y/../x", "ws://a/b/c/g?y/../x"),
            ("g#s/../x", "ws://a/b/c/g"),
            // Beyond the RFC's own.
            ("WSS://G:443/x/../y", "wss://g/y"),
            ("//g:81?y", "ws://g:81/?y"),
            ("/a//../b", "ws://a/a/b"),
            ("\u{e4} ".trim(), "ws://a/b/c/%C3%A4"),
            ("//b\u{fc}cher.example/", "ws://xn--bcher-kva.example/"),
            ("/x:y@z", "ws://a/x:y@z"),
            ("?http://x", "ws://a/b/c/d;p?http://x"),
            ("//h/#\u{fffd}", "ws://h/"),
        ] {
            assert_eq!(base.resolve(reference).map(|uri| uri.to_string()).as_deref(), Ok(shown), "{reference:?}");
        }
        let bare = Uri::parse("wss://a?q").unwrap();
        assert_eq!(bare.resolve("g").unwrap().to_string(), "wss://a/g");
        assert_eq!(bare.resolve("//g").unwrap().to_string(), "wss://g/");
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        let base = Uri::parse("wss://me:secret@a/b?c").unwrap();
        for (reference, position, detail) in [
            ("http://g/", 0, "a redirect to another scheme"),
            ("https:g", 0, "a redirect to another scheme"),
            ("g:h", 0, "a redirect to another scheme"),
            ("localhost:80/", 0, "a redirect to another scheme"),
            (":", 0, "a redirect to another scheme"),
            ("javascript:alert(1)", 0, "a redirect to another scheme"),
            ("ws:g", 3, ""),
            ("ws:/g", 3, ""),
            ("ws://", 5, ""),
            ("///g", 2, ""),
            ("//h:x/", 4, ""),
            ("/a b", 2, "a space: write it as %20"),
            ("/a\r\nb", 2, "a control character"),
            ("/%zz", 1, ""),
            ("//token@h/", 7, ""),
            ("/\u{fffd}", 1, "a redirect that is not UTF-8"),
            ("wss://[fe80::1%25eth0]/", 6, "a redirect into a zone, which only this machine can name"),
        ] {
            let error = base.resolve(reference).unwrap_err();
            assert_eq!((error.status, error.position), (Status::INVALID_URI, Some(position)), "{reference}: {error}");
            assert_eq!(error.uri, "wss://a/b?c");
            assert!(!error.location.contains("token") && !error.location.is_empty());
            assert!(error.detail == detail || (detail.is_empty() && !error.detail.is_empty()), "{reference}: {error}");
        }
    }

    #[test]
    fn credentials_and_zones_go_with_the_authority() {
        let base = Uri::parse("ws://me:secret@[fe80::1%25eth0]:81/b").unwrap();
        let here = base.resolve("/c").unwrap();
        assert_eq!((&here.user, &here.host, here.target.as_str()), (&base.user, &base.host, "/c"));
        let named = base.resolve("wss://[FE80::1]/c").unwrap();
        assert_eq!((&named.user, named.host.as_str(), named.port), (&None, "fe80::1%eth0", 443));
        let other = base.resolve("//you:too@[fe80::2]").unwrap();
        assert_eq!((other.user.unwrap().user.as_str(), other.host.as_str()), ("you", "fe80::2"));
    }
}
