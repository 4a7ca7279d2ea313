//! A descriptor that is readable while something waits: two ends of a socket, and a byte between them or none.

#[cfg(not(unix))]
use crate::error::Status;
use crate::error::{Error, Operation, Result};

/// Two ends of a socket.
pub struct Light {
    #[cfg(unix)]
    ends: (std::os::unix::net::UnixStream, std::os::unix::net::UnixStream),
    #[cfg(unix)]
    on: bool,
}

#[cfg(unix)]
impl Light {
    /// One that is off.
    pub fn new() -> Result<Self> {
        let io = |e: std::io::Error| Error::io(&e, Operation::Inspect);
        let ends = std::os::unix::net::UnixStream::pair().map_err(io)?;
        ends.0.set_nonblocking(true).map_err(io)?;
        ends.1.set_nonblocking(true).map_err(io)?;
        Ok(Self { ends, on: false })
    }

    /// Switches it. Neither direction ever holds more than one byte, so neither call can fail for want of room or bytes.
    pub fn set(&mut self, on: bool) {
        use std::io::{Read, Write};
        if self.on == on {
            return;
        }
        let (outside, inside) = (&self.ends.0, &self.ends.1);
        let done = match on {
            true => (&mut { inside }).write(&[1]),
            false => (&mut { outside }).read(&mut [0]),
        };
        self.on = on == done.is_ok();
    }

    /// What a host waits for.
    pub fn descriptor(&self) -> isize {
        std::os::fd::AsRawFd::as_raw_fd(&self.ends.0) as isize
    }
}

#[cfg(not(unix))]
impl Light {
    /// There is no such thing here.
    pub fn new() -> Result<Self> {
        Err(Error::new(Status::UNSUPPORTED, "this platform has no pollable descriptor").during(Operation::Inspect))
    }

    /// Nobody sees it.
    pub fn set(&mut self, _on: bool) {}

    /// None.
    pub fn descriptor(&self) -> isize {
        -1
    }
}
