//! Sec-WebSocket-Extensions (RFC 6455 §9.1): from the header to the room that knows extensions, and back.

use super::names::EXTENSIONS;
use crate::error::{Error, Operation, Result, Status};
use crate::extension::{Agreed, Choice, Extensions};
use crate::http::{Extension, Headers, extensions};

/// What a server grants of what its client offers. An offer that is well-formed and wrong is declined, not an error.
pub(super) fn choose(ours: &Extensions, headers: &Headers) -> Result<Choice> {
    let mut choice = ours.choose(&listed(headers)?);
    for error in &mut choice.declined {
        error.header_name = EXTENSIONS.to_owned();
        error.operation = Operation::Handshake;
    }
    Ok(choice)
}

/// What a server answered, held against what was offered: as it stands there, and as we keep it.
pub(super) fn agree(ours: &Extensions, headers: &Headers) -> Result<(String, Option<Agreed>)> {
    let answered = listed(headers)?;
    let agreed = ours.agree(&answered).map_err(|error| located(error, headers))?;
    Ok((to_value(&answered), agreed))
}

/// As a header has them.
pub(super) fn to_value(list: &[Extension]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The extensions that a header lists. §9.1: a header that is there holds at least one.
fn listed(headers: &Headers) -> Result<Vec<Extension>> {
    let listed = extensions(headers, EXTENSIONS)?;
    let empty = || headers.invalid(Status::INVALID_HEADER_FORMAT, EXTENSIONS, "expected the name of an extension");
    match headers.contains(EXTENSIONS) && listed.is_empty() {
        true => Err(empty().with(|e| e.position = Some(0))),
        false => Ok(listed),
    }
}

fn located(error: Error, headers: &Headers) -> Error {
    error.with(|e| {
        e.header_name = EXTENSIONS.to_owned();
        e.header_value = headers.joined(EXTENSIONS);
    })
}
