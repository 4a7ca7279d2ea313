//! The error room: what can go wrong, and everything known when it did.
//!
//! Owns the status table ([`Status`]), the [`Error`] with its fields and its chain of causes, and the
//! judgement whether trying again could help ([`Retry`]). Never does anything about a failure; never knows
//! where it will be shown. Every other room raises these errors; `ffi` flattens them into `hws_error_info`.

mod operation;
mod retry;
mod secret;
mod status;

pub use operation::Operation;
pub use retry::Retry;
pub use secret::Secret;
pub use status::{Row, Status};

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A `Result` with hawser's own error.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure. One pointer wide, so that the paths that succeed stay cheap; the fields live in [`Record`].
#[derive(Debug, Clone, PartialEq)]
pub struct Error(Box<Record>);

/// Who began the closing handshake or broke the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u32)]
pub enum Side {
    /// Not known, or not about a side.
    #[default]
    Neither = 0,
    /// We did.
    Local = 1,
    /// The peer did.
    Remote = 2,
}

/// One closing frame, as sent or received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseFrame {
    /// 1005 when the frame had no body.
    pub code: u16,
    /// Empty when the frame had none.
    pub reason: String,
}

/// The fields of an error: what the exceptions of five libraries carry, in one place. `None`, empty and
/// zero mean "not about this".
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Record {
    /// What happened, as a stable code.
    pub status: Status,
    /// The rule that was broken, or the argument at fault.
    pub detail: Cow<'static, str>,
    /// What was being done.
    pub operation: Operation,
    /// State of the connection, as `1 << state`; 0 when there is no connection.
    pub state: u32,
    /// States in which the operation would have been legal, as a mask of `1 << state`.
    pub required_states: u32,
    /// What the operating system said: errno. The resolver's own numbers are none; its words are in `detail`.
    pub os_error: i32,
    /// TLS alert, if one was the reason.
    pub tls_alert: Option<u8>,
    /// Reply of a SOCKS proxy, if that was the reason.
    pub socks_reply: Option<u8>,
    /// Status of an HTTP response, sent or received; 0 when there was none.
    pub http_status: u16,
    /// Its reason phrase.
    pub http_reason: String,
    /// Method of the request.
    pub http_method: String,
    /// Version as the peer wrote it.
    pub http_version: String,
    /// Header fields of the response, in order, repeats kept.
    pub headers: Vec<(String, String)>,
    /// First bytes of the response's body.
    pub body: Vec<u8>,
    /// The body was longer than `body`.
    pub body_truncated: bool,
    /// The URI that was asked for, without credentials.
    pub uri: String,
    /// The proxy, without credentials.
    pub proxy: String,
    /// Target of a redirect, without credentials.
    pub location: String,
    /// The same with its credentials, if it has any: for whoever follows it. Stays on this side of the border.
    pub location_as_sent: Secret,
    /// Address of the peer.
    pub peer: String,
    /// Header field at fault.
    pub header_name: String,
    /// Its value; `None` when the field is missing.
    pub header_value: Option<String>,
    /// The Origin that was refused.
    pub origin: String,
    /// Extension parameter at fault.
    pub parameter_name: String,
    /// Its value.
    pub parameter_value: String,
    /// Byte offset of the fault in the value or message.
    pub position: Option<u64>,
    /// Size that was met.
    pub size: Option<u64>,
    /// Size that is allowed.
    pub max_size: Option<u64>,
    /// Size reached before the fault.
    pub current_size: Option<u64>,
    /// Frames in the message.
    pub fragments: u64,
    /// Frames allowed in one message.
    pub max_fragments: u64,
    /// Opcode of the frame at fault.
    pub opcode: u8,
    /// Capacity of the queue that is full.
    pub capacity: u64,
    /// What was thrown away.
    pub dropped: u64,
    /// What becomes of what there is no room for; 0 where there is no such choice.
    pub policy: u32,
    /// Connections allowed.
    pub max_connections: u64,
    /// Connections in use.
    pub in_use: u64,
    /// Attempts made.
    pub attempts: u32,
    /// Attempts allowed.
    pub max_attempts: u32,
    /// How long the connection was down, in milliseconds.
    pub downtime_ms: u64,
    /// The deadline that passed, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// What the peer asked us to wait before trying again (Retry-After), in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The closing frame we received.
    pub close_rcvd: Option<CloseFrame>,
    /// The closing frame we sent.
    pub close_sent: Option<CloseFrame>,
    /// With both frames present: the peer's came first.
    pub rcvd_then_sent: Option<bool>,
    /// Who ended it.
    pub initiated_by: Side,
    /// Handle of the connection, 0 when there is none.
    pub conn: u64,
    /// Monotonic milliseconds of the engine when it happened.
    pub time_ms: u64,
    /// What led to this.
    pub cause: Option<Error>,
}

impl Error {
    /// An error of this status; `detail` names the rule broken or the argument at fault.
    #[cold]
    pub fn new(status: Status, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Record { status, detail: detail.into(), ..Record::default() }))
    }

    /// The same error with more fields set.
    #[must_use]
    pub fn with(mut self, set: impl FnOnce(&mut Record)) -> Self {
        set(&mut self.0);
        self
    }

    /// Sets fields of the error where it is.
    pub fn amend(&mut self, set: impl FnOnce(&mut Record)) {
        set(&mut self.0);
    }

    /// The same error, led to by `cause`.
    #[must_use]
    pub fn because(mut self, cause: Error) -> Self {
        self.0.cause = Some(cause);
        self
    }

    /// The same error, marked as met during `operation` unless it already knows better.
    #[must_use]
    pub fn during(mut self, operation: Operation) -> Self {
        if self.0.operation == Operation::None {
            self.0.operation = operation;
        }
        self
    }

    /// What a call of the operating system said, as the status that means on this operation.
    #[cold]
    pub fn io(error: &std::io::Error, operation: Operation) -> Self {
        Self::new(Status::of_io(error, operation), error.to_string()).with(|e| {
            e.operation = operation;
            e.os_error = error.raw_os_error().unwrap_or(0);
        })
    }

    /// The same error with one more cause at the root of its chain.
    #[must_use]
    pub fn rooted_in(mut self, root: Option<Error>) -> Self {
        self.0.cause = match self.0.cause.take() {
            None => root,
            Some(cause) => Some(cause.rooted_in(root)),
        };
        self
    }

    /// This error, then its cause, then the cause of that, down to the root.
    pub fn chain(&self) -> impl Iterator<Item = &Error> {
        std::iter::successors(Some(self), |e| e.cause.as_ref())
    }
}

impl Record {
    /// One line: the status in English, then the detail.
    pub fn message(&self) -> String {
        match self.detail.as_ref() {
            "" => self.status.text().to_owned(),
            detail => format!("{}: {detail}", self.status.text()),
        }
    }

    /// The effective close code (RFC 6455 §7.1.5): what was received, else 1006; 0 when the error is not
    /// about a connection that has closed.
    pub fn close_code(&self) -> u16 {
        match &self.close_rcvd {
            Some(frame) => frame.code,
            None if self.status.is_a(Status::CONNECTION_CLOSED) => 1006,
            None => 0,
        }
    }
}

impl Deref for Error {
    type Target = Record;
    fn deref(&self) -> &Record {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Record {
        &mut self.0
    }
}

impl fmt::Display for Error {
    /// The whole chain in one line: `NAME: text: detail <- NAME: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, error) in self.chain().enumerate() {
            let arrow = if depth == 0 { "" } else { " <- " };
            write!(f, "{arrow}{}: {}", error.status.name(), error.message())?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
