//! The parameters of permessage-deflate (RFC 7692 §7.1): four names, each once, each with the value it may have.

use crate::error::{Error, Result, Status};

pub(super) const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
pub(super) const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
pub(super) const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
pub(super) const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// Parameters as they stand in a header: names, and values where there are any.
pub(super) type List = [(String, Option<String>)];

/// Where the parameters stand: one of them may go without its value in an offer only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Offer,
    Answer,
}

/// The parameters of one offer, or of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Parameters {
    pub server_no_context_takeover: bool,
    pub client_no_context_takeover: bool,
    pub server_max_window_bits: Option<u8>,
    /// `Some(None)`: the client can keep any window, but names none (§7.1.2.2).
    pub client_max_window_bits: Option<Option<u8>>,
}

impl Parameters {
    /// Reads a list; the error names the parameter that is wrong.
    pub fn read(list: &List, place: Place) -> Result<Self> {
        let mut read = Self::default();
        for (at, (name, value)) in list.iter().enumerate() {
            if list.iter().take(at).any(|(earlier, _)| earlier == name) {
                return Err(fault(Status::DUPLICATE_PARAMETER, "a parameter is there twice", name, value.as_deref()));
            }
            let value = value.as_deref();
            match name.as_str() {
                SERVER_NO_CONTEXT_TAKEOVER => read.server_no_context_takeover = flag(name, value)?,
                CLIENT_NO_CONTEXT_TAKEOVER => read.client_no_context_takeover = flag(name, value)?,
                SERVER_MAX_WINDOW_BITS => read.server_max_window_bits = Some(bits(name, value)?),
                CLIENT_MAX_WINDOW_BITS if value.is_none() && place == Place::Offer => {
                    read.client_max_window_bits = Some(None);
                }
                CLIENT_MAX_WINDOW_BITS => read.client_max_window_bits = Some(Some(bits(name, value)?)),
                _ => {
                    let detail = "permessage-deflate has no such parameter";
                    return Err(fault(Status::INVALID_PARAMETER_NAME, detail, name, value));
                }
            }
        }
        Ok(read)
    }

    /// The same as a list.
    pub fn to_list(self) -> Vec<(String, Option<String>)> {
        let flag = |on: bool, name: &str| on.then(|| (name.to_owned(), None));
        let bits = |bits: u8| Some(bits.to_string());
        [
            flag(self.server_no_context_takeover, SERVER_NO_CONTEXT_TAKEOVER),
            flag(self.client_no_context_takeover, CLIENT_NO_CONTEXT_TAKEOVER),
            self.server_max_window_bits.map(|value| (SERVER_MAX_WINDOW_BITS.to_owned(), bits(value))),
            self.client_max_window_bits.map(|value| (CLIENT_MAX_WINDOW_BITS.to_owned(), value.and_then(bits))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The error about one parameter.
pub(super) fn fault(status: Status, detail: &'static str, name: &str, value: Option<&str>) -> Error {
    Error::new(status, detail).with(|e| {
        e.parameter_name = name.to_owned();
        e.parameter_value = value.unwrap_or_default().to_owned();
    })
}

/// A parameter that says all by being there.
fn flag(name: &str, value: Option<&str>) -> Result<bool> {
    match value {
        None => Ok(true),
        Some(_) => Err(fault(Status::INVALID_PARAMETER_VALUE, "this parameter has no value", name, value)),
    }
}

/// §7.1.2.1: "a decimal integer value without leading zeroes between 8 to 15, inclusive".
fn bits(name: &str, value: Option<&str>) -> Result<u8> {
    match value {
        Some("8") => Ok(8),
        Some("9") => Ok(9),
        Some("10") => Ok(10),
        Some("11") => Ok(11),
        Some("12") => Ok(12),
        Some("13") => Ok(13),
        Some("14") => Ok(14),
        Some("15") => Ok(15),
        _ => {
            let detail = "window bits are a number from 8 to 15, without leading zeroes";
            Err(fault(Status::INVALID_PARAMETER_VALUE, detail, name, value))
        }
    }
}
