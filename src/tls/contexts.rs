//! The client contexts that an engine has in use, so that equal options share roots and sessions.

use std::fs::Metadata;
use std::path::Path;
use std::time::SystemTime;

use crate::error::Result;

use super::client::{ClientContext, ClientOptions};
use super::pem::Pem;

/// Contexts that are kept. A program has one, or one for each environment it talks to.
const KEPT: usize = 8;

/// A small cache of contexts. Equal options give the same context, so that their connections resume each other's
/// sessions, as long as the files they name are the same, too: a file that was replaced takes effect.
#[derive(Debug, Default)]
pub struct ClientContexts {
    /// Latest used last.
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    options: ClientOptions,
    stamps: Vec<Option<Stamp>>,
    context: ClientContext,
}

impl ClientContexts {
    /// The context for these options, made when there is none.
    pub fn get(&mut self, options: &ClientOptions) -> Result<ClientContext> {
        let stamps = stamps(options);
        let old = self.kept.iter().position(|kept| kept.options == *options).map(|at| self.kept.remove(at));
        let kept = match old {
            Some(old) if old.stamps == stamps => old,
            _ => Kept { options: options.clone(), stamps, context: ClientContext::new(options)? },
        };
        let context = kept.context.clone();
        self.keep(kept);
        Ok(context)
    }

    fn keep(&mut self, kept: Kept) {
        if self.kept.len() == KEPT {
            self.kept.remove(0);
        }
        self.kept.push(kept);
    }
}

/// What tells a file from the one that was there before.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(Self { len: metadata.len(), modified: metadata.modified().ok(), inode: inode(&metadata) })
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

/// Of every file that the options name. Taken before they are read: one that changes in between is read again.
fn stamps(options: &ClientOptions) -> Vec<Option<Stamp>> {
    let own = options.identity.iter().flat_map(|identity| [&identity.chain, &identity.key]);
    let files = options.ca.iter().chain(own).filter_map(|pem| match pem {
        Pem::File(path) => Some(path),
        Pem::Bytes(_) => None,
    });
    files.map(|path| Stamp::of(path)).collect()
}
