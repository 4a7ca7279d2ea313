//! Certificates and keys as PEM (RFC 7468), in a file or in memory.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use rustls_pki_types::pem::{Error as PemError, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{Error, Operation, Result, Status};

/// Largest PEM that is read. All roots of a Linux distribution are a quarter of a megabyte.
const MAX: u64 = 16 << 20;

/// PEM text, or where it is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Pem {
    /// Read when a context is built.
    File(PathBuf),
    /// The text itself.
    Bytes(Vec<u8>),
}

impl fmt::Debug for Pem {
    /// Says where, never what: it may be a private key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pem::File(path) => write!(f, "File({path:?})"),
            Pem::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}

impl fmt::Display for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pem::File(path) => write!(f, "{}", path.display()),
            Pem::Bytes(_) => f.write_str("the PEM in memory"),
        }
    }
}

impl Pem {
    /// Every certificate in it, at least one. One that is damaged spoils all: half a chain or half a list of roots is
    /// not what the caller meant.
    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>> {
        let text = self.text()?;
        let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let found = found.map_err(|error| self.unusable(&format!("is damaged PEM ({error})")))?;
        if found.is_empty() {
            return Err(self.unusable("holds no certificate in PEM"));
        }
        Ok(found)
    }

    /// The first private key in it: PKCS#8, PKCS#1 or SEC1.
    pub(super) fn key(&self) -> Result<PrivateKeyDer<'static>> {
        let text = self.text()?;
        PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
            PemError::NoItemsFound if is_encrypted(&text) => self.unusable("holds a private key that is encrypted"),
            PemError::NoItemsFound => self.unusable("holds no private key in PEM"),
            error => self.unusable(&format!("is damaged PEM ({error})")),
        })
    }

    /// The argument at fault, with what is wrong about it.
    pub(super) fn unusable(&self, why: &str) -> Error {
        Error::new(Status::INVALID_ARGUMENT, format!("{self} {why}")).during(Operation::Tls)
    }

    fn text(&self) -> Result<Cow<'_, [u8]>> {
        let text = match self {
            Pem::Bytes(bytes) => Cow::Borrowed(&bytes[..]),
            Pem::File(path) => Cow::Owned(read(path).map_err(|error| self.unreadable(&error))?),
        };
        match text.len() as u64 {
            0 => Err(self.unusable("is empty")),
            len if len > MAX => Err(self.too_large()),
            _ => Ok(text),
        }
    }

    fn unreadable(&self, error: &io::Error) -> Error {
        Error::io(error, Operation::Tls).with(|e| e.detail = format!("{self}: {error}").into())
    }

    fn too_large(&self) -> Error {
        self.unusable("is larger than any PEM that is read").with(|e| e.max_size = Some(MAX))
    }
}

/// The file, or of one that is too large just enough to see that.
fn read(path: &PathBuf) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_encrypted(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"BEGIN ENCRYPTED PRIVATE KEY").is_some()
}
