//! The lists that header values hold: comma-separated tokens, and the extensions of RFC 6455 §9.1.
//!
//! A list may go on over several header lines (RFC 9110 §5.3). Empty elements are ignored (§5.6.1.2). A list has
//! [`LIST_MAX`] elements at most: two bytes of the wire would otherwise become fifty in memory, and stay there.

use super::chars::{is_ows, is_token, is_token_byte, lossy};
use super::headers::Headers;
use crate::error::{Error, Result, Status};
use std::fmt;

/// Elements, or parameters, that all lines of one header may hold together.
pub const LIST_MAX: usize = 128;

/// One extension that is offered or agreed on (RFC 6455 §9.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// `permessage-deflate` and its like.
    pub name: String,
    /// Parameters in order; a value is a token even where it came in quotes.
    pub params: Vec<(String, Option<String>)>,
}

impl fmt::Display for Extension {
    /// As it stands in a header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.params.iter().try_for_each(|(name, value)| match value {
            None => write!(f, "; {name}"),
            Some(value) => write!(f, "; {name}={value}"),
        })
    }
}

/// `#token`: Connection, Sec-WebSocket-Protocol. The list may be empty.
pub fn tokens(headers: &Headers, name: &str) -> Result<Vec<String>> {
    list(headers, name, |cursor| cursor.token("expected a token"))
}

/// `#protocol` of RFC 9110 §7.8, a token and perhaps a slash and another: Upgrade. The list may be empty.
pub fn protocols(headers: &Headers, name: &str) -> Result<Vec<String>> {
    list(headers, name, |cursor| {
        let mut protocol = cursor.token("expected a protocol")?;
        if cursor.eat(b'/') {
            protocol.push('/');
            protocol.push_str(&cursor.token("expected the version of a protocol")?);
        }
        Ok(protocol)
    })
}

/// `extension-list` of RFC 6455 §9.1: Sec-WebSocket-Extensions. The list may be empty, the section's `1#` is the
/// caller's to enforce.
pub fn extensions(headers: &Headers, name: &str) -> Result<Vec<Extension>> {
    list(headers, name, |cursor| {
        let name = cursor.token("expected the name of an extension")?;
        let mut params = Vec::new();
        cursor.skip_ows();
        while cursor.eat(b';') {
            cursor.count()?;
            cursor.skip_ows();
            params.push(cursor.param()?);
            cursor.skip_ows();
        }
        Ok(Extension { name, params })
    })
}

/// Reads the elements of a list over all lines of the header.
fn list<T>(headers: &Headers, name: &str, mut element: impl FnMut(&mut Cursor<'_>) -> Result<T>) -> Result<Vec<T>> {
    let mut elements = Vec::new();
    let mut seen = 0;
    for value in headers.get_all(name) {
        let mut cursor = Cursor { name, value, at: 0, seen };
        loop {
            cursor.count()?;
            cursor.skip_ows();
            if !matches!(cursor.peek(), None | Some(b',')) {
                elements.push(element(&mut cursor)?);
                cursor.skip_ows();
            }
            if cursor.peek().is_none() {
                break;
            }
            if !cursor.eat(b',') {
                return Err(cursor.fault("expected a comma"));
            }
        }
        seen = cursor.seen;
    }
    Ok(elements)
}

/// A place in the value of a header.
struct Cursor<'a> {
    name: &'a str,
    value: &'a [u8],
    at: usize,
    /// Elements and parameters so far, over all lines.
    seen: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.value.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn skip_ows(&mut self) {
        while self.peek().is_some_and(is_ows) {
            self.at += 1;
        }
    }

    /// Counts an element or parameter, the empty ones too.
    fn count(&mut self) -> Result<()> {
        self.seen += 1;
        match self.seen > LIST_MAX {
            true => Err(self.fault("the list has too many elements").with(|e| {
                e.size = Some(self.seen as u64);
                e.max_size = Some(LIST_MAX as u64);
            })),
            false => Ok(()),
        }
    }

    fn token(&mut self, expected: &'static str) -> Result<String> {
        let rest = self.value.get(self.at..).unwrap_or_default();
        let len = rest.iter().take_while(|b| is_token_byte(**b)).count();
        match rest.get(..len) {
            Some(token @ [_, ..]) => {
                self.at += len;
                Ok(lossy(token))
            }
            _ => Err(self.fault(expected)),
        }
    }

    /// `extension-param`. RFC 6455 §9.1 takes over the implied whitespace of RFC 2616 §2.1, so there may be some
    /// around the equals sign.
    fn param(&mut self) -> Result<(String, Option<String>)> {
        let name = self.token("expected the name of a parameter")?;
        self.skip_ows();
        if !self.eat(b'=') {
            return Ok((name, None));
        }
        self.skip_ows();
        let value = match self.peek() {
            Some(b'"') => self.quoted_token()?,
            _ => self.token("expected the value of a parameter")?,
        };
        Ok((name, Some(value)))
    }

    /// `quoted-string` whose content, unescaped, is a token as §9.1 demands.
    fn quoted_token(&mut self) -> Result<String> {
        let start = self.at;
        self.at += 1;
        let mut content = Vec::new();
        loop {
            match self.next() {
                Some(b'"') => break,
                Some(b'\\') => content.extend(self.next()),
                Some(byte) => content.push(byte),
                None => return Err(self.fault("a quoted string without its closing quote")),
            }
        }
        if !is_token(&content) {
            self.at = start;
            return Err(self.fault("the quoted value of a parameter is not a token"));
        }
        Ok(lossy(&content))
    }

    fn fault(&self, detail: &'static str) -> Error {
        Error::new(Status::INVALID_HEADER_FORMAT, detail).with(|e| {
            e.header_name = self.name.to_owned();
            e.header_value = Some(lossy(self.value));
            e.position = Some(self.at as u64);
        })
    }
}
