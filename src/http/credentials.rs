//! A user name and a password, for Basic authentication (RFC 7617).

use super::host::{Parsed, shift};
use super::percent;
use crate::error::{Error, Result, Status};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// Who a client says it is, or whom a server lets in. Either part may be empty. Debug shows neither: where a service
/// knows its users by a token, the token often stands in place of the name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Credentials {
    /// Has no colon, for that is where the password begins.
    pub user: String,
    /// May have colons.
    pub password: String,
}

impl Credentials {
    /// Both parts, or INVALID_ARGUMENT for what Basic authentication cannot say.
    pub fn new(user: &str, password: &str) -> Result<Self> {
        let credentials = Self { user: user.to_owned(), password: password.to_owned() };
        credentials.validate().map(|()| credentials)
    }

    /// For those whose fields were set one by one.
    pub fn validate(&self) -> Result<()> {
        self.fault().map_or(Ok(()), |detail| Err(Error::new(Status::INVALID_ARGUMENT, detail)))
    }

    /// The value of an Authorization header (RFC 7617 §2), in UTF-8 as §2.1 has it.
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.user, self.password)))
    }

    /// `userinfo` of RFC 3986 §3.2.1, as far as it is a name and a password: without a colon nobody can tell whether
    /// the password was forgotten, or is what stands there.
    pub(super) fn from_userinfo(text: &str) -> Parsed<Self> {
        if let Some(at) = text.find('@') {
            return Err((at, "an at sign in the credentials: write it as %40"));
        }
        let missing = "credentials without a colon: write user:password@, or user:@ for an empty password";
        let (user, password) = text.split_once(':').ok_or((text.len(), missing))?;
        let (user, password_at) = (percent::decode(user)?, user.len() + 1);
        let credentials = Self { user, password: percent::decode(password).map_err(shift(password_at))? };
        credentials.fault().map_or(Ok(credentials), |detail| Err((0, detail)))
    }

    fn fault(&self) -> Option<&'static str> {
        if self.user.contains(':') {
            return Some("a colon in the user name, where Basic authentication cannot have one");
        }
        let has_control = self.user.chars().chain(self.password.chars()).any(char::is_control);
        has_control.then_some("a control character in the credentials")
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_7617() {
        let basic = |user, password| Credentials::new(user, password).map(|c| c.basic()).unwrap();
        assert_eq!(basic("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(basic("test", "123\u{a3}"), "Basic dGVzdDoxMjPCow==");
        assert_eq!(basic("", ":"), "Basic Ojo=");
    }

    #[test]
    fn what_basic_authentication_cannot_say_is_refused() {
        for (user, password) in [("a:b", ""), ("a\n", ""), ("a", "\0"), ("a", "\x7f"), ("", "\u{85}")] {
            let error = Credentials::new(user, password).unwrap_err();
            assert_eq!(error.status, Status::INVALID_ARGUMENT, "{user:?} {password:?}");
        }
    }

    #[test]
    fn user_information_is_decoded() {
        let parsed = |text| Credentials::from_userinfo(text).map(|c| (c.user, c.password)).map_err(|fault| fault.0);
        let both = |user: &str, password: &str| Ok((user.to_owned(), password.to_owned()));
        assert_eq!(parsed("me:secret"), both("me", "secret"));
        assert_eq!(parsed("m%40e:%3A:%C3%A4\u{e4}"), both("m@e", "::\u{e4}\u{e4}"));
        assert_eq!(parsed(":"), both("", ""));
        for (text, at) in
            [("", 0), ("me", 2), ("m@e:x", 1), ("a%3Ab:x", 0), ("me:%0A", 0), ("me:a%", 4), ("m%2:x", 1), ("a:%ff", 2)]
        {
            assert_eq!(parsed(text), Err(at), "{text}");
        }
    }
}
