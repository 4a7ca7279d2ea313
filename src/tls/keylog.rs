//! The session secrets, written to a file for Wireshark and its like (the NSS key log format).

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustls::KeyLog;

use crate::error::{Error, Operation, Result};

/// A key log that is open.
pub(super) struct FileLog(Mutex<File>);

impl FileLog {
    /// Opens the file to write behind what is there. Made now it is readable for its owner only: with it everybody
    /// reads every connection.
    pub(super) fn open(path: &Path) -> Result<Arc<Self>> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| {
            let detail = format!("{}: {error}", path.display());
            Error::io(&error, Operation::Tls).with(|e| e.detail = detail.into())
        })?;
        Ok(Arc::new(Self(Mutex::new(file))))
    }
}

impl fmt::Debug for FileLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileLog")
    }
}

impl KeyLog for FileLog {
    /// One line, written at once so that lines of several processes do not mix. A full disk costs the log, not the
    /// connection.
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        if let Ok(mut file) = self.0.lock() {
            let _ = file.write_all(line.as_bytes());
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
