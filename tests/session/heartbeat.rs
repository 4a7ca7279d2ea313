//! The application's heartbeat on a virtual clock: when it is sent, what answers it, and what the host gets to see.

use std::sync::Arc;

use hawser::error::{Operation, Status};
use hawser::protocol::{Limits, Opcode, Role};
use hawser::session::{Answer, Heartbeat, NEVER, Settings, State, Time, Timers};

use crate::pair::*;

const OFF: Timers =
    Timers { open: NEVER, close: NEVER, send: NEVER, idle: NEVER, ping_interval: NEVER, ping_timeout: NEVER };

/// Says "ping" every 20 s, and gives 5 s for "pong".
fn usual() -> Heartbeat {
    Heartbeat {
        opcode: Opcode::Text,
        message: b"ping"[..].into(),
        answer: Answer::Exact(b"pong"[..].into()),
        deliver: false,
        interval: 20 * SECOND,
        timeout: 5 * SECOND,
    }
}

fn settings(heartbeat: Heartbeat) -> Settings {
    Settings { timers: OFF, heartbeat: Some(Arc::new(heartbeat)), ..Settings::default() }
}

fn open(role: Role, heartbeat: Heartbeat) -> Peer {
    Peer::open(role, &settings(heartbeat))
}

fn text(peer: &mut Peer, role: Role, text: &str) {
    peer.feed(&frame(other(role), 0x81, text.as_bytes()), WHOLE);
}

/// The next deadline has passed and there is one more frame.
fn assert_beats(peer: &mut Peer, due: Time) {
    let before = peer.frames().len();
    assert_eq!(peer.tick_on_time(), due);
    let frames = peer.frames();
    assert_eq!(frames.len(), before + 1);
    assert_eq!((frames[before].first, &*frames[before].payload), (0x81, &b"ping"[..]));
}

fn assert_given_up(peer: &mut Peer, due: Time) {
    assert_eq!(peer.tick_on_time(), due);
    let close = peer.close_sent().expect("a Close frame");
    assert_eq!((close.code, &*close.reason), (1011, "heartbeat timeout"));
    peer.eof();
    let cause = peer.outcome().cause.clone().expect("the cause");
    assert_eq!((cause.status, cause.operation), (Status::PING_TIMEOUT, Operation::Ping));
    assert_eq!((cause.timeout_ms, &*cause.detail), (Some(5000), "heartbeat timeout"));
}

#[test]
fn it_is_sent_at_every_interval_and_the_host_sees_nothing() {
    for role in ROLES {
        let mut peer = open(role, usual());
        for round in 1..=3 {
            assert_beats(&mut peer, START + round * 20 * SECOND);
            assert_eq!(peer.session.next_deadline(), peer.now + 5 * SECOND, "the answer's deadline");
            peer.now += 3 * MILLISECOND;
            text(&mut peer, role, "pong");
            assert_eq!(peer.session.rtt(), 3 * MILLISECOND);
        }
        let counters = peer.session.counters();
        assert_eq!((counters.messages_out, counters.bytes_out, counters.messages_in), (3, 12, 3));
        assert_eq!(peer.seen, []);
    }
}

#[test]
fn without_an_answer_the_connection_ends_whatever_else_comes() {
    for role in ROLES {
        let mut peer = open(role, usual());
        assert_beats(&mut peer, START + 20 * SECOND);
        text(&mut peer, role, "no pong");
        peer.feed(&frame(other(role), 0x8a, b"pong"), WHOLE);
        assert_given_up(&mut peer, START + 25 * SECOND);
        assert_eq!(peer.seen, [Seen::Message(Opcode::Text, b"no pong".to_vec())]);
    }
}

#[test]
fn an_answer_nobody_asked_for_is_a_message() {
    let mut peer = open(Role::Client, usual());
    text(&mut peer, Role::Client, "pong");
    assert_beats(&mut peer, START + 20 * SECOND);
    text(&mut peer, Role::Client, "pong");
    text(&mut peer, Role::Client, "pong");
    assert_eq!(peer.seen.len(), 2, "the first and the third");
}

#[test]
fn what_answers_and_who_sees_it() {
    let needle = || b"pong"[..].into();
    for (answer, deliver, message, seen) in [
        (Answer::Prefix(needle()), false, "pong 12", false),
        (Answer::Contains(needle()), false, "{\"op\":\"pong\"}", false),
        (Answer::Contains(needle()), true, "{\"op\":\"pong\"}", true),
        (Answer::Any, false, "what I wanted to say", true),
    ] {
        let mut peer = open(Role::Client, Heartbeat { answer, deliver, ..usual() });
        assert_beats(&mut peer, START + 20 * SECOND);
        text(&mut peer, Role::Client, message);
        assert_eq!(peer.seen.len(), usize::from(seen), "{message}");
        assert_beats(&mut peer, START + 40 * SECOND);
        assert_given_up(&mut peer, START + 45 * SECOND);
    }
}

#[test]
fn an_answer_may_come_in_fragments_and_large() {
    let mut peer = open(Role::Client, Heartbeat { answer: Answer::Prefix(b"pong"[..].into()), ..usual() });
    assert_beats(&mut peer, START + 20 * SECOND);
    let parts = [frame(Role::Server, 0x01, b"po"), frame(Role::Server, 0x80, &[b'n'; 70_000])].concat();
    peer.feed(&parts, 1000);
    assert_eq!(peer.seen.len(), 1, "not yet");
    let parts = [frame(Role::Server, 0x01, b"po"), frame(Role::Server, 0x80, &[&b"ng"[..], &[b'.'; 70_000]].concat())];
    peer.feed(&parts.concat(), 1000);
    assert_eq!(peer.seen.len(), 1, "that was it");
    assert_beats(&mut peer, START + 40 * SECOND);
}

/// With fragments delivered, one that is a whole message may answer; the end of another message may not.
#[test]
fn a_frame_answers_if_it_is_all() {
    let limits = Limits { deliver_fragments: true, ..Settings::default().limits };
    let mut peer = Peer::open(Role::Client, &Settings { limits, ..settings(usual()) });
    assert_beats(&mut peer, START + 20 * SECOND);
    peer.feed(&[frame(Role::Server, 0x01, b"ping"), frame(Role::Server, 0x80, b"pong")].concat(), WHOLE);
    assert_eq!(peer.seen.len(), 2);
    text(&mut peer, Role::Client, "pong");
    assert_eq!(peer.seen.len(), 2);
    assert_beats(&mut peer, START + 40 * SECOND);
}

#[test]
fn one_is_on_its_way_at_a_time() {
    let mut peer = open(Role::Server, Heartbeat { interval: SECOND, ..usual() });
    assert_beats(&mut peer, START + SECOND);
    peer.now += 3 * SECOND;
    text(&mut peer, Role::Server, "pong");
    assert_beats(&mut peer, START + 4 * SECOND);
    assert_given_up(&mut peer, START + 9 * SECOND);
}

#[test]
fn without_a_timeout_each_interval_sends_another() {
    let one_way = Heartbeat { answer: Answer::None, timeout: NEVER, ..usual() };
    let mut peer = open(Role::Client, one_way);
    for round in 1..=3 {
        assert_beats(&mut peer, START + round * 20 * SECOND);
        text(&mut peer, Role::Client, "pong");
    }
    assert_eq!((peer.session.state(), peer.seen.len()), (State::Open, 3));
}

#[test]
fn it_waits_for_the_end_of_a_fragmented_message() {
    let mut peer = open(Role::Client, usual());
    peer.fragment(Opcode::Text, b"half", true).unwrap();
    for tenth in 0..3 {
        assert_eq!(peer.tick_on_time(), START + (20 + 2 * tenth) * SECOND);
        assert_eq!(peer.frames().len(), 1);
    }
    peer.fragment(Opcode::Continuation, b"", false).unwrap();
    assert_beats(&mut peer, START + 26 * SECOND);
}

/// A host that takes nothing cannot see the answer, which comes all the same when it takes something again.
#[test]
fn it_rests_while_the_host_takes_nothing() {
    let mut peer = open(Role::Server, usual());
    assert_beats(&mut peer, START + 20 * SECOND);
    peer.with(|session, kit| session.hold_keepalive(true, kit.now));
    assert_eq!(peer.session.next_deadline(), NEVER);
    peer.tick(START + 3600 * SECOND);
    peer.with(|session, kit| session.hold_keepalive(false, kit.now));
    text(&mut peer, Role::Server, "pong");
    assert_eq!((peer.seen.len(), peer.session.rtt()), (0, 0));
    assert_beats(&mut peer, START + 3620 * SECOND);
    assert_given_up(&mut peer, START + 3625 * SECOND);
}

#[test]
fn a_closing_connection_has_none_and_its_answer_is_no_message() {
    let mut peer = open(Role::Client, usual());
    assert_beats(&mut peer, START + 20 * SECOND);
    peer.close(1000, "").unwrap();
    text(&mut peer, Role::Client, "pong");
    assert_eq!((peer.session.next_deadline(), peer.seen.len()), (NEVER, 0));
}

/// Heartbeats do not keep an idle connection from being idle, as pings do not.
#[test]
fn what_the_host_does_not_see_does_not_count_as_use() {
    let timers = Timers { idle: 30 * SECOND, ..OFF };
    let mut peer = Peer::open(Role::Client, &Settings { timers, ..settings(usual()) });
    assert_beats(&mut peer, START + 20 * SECOND);
    text(&mut peer, Role::Client, "pong");
    assert_eq!(peer.session.next_deadline(), START + 30 * SECOND);
}
