//! Who a request says it comes from: Basic authentication (RFC 7617).

use super::names::{AUTHORIZATION, WWW_AUTHENTICATE};
use super::policy::ServerPolicy;
use crate::error::{Error, Result, Status};
use crate::http::{Credentials, Headers, is_field_value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::{Choice, ConstantTimeEq as _};

/// The name of the user who is let in; empty if everybody is.
pub(super) fn judge(headers: &Headers, policy: &ServerPolicy) -> Result<String> {
    if policy.credentials.is_empty() {
        return Ok(String::new());
    }
    let given = decode(headers, headers.required(AUTHORIZATION)?)?;
    // All entries, whichever it is: time is not to tell which of them exist.
    let known = policy.credentials.iter().fold(Choice::from(0), |known, entry| known | same(&given, entry));
    match (bool::from(known), given.split(|byte| *byte == b':').next()) {
        (true, Some(user)) => Ok(String::from_utf8_lossy(user).into_owned()),
        _ => Err(headers.invalid(Status::INVALID_HEADER_VALUE, AUTHORIZATION, "unknown user, or wrong password")),
    }
}

/// `user ":" password` as bytes: the charset that the client is told of is advice to it (§2.1).
fn decode(headers: &Headers, value: &[u8]) -> Result<Vec<u8>> {
    let invalid = |status, detail| headers.invalid(status, AUTHORIZATION, detail);
    let scheme = value.split(|byte| *byte == b' ').next().unwrap_or_default();
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return Err(invalid(Status::INVALID_HEADER_VALUE, "this server takes the Basic scheme only"));
    }
    let token = value.get(scheme.len()..).unwrap_or_default().trim_ascii_start();
    let malformed = |detail| {
        let at = (value.len() - token.len()) as u64;
        invalid(Status::INVALID_HEADER_FORMAT, detail).with(|e| e.position = Some(at))
    };
    let given = STANDARD.decode(token).map_err(|_| malformed("the credentials are not base64"))?;
    match given.contains(&b':') {
        true => Ok(given),
        false => Err(malformed("there is no colon in the credentials")),
    }
}

/// Takes as long for what was given, whatever the entry is and wherever they begin to differ.
fn same(given: &[u8], entry: &Credentials) -> Choice {
    let (user, password) = (entry.user.as_bytes(), entry.password.as_bytes());
    let expected = user.iter().chain(b":").chain(password).chain(std::iter::repeat(&0));
    let same_length = given.len().ct_eq(&(user.len() + 1 + password.len()));
    given.iter().zip(expected).fold(same_length, |same, (given, expected)| same & given.ct_eq(expected))
}

/// What a client without credentials is asked for (§2).
pub(super) fn challenge(policy: &ServerPolicy) -> String {
    let realm = policy.realm.replace('\\', "\\\\").replace('"', "\\\"");
    format!("Basic realm=\"{realm}\", charset=\"UTF-8\"")
}

/// Credentials that Basic authentication can say, and a realm that a head can hold.
pub(super) fn validate(policy: &ServerPolicy) -> Result<()> {
    policy.credentials.iter().try_for_each(Credentials::validate)?;
    match is_field_value(policy.realm.as_bytes()) {
        true => Ok(()),
        false => Err(Error::new(Status::INVALID_HEADER_VALUE, "realm: a control character in the value").with(|e| {
            e.header_name = WWW_AUTHENTICATE.to_owned();
            e.header_value = Some(policy.realm.clone());
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_compared_whole() {
        let entry = Credentials::new("me", "se:cret").unwrap();
        assert!(bool::from(same(b"me:se:cret", &entry)));
        for other in ["", ":", "me", "me:", "me:se:cre", "me:se:cret\0", "me:se:crets", "ME:se:cret", "me\0se:cret"] {
            assert!(!bool::from(same(other.as_bytes(), &entry)), "{other:?}");
        }
    }
}
