//! The HTTP room: HTTP/1.1 messages as bytes, as far as an opening handshake needs them.
//!
//! Owns the grammar of RFC 9112 heads (start lines, header fields, their lists and quoted strings), the limits on
//! their size, `ws:` and `wss:` URIs, Basic credentials, and the body of a response. Everything incremental takes bytes
//! as they come, looks at each of them a constant number of times, and judges a line while it is still growing, so that a
//! peer can neither make us work for ever nor make us keep what we shall refuse anyway.
//!
//! Never opens a socket, never looks at a clock, never decides what a request deserves: which status to answer is the
//! handshake room's business. Never is a program's web server: one request, one response, no keep-alive.
//!
//! Called by `handshake` and `proxy`.

mod authority;
mod body;
mod chars;
mod chunked;
mod credentials;
mod field;
mod head;
mod headers;
mod host;
mod line;
mod list;
mod masking;
mod percent;
mod reference;
mod request;
mod response;
mod retry_after;
mod uri;
mod version;

#[cfg(test)]
mod tests;

pub use body::{BodyReader, Framing};
pub use chars::{is_field_value, is_token, lossy};
pub use credentials::Credentials;
pub use field::Field;
pub use head::{Head, HeadReader, Limits, StartLine};
pub use headers::Headers;
pub use host::{Fault, HostPort};
pub use list::{Extension, LIST_MAX, extensions, protocols, tokens};
pub use masking::{Shown, masked, masked_reference, shown_name, shown_value};
pub use percent::{decode as percent_decode, encode as percent_encode};
pub use request::RequestLine;
pub use response::{StatusLine, reason_phrase};
pub use retry_after::retry_after_ms;
pub use uri::Uri;
pub use version::Version;

/// What hawser calls itself, in User-Agent and Server.
pub const PRODUCT: &str = concat!("hawser/", env!("CARGO_PKG_VERSION"));
