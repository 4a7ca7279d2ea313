//! Whether trying again could help: the default policy of `errors.md`, which reconnecting follows and any
//! host can read from `hws_error_info.retryable`.

use super::{Error, Side, Status};

/// Whether the same connection, tried again, could come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The cause is permanent.
    No,
    /// At any time, with backoff.
    Yes,
    /// Not before so many milliseconds have passed.
    After(u64),
}

/// RFC 6455's registry: 1013 is "try again later"; nobody means "in a second" by it.
const TRY_AGAIN_LATER_MS: u64 = 30_000;

/// The replies of a SOCKS proxy that speak of the way to the peer and not of us: the general failure of SOCKS5 and that
/// of SOCKS4, which has no other for a peer that refuses or is out of reach; network and host unreachable, connection
/// refused, TTL expired.
fn may_pass(socks_reply: u8) -> bool {
    matches!(socks_reply, 1 | 3..=6 | 91)
}

impl Error {
    /// Judges the whole error, its HTTP status and its close code.
    pub fn retry(&self) -> Retry {
        let yes = match self.retry_after_ms {
            Some(ms) => Retry::After(ms),
            None => Retry::Yes,
        };
        let is = |class| self.status.is_a(class);
        if is(Status::CLOSED_ERROR) {
            return self.retry_closed();
        }
        if is(Status::CLOSED_OK) {
            return if self.peer_goes_away() { Retry::Yes } else { Retry::No };
        }
        let promising = if is(Status::INVALID_STATUS) {
            matches!(self.http_status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
        } else if is(Status::INVALID_PROXY_STATUS) {
            matches!(self.http_status, 502..=504)
        } else if is(Status::SOCKS_REPLY) {
            self.socks_reply.is_some_and(may_pass)
        } else if is(Status::PROXY) {
            self.cause.as_ref().is_some_and(|c| c.status.is_a(Status::NETWORK) && c.retry() != Retry::No)
        } else {
            !is(Status::TLS_CERTIFICATE) && (is(Status::NETWORK) || is(Status::TIMEOUT))
        };
        if promising { yes } else { Retry::No }
    }

    /// A clean end that is none of the conversation: the peer's server restarts. With 1000, or no code, it has finished.
    fn peer_goes_away(&self) -> bool {
        self.initiated_by == Side::Remote && self.close_code() == 1001
    }

    /// A connection that ended badly: by the close code received, else by what we sent and why.
    fn retry_closed(&self) -> Retry {
        if self.cause.as_ref().is_some_and(|c| c.status.is_a(Status::PROTOCOL)) {
            return Retry::No;
        }
        match self.close_code() {
            1013 => Retry::After(self.retry_after_ms.unwrap_or(0).max(TRY_AGAIN_LATER_MS)),
            1001 | 1005 | 1006 | 1011 | 1012 | 1014 => Retry::Yes,
            _ => Retry::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::CloseFrame;

    fn closed(code: u16) -> Error {
        Error::new(Status::CLOSED_ERROR, "").with(|e| {
            e.close_rcvd = Some(CloseFrame { code, reason: String::new() });
        })
    }

    #[test]
    fn follows_the_atlas() {
        let http = |status| Error::new(Status::INVALID_STATUS, "").with(|e| e.http_status = status);
        assert_eq!(http(503).retry(), Retry::Yes);
        assert_eq!(http(503).with(|e| e.retry_after_ms = Some(7)).retry(), Retry::After(7));
        assert_eq!(http(404).retry(), Retry::No);
        assert_eq!(Error::new(Status::CONNECTION_REFUSED, "").retry(), Retry::Yes);
        assert_eq!(Error::new(Status::TLS_CERTIFICATE, "").retry(), Retry::No);
        assert_eq!(Error::new(Status::HANDSHAKE_TIMEOUT, "").retry(), Retry::Yes);
        assert_eq!(Error::new(Status::INVALID_ARGUMENT, "").retry(), Retry::No);
        assert_eq!(closed(1012).retry(), Retry::Yes);
        assert_eq!(closed(1013).retry(), Retry::After(30_000));
        assert_eq!(closed(4401).retry(), Retry::No);
        let clean = |code, side| closed(code).with(|e| (e.status, e.initiated_by) = (Status::CLOSED_OK, side)).retry();
        assert_eq!(clean(1001, Side::Remote), Retry::Yes);
        assert_eq!(clean(1001, Side::Local), Retry::No);
        assert_eq!(clean(1000, Side::Remote), Retry::No);
        let broke_the_rules = Error::new(Status::CLOSED_ERROR, "").because(Error::new(Status::INVALID_FRAME, ""));
        assert_eq!(broke_the_rules.retry(), Retry::No);
    }

    #[test]
    fn a_proxy_is_worth_another_try_when_the_network_failed() {
        let because = |status| Error::new(Status::PROXY, "").because(Error::new(status, "")).retry();
        for status in [Status::CONNECTION_REFUSED, Status::ADDRESS, Status::TLS_ALERT, Status::CONNECT_TIMEOUT] {
            assert_eq!(because(status), Retry::Yes, "{}", status.name());
        }
        for status in [Status::TLS_CERTIFICATE, Status::HEADER_LINE_TOO_LONG, Status::INVALID_ARGUMENT] {
            assert_eq!(because(status), Retry::No, "{}", status.name());
        }
        let of_the_peer = Error::new(Status::INVALID_STATUS, "").with(|e| e.http_status = 503);
        assert_eq!(Error::new(Status::PROXY, "").because(of_the_peer).retry(), Retry::No);
        assert_eq!(Error::new(Status::PROXY, "").retry(), Retry::No);
        assert_eq!(Error::new(Status::INVALID_PROXY, "").retry(), Retry::No);
        let cut_off = Error::new(Status::INVALID_PROXY_MESSAGE, "").because(Error::new(Status::UNEXPECTED_EOF, ""));
        assert_eq!(cut_off.retry(), Retry::Yes);
        assert_eq!(Error::new(Status::INVALID_PROXY_MESSAGE, "").retry(), Retry::No);
    }

    #[test]
    fn a_socks_proxy_is_worth_another_try_when_the_way_failed() {
        for reply in 0..=255 {
            let error = Error::new(Status::SOCKS_REPLY, "").with(|e| e.socks_reply = Some(reply));
            let promising = [1, 3, 4, 5, 6, 91].contains(&reply);
            assert_eq!(error.retry() == Retry::Yes, promising, "{reply}");
        }
        assert_eq!(Error::new(Status::SOCKS_REPLY, "").retry(), Retry::No);
        let refused = |status| Error::new(Status::INVALID_PROXY_STATUS, "").with(|e| e.http_status = status).retry();
        assert_eq!((refused(502), refused(504), refused(403)), (Retry::Yes, Retry::Yes, Retry::No));
        assert_eq!(Error::new(Status::PROXY_AUTHENTICATION, "").with(|e| e.http_status = 407).retry(), Retry::No);
    }
}
