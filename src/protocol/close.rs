//! Close frames, RFC 6455 §5.5.1 and §7.4: their payload, the codes that may cross the wire, and the code
//! with which each failure is answered.

use super::frame::{MAX_CONTROL_PAYLOAD, Opcode};
use crate::error::{CloseFrame, Error, Result, Status};

/// "No status code was present", never on the wire.
const NO_CODE: u16 = 1005;

/// Codes that may stand in a Close frame: the registered ones and 3000–4999.
pub fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// Reads the payload of a Close frame that was received.
pub fn read(payload: &[u8]) -> Result<CloseFrame> {
    judge(payload).map_err(|error| error.with(|e| e.opcode = Opcode::Close as u8))
}

fn judge(payload: &[u8]) -> Result<CloseFrame> {
    let (code, reason) = match payload {
        [] => return Ok(CloseFrame { code: NO_CODE, reason: String::new() }),
        [_] => return Err(invalid("the payload of a Close frame is one byte")),
        [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
    };
    if !may_be_sent(code) {
        return Err(Error::new(Status::INVALID_CLOSE, format!("close code {code} may not be sent")));
    }
    match std::str::from_utf8(reason) {
        Ok(reason) => Ok(CloseFrame { code, reason: reason.to_owned() }),
        Err(e) => Err(Error::new(Status::INVALID_PAYLOAD, "a close reason is not UTF-8")
            .with(|r| r.position = Some(e.valid_up_to() as u64))),
    }
}

/// Checks a code and reason that the host wants to send.
pub fn check_close(code: u16, reason: &str) -> Result<()> {
    if !may_be_sent(code) {
        return Err(Error::new(Status::INVALID_SEND, format!("close code {code} may not be sent")));
    }
    if reason.len() > MAX_CONTROL_PAYLOAD - 2 {
        return Err(Error::new(Status::INVALID_SEND, "a close reason is longer than 123 bytes").with(|e| {
            e.size = Some(reason.len() as u64);
            e.max_size = Some(MAX_CONTROL_PAYLOAD as u64 - 2);
        }));
    }
    Ok(())
}

/// The payload that says this; empty for 1005.
pub fn write(frame: &CloseFrame) -> Vec<u8> {
    match frame.code {
        NO_CODE => Vec::new(),
        code => [&code.to_be_bytes(), frame.reason.as_bytes()].concat(),
    }
}

/// The close code with which a failure is answered (RFC 6455 §7.4.1).
pub fn close_code_for(status: Status) -> u16 {
    match status {
        Status::INVALID_PAYLOAD | Status::DECOMPRESSION => 1007,
        Status::PAYLOAD_TOO_BIG | Status::TOO_MANY_FRAGMENTS => 1009,
        // Too much for us now, not too much for ever: 1008 would tell the peer not to come back.
        Status::SEND_QUEUE_FULL | Status::QUEUE_FULL => 1013,
        // The only one that the peer is to blame for: it holds us up on purpose, or as good as.
        Status::RECV_TIMEOUT => 1008,
        s if s.is_a(Status::PROTOCOL) => 1002,
        _ => 1011,
    }
}

#[cold]
fn invalid(detail: &'static str) -> Error {
    Error::new(Status::INVALID_CLOSE, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sendable_codes_are_accepted() {
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535u16] {
            assert_eq!(read(&code.to_be_bytes()).unwrap_err().status, Status::INVALID_CLOSE, "{code}");
        }
        for code in [1000, 1001, 1003, 1007, 1014, 3000, 4999u16] {
            assert_eq!(read(&code.to_be_bytes()).unwrap().code, code);
        }
        assert_eq!(read(b"").unwrap().code, 1005);
        assert_eq!(read(b"\x03").unwrap_err().status, Status::INVALID_CLOSE);
        assert_eq!(read(b"\x03\xe8ok\xff").unwrap_err().position, Some(2));
    }
}
