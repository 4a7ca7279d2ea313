//! The negotiation of extensions (RFC 6455 §9.1). hawser offers and accepts none yet.

use super::names::EXTENSIONS;
use crate::error::{Result, Status};
use crate::http::{Extension, Headers, extensions};

/// The extensions that a header lists. §9.1: a header that is there holds at least one.
pub(super) fn listed(headers: &Headers) -> Result<Vec<Extension>> {
    let listed = extensions(headers, EXTENSIONS)?;
    let empty = || headers.invalid(Status::INVALID_HEADER_FORMAT, EXTENSIONS, "expected the name of an extension");
    match headers.contains(EXTENSIONS) && listed.is_empty() {
        true => Err(empty().with(|e| e.position = Some(0))),
        false => Ok(listed),
    }
}

/// What a server answered, held against what its client offered: every extension was asked for (§4.1 step 5), and
/// none is there twice. Parameters are for the extension to judge.
pub(super) fn agree_extensions(offered: &[Extension], headers: &Headers) -> Result<Vec<Extension>> {
    let answered = listed(headers)?;
    for (at, extension) in answered.iter().enumerate() {
        let name = &extension.name;
        let fault = if !offered.iter().any(|o| o.name == *name) {
            "the server uses an extension that was not offered"
        } else if answered.iter().take(at).any(|earlier| earlier.name == *name) {
            "the server uses an extension twice"
        } else {
            continue;
        };
        return Err(headers.invalid(Status::NEGOTIATION, EXTENSIONS, fault));
    }
    Ok(answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_offered_and_only_once() {
        let offered = [Extension { name: "a".to_owned(), params: Vec::new() }];
        let agree = |value: &str| {
            let mut headers = Headers::default();
            headers.add(EXTENSIONS, value);
            agree_extensions(&offered, &headers).map(|list| list.len()).map_err(|e| e.status)
        };
        assert_eq!(agree("a; x=1"), Ok(1));
        assert_eq!(agree("A"), Err(Status::NEGOTIATION));
        assert_eq!(agree("a, a"), Err(Status::NEGOTIATION));
        assert_eq!(agree_extensions(&offered, &Headers::default()).map(|list| list.len()), Ok(0));
    }
}
