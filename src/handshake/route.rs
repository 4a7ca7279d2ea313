//! One path, or a family of them, and how it is answered.

use std::sync::Arc;

use super::places::Places;
use super::policy::ServerPolicy;
use super::response::Response;
use super::site::Routed;
use crate::error::{Error, Result, Status};
use crate::http::percent_encode;

/// What a server does for some of its paths.
#[derive(Debug)]
pub struct Route {
    /// `/chat/:room/members`, `/files/*`, `*`: a segment that begins with a colon stands for any one segment and gives
    /// it a name; an asterisk at the end stands for everything that follows. Everything else stands for itself.
    pub pattern: String,
    /// How it is answered.
    pub answer: Answer,
    /// What the host attaches.
    pub user: u64,
}

/// How requests for a route are answered.
#[derive(Debug)]
pub enum Answer {
    /// By a WebSocket, if they ask for one as they should.
    WebSocket(Arc<Gate>),
    /// Always by this.
    Response(Response),
}

/// Who gets a WebSocket.
#[derive(Debug)]
pub struct Gate {
    /// What is admitted.
    pub policy: ServerPolicy,
    /// How many may be open at a time; `None`: no limit of its own.
    pub places: Option<Places>,
    /// Not before the host has decided; requests that ask for no WebSocket are put to it, too.
    pub decide: bool,
}

impl Gate {
    /// Lets a request in, if there is a place for it.
    pub(super) fn admit(&self, mut routed: Routed) -> Result<Routed> {
        routed.place = self.places.as_ref().map(Places::take).transpose()?;
        Ok(routed)
    }
}

/// What an asterisk matched goes by this name.
pub(super) const REST: &str = "*";
/// The same for the router, whose names are our own affair.
const REST_NAME: &str = "rest";

/// A pattern as the router writes it.
#[derive(Debug, PartialEq)]
pub(super) struct Patterns {
    pub main: String,
    /// An asterisk may stand for nothing; the router knows none that does.
    pub bare: Option<String>,
    /// The names in it, in order.
    pub names: Vec<String>,
}

impl Patterns {
    /// Reads a pattern.
    pub fn parse(pattern: &str) -> Result<Self> {
        let path = if pattern == "*" { "/*" } else { pattern };
        let Some(path) = path.strip_prefix('/') else {
            return Err(unfit(pattern, "a pattern begins with a slash"));
        };
        if path.contains(['?', '#']) {
            return Err(unfit(pattern, "a pattern is a path, without a query or a fragment"));
        }
        let (mut main, mut bare, mut names) = (String::new(), None, Vec::new());
        let mut segments = path.split('/').peekable();
        while let Some(segment) = segments.next() {
            main.push('/');
            match (segment, segment.strip_prefix(':')) {
                ("*", _) if segments.peek().is_none() => {
                    bare = Some(main.clone());
                    main.push_str(&format!("{{*{REST_NAME}}}"));
                    names.push(REST.to_owned());
                }
                (_, Some(name)) if is_name(name) && !names.iter().any(|known| known == name) => {
                    main.push_str(&format!("{{p{}}}", names.len()));
                    names.push(name.to_owned());
                }
                (_, Some(_)) => return Err(unfit(pattern, "a name is missing, odd, or there twice")),
                (segment, None) if segment.contains('*') => {
                    return Err(unfit(pattern, "an asterisk is a whole segment, and the last"));
                }
                (segment, None) => main.push_str(&literal(pattern, segment)?),
            }
        }
        Ok(Self { main, bare, names })
    }
}

/// Text that stands for itself, as requests have it.
fn literal(pattern: &str, segment: &str) -> Result<String> {
    let braces = |encoded: String| encoded.replace('{', "{{").replace('}', "}}");
    match percent_encode(segment) {
        Ok(encoded) if encoded.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(braces(encoded)),
        _ => Err(unfit(pattern, "a space, a control character or a percent sign that is no escape")),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// The error for a pattern that cannot be one.
#[cold]
pub(super) fn unfit(pattern: &str, rule: &str) -> Error {
    Error::new(Status::INVALID_ARGUMENT, format!("pattern {pattern:?}: {rule}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_as_the_router_writes_them() {
        let parsed =
            |pattern| Patterns::parse(pattern).map(|p| (p.main, p.bare.unwrap_or_default(), p.names.join(",")));
        let fine = |main: &str, bare: &str, names: &str| Ok((main.to_owned(), bare.to_owned(), names.to_owned()));
        assert_eq!(parsed("/"), fine("/", "", ""));
        assert_eq!(parsed("*"), fine("/{*rest}", "/", "*"));
        assert_eq!(parsed("/chat/:room"), fine("/chat/{p0}", "", "room"));
        assert_eq!(parsed("/:a/x/:b/*"), fine("/{p0}/x/{p1}/{*rest}", "/{p0}/x/{p1}/", "a,b,*"));
        assert_eq!(parsed("/r\u{e4}ume/{x}"), fine("/r%C3%A4ume/%7Bx%7D", "", ""));
        for pattern in ["", "chat", "/a*", "/*/a", "/:", "/:a/:a", "/:a.b", "/a?b", "/a#b", "/a b", "/%zz", "/a\n"] {
            let error = parsed(pattern).unwrap_err();
            assert_eq!(error.status, Status::INVALID_ARGUMENT, "{pattern:?}");
            assert!(error.detail.starts_with(&format!("pattern {pattern:?}: ")), "{}", error.detail);
        }
    }
}
