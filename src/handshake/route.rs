//! One path, or a family of them, and how it is answered.

use std::sync::Arc;

use super::places::Places;
use super::policy::ServerPolicy;
use super::response::Response;
use super::router::Segment;
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
const REST: &str = "*";

/// More than any path has. The router goes as deep as there are segments.
const SEGMENTS_MAX: usize = 256;

/// A pattern, taken apart.
#[derive(Debug, PartialEq)]
pub(super) struct Pattern {
    pub segments: Vec<Segment>,
    /// The names of its variable parts, in order.
    pub names: Vec<String>,
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self> {
        let Some(path) = (if text == "*" { Some(text) } else { text.strip_prefix('/') }) else {
            return Err(unfit(text, "a pattern begins with a slash"));
        };
        if path.contains(['?', '#']) {
            return Err(unfit(text, "a pattern is a path, without a query or a fragment"));
        }
        if path.split('/').nth(SEGMENTS_MAX).is_some() {
            return Err(unfit(text, "a pattern has 256 segments at the most"));
        }
        let (mut segments, mut names) = (Vec::new(), Vec::new());
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            segments.push(match (part, part.strip_prefix(':')) {
                (REST, _) if parts.peek().is_none() => {
                    names.push(REST.to_owned());
                    Segment::Rest
                }
                (_, Some(name)) if is_name(name) && !names.iter().any(|known| known == name) => {
                    names.push(name.to_owned());
                    Segment::Any
                }
                (_, Some(_)) => return Err(unfit(text, "a name is missing, odd, or there twice")),
                (part, None) if part.contains('*') => {
                    return Err(unfit(text, "an asterisk is a whole segment, and the last"));
                }
                (part, None) => Segment::Literal(literal(text, part)?),
            });
        }
        Ok(Self { segments, names })
    }
}

/// Text that stands for itself, as requests have it.
fn literal(pattern: &str, segment: &str) -> Result<String> {
    match percent_encode(segment) {
        Ok(encoded) if encoded.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(encoded),
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
    fn patterns_are_taken_apart() {
        let parsed = |text| {
            Pattern::parse(text).map(|pattern| {
                let segments = pattern.segments.iter().map(|segment| match segment {
                    Segment::Literal(text) => text.as_str(),
                    Segment::Any => "?",
                    Segment::Rest => "*",
                });
                (segments.collect::<Vec<_>>().join("/"), pattern.names.join(","))
            })
        };
        let fine = |segments: &str, names: &str| Ok((segments.to_owned(), names.to_owned()));
        assert_eq!(parsed("/"), fine("", ""));
        assert_eq!(parsed("*"), fine("*", "*"));
        assert_eq!(parsed("/chat/:room"), fine("chat/?", "room"));
        assert_eq!(parsed("/:a/x/:b/*"), fine("?/x/?/*", "a,b,*"));
        assert_eq!(parsed("/r\u{e4}ume/{x}/"), fine("r%C3%A4ume/%7Bx%7D/", ""));
        let (deep, deeper) = ("/".repeat(SEGMENTS_MAX), "/".repeat(SEGMENTS_MAX + 1));
        assert_eq!(parsed(&deep), fine(&deep[1..], ""));
        for pattern in
            [&*deeper, "", "chat", "/a*", "/*/a", "/:", "/:a/:a", "/:a.b", "/a?b", "/a#b", "/a b", "/%zz", "/a\n"]
        {
            let error = parsed(pattern).unwrap_err();
            assert_eq!(error.status, Status::INVALID_ARGUMENT, "{pattern:?}");
            assert!(error.detail.starts_with(&format!("pattern {pattern:?}: ")), "{}", error.detail);
        }
    }
}
