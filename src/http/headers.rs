//! The header fields of a head.

use super::chars::lossy;
use super::field::Field;
use crate::error::{Error, Result, Status};

/// An ordered multimap: fields stay in the order of the wire, repeats are kept, names match whatever their case.
///
/// Looking a name up walks the list, which the limits keep at 128; a handshake asks for a dozen names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    fields: Vec<Field>,
}

impl Headers {
    /// Appends a field of our own making.
    pub fn add(&mut self, name: &str, value: &str) {
        self.push(Field::new(name, value));
    }

    /// Appends a field.
    pub fn push(&mut self, field: Field) {
        self.fields.push(field);
    }

    /// Gives every field of this name another value.
    pub fn set(&mut self, name: &str, value: &str) {
        self.fields.iter_mut().filter(|f| f.is(name)).for_each(|f| f.value = value.into());
    }

    /// How many there are, repeats counted.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.fields.iter()
    }

    /// The name occurs, even with an empty value.
    pub fn contains(&self, name: &str) -> bool {
        self.fields.iter().any(|f| f.is(name))
    }

    /// Every value of this name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |f| f.is(name)).map(|f| f.value.as_slice())
    }

    /// The value of a field that may occur once at most; INVALID_HEADER if it is repeated. (As bytes: a value from
    /// the wire need not be UTF-8.)
    pub fn one<'a>(&'a self, name: &'a str) -> Result<Option<&'a [u8]>> {
        let mut values = self.get_all(name);
        let first = values.next();
        match values.next() {
            None => Ok(first),
            Some(_) => Err(self.invalid(Status::INVALID_HEADER, name, "this header may not be repeated")),
        }
    }

    /// The value of a field that must occur exactly once; INVALID_HEADER otherwise.
    pub fn required<'a>(&'a self, name: &'a str) -> Result<&'a [u8]> {
        let missing = || self.invalid(Status::INVALID_HEADER, name, "this header is missing");
        self.one(name)?.ok_or_else(missing)
    }

    /// Every value of this name as one, joined the way RFC 9110 §5.3 allows; `None` if there is none. For errors: a
    /// secret is masked.
    pub fn joined(&self, name: &str) -> Option<String> {
        let named = || self.fields.iter().filter(|f| f.is(name));
        self.contains(name).then(|| named().map(Field::shown).collect::<Vec<_>>().join(", "))
    }

    /// An error about the field of this name, with the value it has here unless that is a secret.
    pub fn invalid(&self, status: Status, name: &str, detail: &'static str) -> Error {
        Error::new(status, detail).with(|e| {
            e.header_name = name.to_owned();
            e.header_value = self.joined(name);
        })
    }

    /// For the host.
    pub fn to_strings(&self) -> Vec<(String, String)> {
        self.fields.iter().map(|f| (f.name.clone(), lossy(&f.value))).collect()
    }

    /// For errors: secrets are masked.
    pub fn to_shown(&self) -> Vec<(String, String)> {
        self.fields.iter().map(|f| (f.name.clone(), f.shown())).collect()
    }
}
