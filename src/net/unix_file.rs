//! The file of a Unix socket: it outlives its listener unless somebody removes it.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf, absolute};

use super::address::UnixPath;
use super::options::SocketOptions;
use super::stream::Stream;

/// A file that this process has bound a socket to; dropping it removes the file, if it is still that one.
#[derive(Debug)]
pub struct SocketFile {
    /// Absolute: the process may change its directory.
    path: PathBuf,
    identity: Identity,
    /// A child that was forked has this too, and must leave its parent's file alone.
    owner: u32,
}

/// Which file it is, whatever its name.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl SocketFile {
    /// The file that was just bound.
    pub fn at(path: &Path) -> io::Result<Self> {
        let identity = Identity::of(&fs::symlink_metadata(path)?);
        Ok(Self { path: absolute(path)?, identity, owner: std::process::id() })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours = |file: &Metadata| Identity::of(file) == self.identity && std::process::id() == self.owner;
        if fs::symlink_metadata(&self.path).is_ok_and(|file| ours(&file)) {
            // Who cannot remove it leaves a stale one, which the next listener replaces.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Identity {
    fn of(file: &Metadata) -> Self {
        Self { device: file.dev(), inode: file.ino() }
    }
}

/// Removes a socket that nobody listens on any more; false if there is none, or somebody may be listening.
pub fn remove_stale(path: &UnixPath) -> bool {
    let Some(file) = path.file() else { return false };
    let socket = || fs::symlink_metadata(file).ok().filter(|found| found.file_type().is_socket());
    let Some(before) = socket() else { return false };
    let outcome = Stream::connect(&path.clone().into(), &SocketOptions::default());
    let refused = outcome.is_err_and(|e| e.kind() == io::ErrorKind::ConnectionRefused);
    // Another server may have been quicker to replace it.
    let same = socket().is_some_and(|now| Identity::of(&now) == Identity::of(&before));
    refused && same && fs::remove_file(file).is_ok()
}
