//! The end of a connection, RFC 6455 §7: who says what, who ends TCP, and what both are told.

use std::collections::HashSet;

use hawser::error::{CloseFrame, Error, Operation, Side, Status};
use hawser::protocol::{Opcode, Role};
use hawser::session::{Fate, Settings, State};

use crate::pair::*;

const CLOSE: u8 = 0x88;

fn open(role: Role) -> Peer {
    Peer::open(role, &Settings::default())
}

fn close_frame(from: Role, code: u16, reason: &str) -> Vec<u8> {
    frame(from, CLOSE, &[&code.to_be_bytes(), reason.as_bytes()].concat())
}

fn said(code: u16, reason: &str) -> Option<CloseFrame> {
    Some(CloseFrame { code, reason: reason.to_owned() })
}

/// The codes that may stand in a Close frame, as RFC 6455 §7.4 and the registry of IANA list them.
fn sendable() -> impl Iterator<Item = u16> {
    (1000..=1003).chain(1007..=1014).chain(3000..=4999)
}

#[test]
fn every_sendable_code_crosses_from_either_side() {
    for code in sendable() {
        // Most of them are alike: the first ones and every hundredth after them.
        if code >= 3001 && code % 100 != 99 {
            continue;
        }
        for from in ROLES {
            let mut pair = Pair::open(&Settings::default());
            pair.from(from).0.close(code, "so long").unwrap();
            pair.run();
            let (closer, closed) = pair.from(from);
            let want = if code <= 1001 { Status::CLOSED_OK } else { Status::CLOSED_ERROR };
            assert_outcome(&closer.outcome(), want, said(code, "so long"), said(code, ""), Side::Local);
            assert_outcome(&closed.outcome(), want, said(code, ""), said(code, "so long"), Side::Remote);
        }
    }
}

fn assert_outcome(
    outcome: &Error,
    status: Status,
    sent: Option<CloseFrame>,
    rcvd: Option<CloseFrame>,
    initiated_by: Side,
) {
    assert_eq!(outcome.status, status);
    assert_eq!(outcome.close_sent, sent);
    assert_eq!(outcome.close_rcvd, rcvd);
    assert_eq!(outcome.initiated_by, initiated_by);
    assert_eq!(outcome.rcvd_then_sent, Some(initiated_by == Side::Remote));
    assert_eq!(outcome.cause, None);
    assert_eq!(outcome.state, State::Closed.bit());
}

#[test]
fn other_codes_and_long_reasons_are_refused_and_change_nothing() {
    let mut peer = open(Role::Client);
    let good: HashSet<u16> = sendable().collect();
    for code in (0..=u16::MAX).filter(|code| !good.contains(code)) {
        assert_eq!(peer.close(code, "").unwrap_err().status, Status::INVALID_SEND, "{code}");
    }
    let error = peer.close(1000, &"r".repeat(124)).unwrap_err();
    assert_eq!((error.status, error.size, error.max_size), (Status::INVALID_SEND, Some(124), Some(123)));
    assert_eq!(error.operation, Operation::Close);
    assert_eq!((peer.session.state(), peer.close_sent()), (State::Open, None));
    peer.close(1000, &"r".repeat(123)).unwrap();
    assert_eq!(peer.close_sent(), said(1000, &"r".repeat(123)));
}

#[test]
fn closing_twice_says_it_once() {
    let mut peer = open(Role::Server);
    peer.close(1000, "first").unwrap();
    peer.close(1001, "second").unwrap();
    assert_eq!(peer.close_sent(), said(1000, "first"));
}

#[test]
fn an_empty_close_is_answered_with_an_empty_one() {
    for role in ROLES {
        let mut peer = open(role);
        peer.feed(&frame(other(role), CLOSE, b""), WHOLE);
        assert_eq!(peer.frames(), [Frame { first: CLOSE, payload: vec![] }]);
        assert_outcome_until_end(peer, Status::CLOSED_OK, 1005);
    }
}

fn assert_outcome_until_end(mut peer: Peer, status: Status, code: u16) {
    peer.eof();
    let outcome = peer.outcome();
    assert_eq!((outcome.status, outcome.close_code()), (status, code));
}

#[test]
fn closing_at_the_same_time() {
    let mut pair = Pair::open(&Settings::default());
    pair.client.close(1000, "I").unwrap();
    pair.server.close(1001, "no, I").unwrap();
    pair.run();
    assert_outcome(&pair.client.outcome(), Status::CLOSED_OK, said(1000, "I"), said(1001, "no, I"), Side::Local);
    assert_outcome(&pair.server.outcome(), Status::CLOSED_OK, said(1001, "no, I"), said(1000, "I"), Side::Local);
}

/// RFC 6455 §7.1.1: the server closes TCP, at once, so that the client is not left with TIME_WAIT.
#[test]
fn the_server_ends_tcp_at_once_after_both_closes() {
    let mut server = open(Role::Server);
    server.feed(&close_frame(Role::Client, 1000, ""), WHOLE);
    assert_eq!(server.session.fate(), Fate::Keep, "its own Close has not left");
    server.write(3);
    assert_eq!(server.session.fate(), Fate::Keep, "one byte of its Close has not left");
    server.flush();
    assert_eq!((server.session.fate(), server.session.state()), (Fate::Drop, State::Closed));
}

#[test]
fn the_server_that_closes_first_waits_for_the_answer() {
    let mut server = open(Role::Server);
    server.close(1000, "").unwrap();
    server.flush();
    assert_eq!((server.session.fate(), server.session.state()), (Fate::Keep, State::Closing));
    server.feed(&close_frame(Role::Client, 1000, ""), WHOLE);
    assert_eq!(server.session.fate(), Fate::Drop);
}

#[test]
fn the_client_waits_for_the_server_to_end_tcp() {
    let mut client = open(Role::Client);
    client.feed(&close_frame(Role::Server, 1000, ""), WHOLE);
    client.flush();
    assert_eq!((client.session.fate(), client.session.state()), (Fate::Keep, State::Closing));
    client.eof();
    assert_eq!((client.session.fate(), client.session.state()), (Fate::Drop, State::Closed));
    assert_eq!(client.outcome().status, Status::CLOSED_OK);
}

/// So that the Close frame that says why is not lost to a reset.
#[test]
fn a_failing_server_ends_its_direction_and_reads_until_the_end() {
    let mut server = open(Role::Server);
    server.feed(b"\x83\x80", WHOLE);
    assert_eq!(server.session.fate(), Fate::Keep, "the Close frame has not left");
    server.flush();
    assert_eq!(server.session.fate(), Fate::HalfClose);
    server.feed(&frame(Role::Client, 0x81, b"whatever"), 1);
    assert_eq!((server.session.fate(), server.seen.len()), (Fate::HalfClose, 0));
    server.eof();
    assert_eq!((server.session.fate(), server.session.state()), (Fate::Drop, State::Closed));
    assert_failed(&server, Status::INVALID_FRAME);
}

#[test]
fn a_failing_client_waits_for_the_server_to_end_tcp() {
    let mut client = open(Role::Client);
    client.feed(b"\x83\x00", WHOLE);
    assert_eq!(client.close_sent().map(|close| close.code), Some(1002));
    assert_eq!(client.session.fate(), Fate::Keep);
    client.eof();
    assert_eq!(client.session.fate(), Fate::Drop);
    assert_failed(&client, Status::INVALID_FRAME);
}

/// RFC 6455 §7.1.5: without a Close frame of the peer the code is 1006.
fn assert_failed(peer: &Peer, cause: Status) {
    let outcome = peer.outcome();
    assert_eq!((outcome.status, outcome.close_code()), (Status::CLOSED_ERROR, 1006));
    assert_eq!(outcome.cause.as_ref().map(|cause| cause.status), Some(cause));
}

#[test]
fn nothing_behind_a_close_is_delivered_or_answered() {
    for role in ROLES {
        let peer_says = |first, payload: &[u8]| frame(other(role), first, payload);
        let behind = [peer_says(0x81, b"late"), peer_says(0x89, b"late"), peer_says(CLOSE, b"\x03\xe9")].concat();
        let bytes = [close_frame(other(role), 1000, ""), behind, vec![0xff; 100]].concat();
        for chunk in [1, 2, 7, WHOLE] {
            let mut peer = Peer::open(role, &Settings { deliver_pings: true, ..Settings::default() });
            peer.feed(&bytes, chunk);
            assert_eq!((peer.seen.len(), peer.frames().len()), (0, 1));
            assert_eq!(peer.close_sent(), said(1000, ""));
            assert_outcome_until_end(peer, Status::CLOSED_OK, 1000);
        }
    }
}

#[test]
fn messages_still_come_after_our_own_close_but_pings_are_not_answered() {
    for role in ROLES {
        let mut peer = open(role);
        peer.close(1000, "").unwrap();
        peer.feed(&frame(other(role), 0x89, b"?"), WHOLE);
        peer.feed(&frame(other(role), 0x81, b"on its way"), WHOLE);
        assert_eq!(peer.seen, [Seen::Message(Opcode::Text, b"on its way".to_vec())]);
        assert_eq!(peer.close_sent(), said(1000, ""));
    }
}

/// The peer's Close waits for [`hawser::session::Session::conclude`]: what came before it can still be answered.
#[test]
fn the_host_may_answer_what_came_before_the_peers_close() {
    for role in ROLES {
        for end in [close_frame(other(role), 1000, ""), frame(other(role), 0x83, b"")] {
            let mut peer = open(role);
            let mut bytes = [frame(other(role), 0x81, b"question"), end, frame(other(role), 0x81, b"late")].concat();
            peer.arrive(&mut bytes);
            assert!(peer.session.must_conclude());
            assert_eq!(peer.session.state(), State::Open);
            assert_eq!(peer.seen, [Seen::Message(Opcode::Text, b"question".to_vec())]);
            peer.text("answer").unwrap();
            peer.with(|session, kit| session.conclude(kit));
            assert!(!peer.session.must_conclude());
            assert_eq!(peer.text("more").unwrap_err().status, Status::CONNECTION_CLOSED);
            let opcodes: Vec<u8> = peer.frames().iter().map(Frame::opcode).collect();
            assert_eq!(opcodes, [Opcode::Text as u8, Opcode::Close as u8]);
        }
    }
}

/// Both ends have decided to close: one Close frame of ours says so, and the peer's counts.
#[test]
fn the_host_may_close_before_it_hears_of_the_peers_close() {
    for role in ROLES {
        let mut peer = open(role);
        peer.arrive(&mut close_frame(other(role), 1001, "away"));
        peer.close(1000, "done").unwrap();
        peer.with(|session, kit| session.conclude(kit));
        assert_eq!(peer.close_sent(), said(1000, "done"));
        peer.eof();
        assert_eq!((peer.outcome().status, peer.outcome().close_rcvd.clone()), (Status::CLOSED_OK, said(1001, "away")));
    }
}

/// An end of TCP between the peer's Close and the host's next turn does not undo the Close.
#[test]
fn a_close_counts_though_tcp_ends_before_it_is_answered() {
    for role in ROLES {
        let mut peer = open(role);
        peer.arrive(&mut close_frame(other(role), 1001, "away"));
        peer.eof();
        assert_eq!((peer.outcome().status, peer.outcome().close_rcvd.clone()), (Status::CLOSED_OK, said(1001, "away")));
    }
}

#[test]
fn eof_without_a_close_is_1006_wherever_it_comes() {
    for role in ROLES {
        let message = [frame(other(role), 0x01, b"half"), frame(other(role), 0x80, b" a message")].concat();
        for cut in 0..message.len() {
            let mut peer = open(role);
            peer.feed(&frame(other(role), 0x82, b"whole"), 1);
            peer.feed(&message[..cut], 1);
            peer.eof();
            assert_eq!(peer.seen, [Seen::Message(Opcode::Binary, b"whole".to_vec())], "cut at {cut}");
            assert_eq!((peer.session.fate(), peer.session.state()), (Fate::Drop, State::Closed));
            assert_failed(&peer, Status::UNEXPECTED_EOF);
        }
    }
}

#[test]
fn eof_instead_of_an_answer_to_our_close() {
    for role in ROLES {
        let mut peer = open(role);
        peer.close(1000, "").unwrap();
        peer.eof();
        assert_failed(&peer, Status::UNEXPECTED_EOF);
        assert_eq!(peer.outcome().close_sent, said(1000, ""));
    }
}

#[test]
fn a_broken_transport_says_nothing_and_is_the_cause() {
    for role in ROLES {
        let mut peer = open(role);
        peer.text("never leaves").unwrap();
        let reset = Error::new(Status::CONNECTION_RESET, "").during(Operation::Receive);
        peer.with(|session, kit| session.broken(reset, kit));
        assert_failed(&peer, Status::CONNECTION_RESET);
        assert_eq!((peer.session.fate(), peer.session.out().len()), (Fate::Drop, 0));
        assert_eq!(peer.outcome().close_sent, None);
        assert_eq!(peer.text("too late").unwrap_err().status, Status::CONNECTION_CLOSED);
    }
}

/// A reset after both Close frames is what some peers do instead of an orderly end.
#[test]
fn a_transport_that_breaks_after_both_closes_does_not_spoil_them() {
    let mut client = open(Role::Client);
    client.feed(&close_frame(Role::Server, 1000, ""), WHOLE);
    client.with(|session, kit| session.broken(Error::new(Status::CONNECTION_RESET, ""), kit));
    assert_eq!((client.outcome().status, client.outcome().cause.clone()), (Status::CLOSED_OK, None));
}

#[test]
fn the_first_failure_is_the_one_that_is_told() {
    let mut server = open(Role::Server);
    server.feed(b"\x83\x80", WHOLE);
    server.with(|session, kit| session.broken(Error::new(Status::CONNECTION_RESET, ""), kit));
    assert_failed(&server, Status::INVALID_FRAME);
}

#[test]
fn a_rule_broken_after_our_close_is_the_cause_and_is_not_said_twice() {
    let mut server = open(Role::Server);
    server.close(1000, "").unwrap();
    server.feed(b"\x83\x80", WHOLE);
    assert_eq!(server.close_sent(), said(1000, ""));
    assert_eq!(server.session.fate(), Fate::HalfClose);
    server.eof();
    assert_failed(&server, Status::INVALID_FRAME);
}

#[test]
fn before_it_is_open_nothing_can_be_said_or_closed() {
    for role in ROLES {
        let mut pair = Pair::new(&Settings::default());
        let peer = pair.from(role).0;
        for error in [peer.text("early").unwrap_err(), peer.close(1000, "").unwrap_err()] {
            assert_eq!((error.status, error.state), (Status::INVALID_STATE, State::Connecting.bit()));
            assert_eq!(error.required_states, State::Open.bit());
        }
    }
}

#[test]
fn eof_inside_the_opening_handshake() {
    for role in ROLES {
        let mut pair = Pair::new(&Settings::default());
        let peer = pair.from(role).0;
        peer.feed(if role == Role::Client { b"HTTP/1.1 10" } else { b"GET / HT" }, 1);
        peer.eof();
        assert_eq!((peer.session.fate(), peer.session.state()), (Fate::Drop, State::Closed));
        assert_eq!(peer.outcome().status, Status::INVALID_MESSAGE_EOF);
        assert!(!peer.session.was_open());
    }
}

/// The answer must arrive: the server ends its direction and reads on, whatever comes.
#[test]
fn a_refused_request_is_answered_before_tcp_ends() {
    let mut server = Pair::new(&Settings::default()).server;
    server.feed(b"GET / HTTP/1.1\r\n\r\n", 1);
    assert_eq!((server.session.fate(), server.session.state()), (Fate::Keep, State::Closing));
    server.flush();
    assert!(server.wire.starts_with(b"HTTP/1.1 400 "));
    assert_eq!(server.session.fate(), Fate::HalfClose);
    let answered = server.wire.len();
    server.feed(b"GET / HTTP/1.1\r\n\r\n", 1);
    server.flush();
    assert_eq!((server.wire.len(), server.seen.len()), (answered, 0));
    server.eof();
    assert_eq!(server.session.fate(), Fate::Drop);
    assert_eq!(server.outcome().status, Status::INVALID_HEADER);
}

#[test]
fn a_refusal_stays_what_it_was_though_the_transport_breaks() {
    let mut server = Pair::new(&Settings::default()).server;
    server.feed(b"GET / HTTP/1.1\r\n\r\n", 1);
    server.with(|session, kit| session.broken(Error::new(Status::CONNECTION_RESET, ""), kit));
    assert_eq!((server.session.fate(), server.outcome().status), (Fate::Drop, Status::INVALID_HEADER));
}

#[test]
fn a_refused_client_is_done_at_once() {
    let mut client = Pair::new(&Settings::default()).client;
    client.feed(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", 1);
    assert_eq!((client.session.fate(), client.session.state()), (Fate::Drop, State::Closed));
    assert_eq!((client.outcome().status, client.outcome().http_status), (Status::INVALID_STATUS, 404));
    assert_eq!(client.text("?").unwrap_err().status, Status::INVALID_STATUS);
}

#[test]
fn a_server_without_room_says_503_before_it_is_asked() {
    let mut server = Pair::new(&Settings::default()).server;
    let full = Error::new(Status::TOO_MANY_CONNECTIONS, "");
    server.with(|session, kit| session.turn_away(full, kit));
    server.flush();
    assert!(server.wire.starts_with(b"HTTP/1.1 503 "));
    assert_eq!(server.session.fate(), Fate::HalfClose);
    server.eof();
    assert_eq!(server.outcome().status, Status::TOO_MANY_CONNECTIONS);
}
