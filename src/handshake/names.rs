//! The names of the header fields that an opening handshake is made of.

pub(super) const ACCEPT: &str = "Sec-WebSocket-Accept";
pub(super) const ALLOW: &str = "Allow";
pub(super) const AUTHORIZATION: &str = "Authorization";
pub(super) const CONNECTION: &str = "Connection";
pub(super) const CONTENT_LENGTH: &str = "Content-Length";
pub(super) const CONTENT_TYPE: &str = "Content-Type";
pub(super) const EXTENSIONS: &str = "Sec-WebSocket-Extensions";
pub(super) const HOST: &str = "Host";
pub(super) const KEY: &str = "Sec-WebSocket-Key";
pub(super) const LOCATION: &str = "Location";
pub(super) const ORIGIN: &str = "Origin";
pub(super) const PROTOCOL: &str = "Sec-WebSocket-Protocol";
pub(super) const RETRY_AFTER: &str = "Retry-After";
pub(super) const SERVER: &str = "Server";
pub(super) const TRANSFER_ENCODING: &str = "Transfer-Encoding";
pub(super) const UPGRADE: &str = "Upgrade";
pub(super) const USER_AGENT: &str = "User-Agent";
pub(super) const VERSION: &str = "Sec-WebSocket-Version";
pub(super) const WWW_AUTHENTICATE: &str = "WWW-Authenticate";

/// What the names above begin with that only a handshake may set.
pub(super) const SEC_WEBSOCKET: &str = "Sec-WebSocket-";

/// The version of RFC 6455, and the only one there is.
pub(super) const VERSION_13: &str = "13";
