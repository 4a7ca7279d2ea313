//! Deadlines on a virtual clock: each ends what it should, when it should, whatever the peer does meanwhile, and none
//! of them makes a loop spin.

use hawser::error::{Error, Operation, Status};
use hawser::protocol::{Opcode, Role};
use hawser::session::{Fate, NEVER, Settings, State, Time, Timers};

use crate::pair::*;

/// No deadline at all.
const OFF: Timers =
    Timers { open: NEVER, close: NEVER, send: NEVER, idle: NEVER, ping_interval: NEVER, ping_timeout: NEVER };
/// A keepalive that has given up before it would ask again.
const KEEPALIVE: Timers = Timers { ping_interval: 20 * SECOND, ping_timeout: 5 * SECOND, ..OFF };
const IDLE: Timers = Timers { idle: 30 * SECOND, ..OFF };
const CLOSING: Timers = Timers { close: 3 * SECOND, ..OFF };
const SENDING: Timers = Timers { send: 60 * SECOND, ..OFF };

fn settings(timers: Timers) -> Settings {
    Settings { timers, ..Settings::default() }
}

fn open(role: Role, timers: Timers) -> Peer {
    Peer::open(role, &settings(timers))
}

fn assert_timeout(error: &Error, status: Status, operation: Operation, time: Time) {
    assert_eq!((error.status, error.operation), (status, operation));
    assert_eq!(error.timeout_ms, Some(time / MILLISECOND));
}

/// It was open, and ended because of this deadline.
fn assert_cut_off(peer: &Peer, status: Status, operation: Operation, time: Time) {
    let outcome = peer.outcome();
    assert_eq!((outcome.status, outcome.close_code()), (Status::CLOSED_ERROR, 1006));
    assert_timeout(outcome.cause.as_ref().expect("a deadline is the cause"), status, operation, time);
}

#[test]
fn none_is_running_when_all_are_off() {
    for role in ROLES {
        let mut pair = Pair::new(&settings(OFF));
        assert_eq!(pair.from(role).0.session.next_deadline(), NEVER);
        let mut peer = open(role, OFF);
        assert_eq!(peer.session.next_deadline(), NEVER);
        peer.text("waits").unwrap();
        peer.write(1);
        peer.close(1000, "").unwrap();
        assert_eq!(peer.session.next_deadline(), NEVER);
        peer.tick(NEVER - 1);
        assert_eq!(peer.session.state(), State::Closing);
    }
}

#[test]
fn an_early_tick_does_nothing() {
    let all = Timers { idle: 25 * SECOND, ..Timers::default() };
    for role in ROLES {
        let mut peer = open(role, all.clone());
        peer.text("waits").unwrap();
        peer.write(1);
        let due = peer.session.next_deadline();
        peer.tick(due - 1);
        assert_eq!((peer.session.next_deadline(), peer.session.state()), (due, State::Open));
        assert_eq!(peer.frames().len(), 1);
    }
}

/// From whatever state, following the deadlines comes to an end, and each of them is later than the one before.
#[test]
fn following_the_deadlines_ends_everything_without_spinning() {
    type Prepare = fn(&mut Peer);
    let prepared: [(&str, Prepare); 6] = [
        ("open", |_| ()),
        ("a message waits", |peer| {
            peer.text("waits").unwrap();
            peer.write(1);
        }),
        ("our Close is not answered", |peer| {
            peer.close(1000, "").unwrap();
            peer.flush();
        }),
        ("our Close cannot leave", |peer| {
            peer.close(1000, "").unwrap();
            peer.write(1);
        }),
        ("the peer has broken a rule", |peer| peer.feed(b"\xff\xff", WHOLE)),
        ("a ping of the host's waits", |peer| peer.ping(b"?", 1).unwrap()),
    ];
    let all = Timers { idle: 25 * SECOND, ..Timers::default() };
    for role in ROLES {
        for (name, prepare) in prepared {
            let mut peer = open(role, all.clone());
            prepare(&mut peer);
            let mut ticks = 0;
            while peer.session.state() != State::Closed {
                peer.tick_on_time();
                ticks += 1;
                assert!(ticks < 10, "{name}: it never ends");
            }
            assert!(peer.now <= START + 120 * SECOND, "{name}: only over after {}", peer.now - START);
            assert_eq!(peer.session.next_deadline(), NEVER, "{name}: it is over, and a deadline is running");
        }
    }
}

// Opening.

#[test]
fn a_server_that_gets_no_request_in_time_says_408() {
    let mut server = Pair::new(&settings(Timers { open: 10 * SECOND, close: 2 * SECOND, ..OFF })).server;
    for _ in 0..9 {
        server.now += SECOND;
        server.feed(b"G", WHOLE); // a drip does not buy time
    }
    assert_eq!(server.tick_on_time(), START + 10 * SECOND);
    assert_eq!(server.session.fate(), Fate::Keep);
    server.flush();
    assert!(server.wire.starts_with(b"HTTP/1.1 408 "));
    assert_eq!((server.session.fate(), server.session.state()), (Fate::HalfClose, State::Closing));
    assert_eq!(server.tick_on_time(), START + 12 * SECOND);
    assert_eq!((server.session.fate(), server.session.state()), (Fate::Drop, State::Closed));
    assert_timeout(&server.outcome(), Status::HANDSHAKE_TIMEOUT, Operation::Handshake, 10 * SECOND);
    assert_eq!(server.outcome().http_status, 408);
}

#[test]
fn a_client_that_gets_no_answer_in_time_is_done() {
    let mut client = Pair::new(&settings(Timers { open: 10 * SECOND, ..OFF })).client;
    client.flush();
    client.feed(b"HTTP/1.1 101", 1);
    assert_eq!(client.tick_on_time(), START + 10 * SECOND);
    assert_eq!((client.session.fate(), client.session.state()), (Fate::Drop, State::Closed));
    assert_timeout(&client.outcome(), Status::HANDSHAKE_TIMEOUT, Operation::Handshake, 10 * SECOND);
}

/// The refusal says more than the clock.
#[test]
fn a_client_that_waits_for_the_rest_of_a_refusal_reports_the_refusal() {
    let mut client = Pair::new(&settings(Timers { open: 10 * SECOND, ..OFF })).client;
    client.feed(b"HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nnot all of it", 1);
    client.tick_on_time();
    assert_eq!((client.outcome().status, client.outcome().http_status), (Status::INVALID_STATUS, 503));
    assert_eq!(client.session.fate(), Fate::Drop);
}

#[test]
fn the_open_deadline_ends_with_the_opening_handshake() {
    for role in ROLES {
        assert_eq!(open(role, Timers { open: 10 * SECOND, ..OFF }).session.next_deadline(), NEVER);
    }
}

#[test]
fn a_peer_that_will_not_hear_its_refusal_is_dropped() {
    let mut server = Pair::new(&settings(CLOSING)).server;
    server.feed(b"nonsense\r\n\r\n", WHOLE);
    server.write(5);
    assert_eq!(server.tick_on_time(), START + 3 * SECOND);
    assert_eq!(server.session.fate(), Fate::Drop);
    assert_eq!(server.outcome().status, Status::INVALID_MESSAGE, "why it was refused, not that it did not listen");
}

// Closing.

#[test]
fn a_close_that_is_not_answered_in_time() {
    for role in ROLES {
        let mut peer = open(role, CLOSING);
        peer.close(1000, "").unwrap();
        peer.flush();
        for _ in 0..2 {
            peer.now += SECOND;
            peer.feed(&frame(other(role), 0x82, b"flood"), WHOLE); // neither does a flood buy time
        }
        assert_eq!(peer.tick_on_time(), START + 3 * SECOND);
        assert_eq!((peer.session.fate(), peer.session.state()), (Fate::Drop, State::Closed));
        assert_cut_off(&peer, Status::CLOSE_TIMEOUT, Operation::Close, 3 * SECOND);
    }
}

#[test]
fn the_deadline_runs_from_our_close_not_from_the_second_one() {
    let mut peer = open(Role::Client, CLOSING);
    peer.close(1000, "").unwrap();
    peer.now += SECOND;
    peer.close(1000, "").unwrap();
    peer.feed(&frame(Role::Server, 0x88, b""), WHOLE);
    assert_eq!(peer.session.next_deadline(), START + 3 * SECOND);
}

/// Both Close frames have passed, so it was closed in order; only TCP has to be ended by force.
#[test]
fn a_server_that_does_not_end_tcp_after_both_closes() {
    let mut client = open(Role::Client, CLOSING);
    client.feed(&frame(Role::Server, 0x88, &1000u16.to_be_bytes()), WHOLE);
    client.flush();
    assert_eq!(client.tick_on_time(), START + 3 * SECOND);
    assert_eq!(client.session.fate(), Fate::Drop);
    assert_eq!((client.outcome().status, client.outcome().close_code()), (Status::CLOSED_OK, 1000));
}

#[test]
fn a_peer_that_does_not_take_our_close_is_dropped_in_time() {
    for role in ROLES {
        for bytes in [frame(other(role), 0x88, b""), frame(other(role), 0x83, b"")] {
            let mut peer = open(role, CLOSING);
            peer.feed(&bytes, WHOLE);
            peer.write(1);
            assert_eq!(peer.session.fate(), Fate::Keep);
            assert_eq!(peer.tick_on_time(), START + 3 * SECOND);
            assert_eq!((peer.session.fate(), peer.session.out().len()), (Fate::Drop, 0));
        }
    }
}

/// What has arrived counts, also when its turn comes at the last moment.
#[test]
fn a_close_that_came_in_time_is_not_a_timeout() {
    let mut server = open(Role::Server, CLOSING);
    server.close(1000, "").unwrap();
    server.flush();
    server.arrive(&mut frame(Role::Client, 0x88, &1000u16.to_be_bytes()));
    server.tick(START + 3 * SECOND);
    assert_eq!((server.outcome().status, server.outcome().close_code()), (Status::CLOSED_OK, 1000));
}

#[test]
fn a_close_that_came_in_time_is_no_missing_pong_and_no_idleness() {
    for timers in [KEEPALIVE, IDLE] {
        for role in ROLES {
            let mut peer = open(role, timers.clone());
            let last_warning = START + 22 * SECOND;
            while peer.session.next_deadline() <= last_warning {
                peer.tick_on_time();
            }
            peer.arrive(&mut frame(other(role), 0x88, &1000u16.to_be_bytes()));
            peer.tick_on_time();
            peer.eof();
            assert_eq!((peer.outcome().status, peer.outcome().cause.clone()), (Status::CLOSED_OK, None));
        }
    }
}

// Keepalive.

#[test]
fn the_keepalive_asks_at_every_interval_with_a_new_payload() {
    for role in ROLES {
        let mut peer = open(role, KEEPALIVE);
        for round in 1..=3 {
            assert_eq!(peer.tick_on_time(), START + round * 20 * SECOND);
            let ping = peer.frames().pop().unwrap();
            assert_eq!((ping.first, ping.payload.len()), (0x89, 8));
            assert_eq!(peer.session.next_deadline(), peer.now + 5 * SECOND, "the pong's deadline");
            peer.now += 3 * MILLISECOND;
            peer.feed(&frame(other(role), 0x8a, &ping.payload), 1);
            assert_eq!(peer.session.rtt(), 3 * MILLISECOND);
        }
        let mut payloads: Vec<_> = peer.frames().into_iter().map(|frame| frame.payload).collect();
        payloads.dedup();
        assert_eq!((payloads.len(), peer.seen.len()), (3, 0), "three pings, of which the host hears nothing");
    }
}

#[test]
fn without_its_pong_the_connection_ends_whatever_else_comes() {
    for role in ROLES {
        let mut peer = open(role, KEEPALIVE);
        peer.tick_on_time();
        for other_sign_of_life in [frame(other(role), 0x8a, b"unasked"), frame(other(role), 0x81, b"hello")] {
            peer.now += SECOND;
            peer.feed(&other_sign_of_life, WHOLE);
        }
        assert_eq!(peer.tick_on_time(), START + 25 * SECOND);
        assert_eq!(peer.close_sent().map(|close| close.code), Some(1011));
        assert_eq!(peer.session.state(), State::Closing);
        peer.eof();
        assert_cut_off(&peer, Status::PING_TIMEOUT, Operation::Ping, 5 * SECOND);
    }
}

/// What is left to be said is said; the peer has its chance to hear it, and no more.
#[test]
fn a_dead_peer_is_not_waited_for() {
    for role in ROLES {
        let mut peer = open(role, KEEPALIVE);
        peer.tick_on_time();
        assert_eq!(peer.tick_on_time(), START + 25 * SECOND);
        assert_eq!(peer.close_sent().map(|close| close.code), Some(1011));
        assert_eq!(peer.tick_on_time(), START + 25 * SECOND + 1);
        assert_eq!((peer.session.fate(), peer.session.state()), (Fate::Drop, State::Closed));
        assert_cut_off(&peer, Status::PING_TIMEOUT, Operation::Ping, 5 * SECOND);
    }
}

/// RFC 6455 §5.5.3: a peer may answer only the latest of several pings.
#[test]
fn the_pong_for_a_later_ping_answers_the_keepalive_too() {
    let mut peer = open(Role::Client, KEEPALIVE);
    peer.tick_on_time();
    peer.ping(b"later", 7).unwrap();
    peer.feed(&frame(Role::Server, 0x8a, b"later"), WHOLE);
    assert_eq!(peer.seen, [Seen::Pong(b"later".to_vec(), 7, 0)]);
    assert_eq!(peer.session.next_deadline(), START + 40 * SECOND);
}

#[test]
fn the_pong_for_an_earlier_ping_does_not() {
    let mut peer = open(Role::Client, KEEPALIVE);
    peer.ping(b"earlier", 7).unwrap();
    peer.tick_on_time();
    peer.feed(&frame(Role::Server, 0x8a, b"earlier"), WHOLE);
    assert_eq!(peer.seen, [Seen::Pong(b"earlier".to_vec(), 7, 20 * SECOND)]);
    assert_eq!(peer.session.next_deadline(), START + 25 * SECOND);
}

#[test]
fn one_keepalive_waits_at_a_time() {
    let patient = Timers { ping_interval: 5 * SECOND, ping_timeout: 12 * SECOND, ..OFF };
    let mut peer = open(Role::Server, patient);
    for due in [5, 10, 15] {
        assert_eq!(peer.tick_on_time(), START + due * SECOND);
        assert_eq!(peer.frames().len(), 1);
    }
    assert_eq!(peer.tick_on_time(), START + 17 * SECOND);
    assert_eq!(peer.close_sent().map(|close| close.code), Some(1011));
}

#[test]
fn no_keepalive_while_closing() {
    let mut peer = open(Role::Client, Timers { close: 100 * SECOND, ..KEEPALIVE });
    peer.tick_on_time();
    peer.close(1000, "").unwrap();
    assert_eq!(peer.session.next_deadline(), peer.now + 100 * SECOND);
}

/// A host that takes nothing cannot see the pong: that must not cost it the connection.
#[test]
fn the_keepalive_rests_while_the_host_takes_nothing() {
    for asked_before in [false, true] {
        let mut peer = open(Role::Server, KEEPALIVE);
        if asked_before {
            peer.tick_on_time();
        }
        peer.with(|session, kit| session.hold_keepalive(true, kit.now));
        assert_eq!(peer.session.next_deadline(), NEVER);
        peer.tick(START + 3600 * SECOND);
        assert_eq!(peer.session.state(), State::Open);
    }
}

/// A peer that vanished during the pause must be found out after it.
#[test]
fn the_keepalive_begins_anew_after_the_pause() {
    for asked_before in [false, true] {
        let mut peer = open(Role::Server, KEEPALIVE);
        if asked_before {
            peer.tick_on_time();
        }
        peer.with(|session, kit| session.hold_keepalive(true, kit.now));
        peer.now = START + 3600 * SECOND;
        peer.with(|session, kit| session.hold_keepalive(false, kit.now));
        assert_eq!(peer.tick_on_time(), START + 3620 * SECOND);
        assert_eq!(peer.frames().len(), if asked_before { 2 } else { 1 });
        assert_eq!(peer.tick_on_time(), START + 3625 * SECOND);
        assert_eq!(peer.close_sent().map(|close| close.code), Some(1011));
    }
}

#[test]
fn a_pong_that_waited_out_the_pause_is_welcome() {
    let mut peer = open(Role::Server, KEEPALIVE);
    peer.tick_on_time();
    let asked = peer.frames().pop().unwrap().payload;
    peer.with(|session, kit| session.hold_keepalive(true, kit.now));
    peer.now += 3600 * SECOND;
    peer.with(|session, kit| session.hold_keepalive(false, kit.now));
    peer.feed(&frame(Role::Client, 0x8a, &asked), WHOLE);
    assert_eq!(peer.tick_on_time(), START + 3640 * SECOND);
    assert_eq!((peer.frames().len(), peer.session.state()), (2, State::Open));
}

// Idle.

#[test]
fn messages_in_either_direction_keep_it_from_being_idle_and_pings_do_not() {
    for role in ROLES {
        let mut peer = open(role, IDLE);
        peer.now += 10 * SECOND;
        peer.text("out").unwrap();
        assert_eq!(peer.session.next_deadline(), START + 40 * SECOND);
        peer.now += 10 * SECOND;
        peer.feed(&frame(other(role), 0x82, b"in"), WHOLE);
        assert_eq!(peer.session.next_deadline(), START + 50 * SECOND);
        peer.now += 10 * SECOND;
        peer.ping(b"?", 1).unwrap();
        peer.feed(&[frame(other(role), 0x89, b"?"), frame(other(role), 0x8a, b"?")].concat(), WHOLE);
        assert_eq!(peer.tick_on_time(), START + 50 * SECOND);
        assert_eq!(peer.close_sent().map(|close| close.code), Some(1011));
        peer.eof();
        assert_cut_off(&peer, Status::IDLE_TIMEOUT, Operation::Idle, 30 * SECOND);
    }
}

#[test]
fn being_idle_begins_when_it_is_open() {
    for role in ROLES {
        let mut pair = Pair::new(&settings(IDLE));
        pair.wait(20 * SECOND);
        pair.run();
        assert_eq!(pair.from(role).0.session.next_deadline(), START + 50 * SECOND);
    }
}

#[test]
fn a_closing_connection_is_not_idle() {
    let mut peer = open(Role::Client, IDLE);
    peer.close(1000, "").unwrap();
    assert_eq!(peer.session.next_deadline(), NEVER);
}

// Sending.

#[test]
fn a_queue_of_which_nothing_leaves() {
    for role in ROLES {
        let mut peer = open(role, SENDING);
        peer.binary(&[0; 1000]).unwrap();
        peer.write(100);
        peer.now += 50 * SECOND;
        peer.write(1);
        peer.now += 50 * SECOND;
        peer.write(0);
        assert_eq!(peer.tick_on_time(), START + 110 * SECOND, "from the last byte that left");
        assert_eq!((peer.session.fate(), peer.session.out().len()), (Fate::Drop, 0));
        assert_cut_off(&peer, Status::SEND_TIMEOUT, Operation::Send, 60 * SECOND);
    }
}

#[test]
fn an_empty_queue_has_no_deadline() {
    let mut peer = open(Role::Server, SENDING);
    peer.binary(&[0; 1000]).unwrap();
    peer.write(100);
    peer.flush();
    assert_eq!(peer.session.next_deadline(), NEVER);
}

/// A large message goes past the queue: what the transport takes of it has left, too.
#[test]
fn a_direct_write_counts_as_leaving() {
    let mut server = open(Role::Server, SENDING);
    server.binary(&[0; 1000]).unwrap();
    server.write(100);
    server.now += 59 * SECOND;
    server.with(|session, kit| session.unblock(kit));
    server.with(|session, kit| {
        let large = hawser::session::Outgoing {
            opcode: Opcode::Binary,
            data: &[0; 100_000],
            more: false,
            token: 0,
            raw: false,
        };
        session.send(large, Takes::up_to(50_000).past(), kit).unwrap();
    });
    assert_eq!(server.session.next_deadline(), START + 119 * SECOND);
}
