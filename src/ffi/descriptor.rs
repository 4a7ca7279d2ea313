//! Descriptors of sockets that the host hands over.

use super::convert::invalid;
use crate::error::Result;
#[cfg(unix)]
use crate::error::{Error, Operation, Status};
#[cfg(unix)]
use std::os::fd::OwnedFd;

/// Takes a socket over under a number of our own; the host's number is closed then. Should anything fail, the host's is
/// what it was.
#[cfg(unix)]
pub fn take_over(socket: isize, argument: &'static str, take: impl FnOnce(OwnedFd) -> Result<u64>) -> Result<u64> {
    use std::os::fd::{BorrowedFd, FromRawFd};
    let number = i32::try_from(socket).ok().filter(|fd| *fd >= 0);
    let number = number.ok_or_else(|| invalid(argument, "is no descriptor"))?;
    // SAFETY: not -1; whether it is open the kernel will say, and it is the host's for the length of this call.
    let fd = unsafe { BorrowedFd::borrow_raw(number) };
    let ours = fd.try_clone_to_owned().map_err(|e| match Error::io(&e, Operation::Connect) {
        error if error.status == Status::FD_LIMIT => error.with(|e| e.operation = Operation::None),
        error => invalid(argument, "is no open descriptor").with(|e| e.os_error = error.os_error),
    })?;
    let id = crate::net::unchanged_by_failure(fd, || take(ours))?;
    // SAFETY: it was open a moment ago, and the host gave it to us.
    drop(unsafe { OwnedFd::from_raw_fd(number) });
    Ok(id)
}

/// A socket's descriptor where there are none.
#[cfg(not(unix))]
pub struct OwnedFd;

/// There is no such thing here.
#[cfg(not(unix))]
pub fn take_over(_socket: isize, _argument: &'static str, _take: impl FnOnce(OwnedFd) -> Result<u64>) -> Result<u64> {
    let rule = "sockets cannot be taken over on this platform";
    Err(crate::error::Error::new(crate::error::Status::UNSUPPORTED, rule))
}
