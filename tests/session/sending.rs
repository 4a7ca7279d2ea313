//! What a host sends: whole or not at all, and within the watermarks.

use hawser::error::{Operation, Status};
use hawser::protocol::{Kept, Opcode, Role};
use hawser::session::{Outgoing, Settings};

use crate::pair::*;

use Opcode::{Binary, Close, Continuation, Ping, Pong, Text};

const QUEUE: u64 = 100;

/// A queue of a hundred bytes that has room again at twenty.
fn narrow(role: Role) -> Peer {
    Peer::open(role, &Settings { send_queue_max: QUEUE, send_queue_low: 20, ..Settings::default() })
}

fn open(role: Role) -> Peer {
    Peer::open(role, &Settings::default())
}

/// Lets the transport take `most` bytes at a time until nothing waits.
fn drain(peer: &mut Peer, most: usize) {
    while !peer.session.out().is_empty() {
        peer.with(|session, kit| session.unblock(kit));
        peer.write(most);
    }
}

#[test]
fn the_wire_does_not_depend_on_how_much_the_transport_takes_at_a_time() {
    for role in ROLES {
        let wires = chunkings().map(|most| {
            let mut peer = open(role);
            for len in [0, 1, 125, 126, 70_000] {
                peer.binary(&vec![len as u8; len]).unwrap();
            }
            drain(&mut peer, most);
            peer.wire
        });
        let wires: Vec<_> = wires.collect();
        assert_eq!(frames(&wires[0], role).len(), 5);
        assert!(wires.iter().all(|wire| *wire == wires[0]));
    }
}

/// Memory is for what waits, not for what has left.
#[test]
fn a_queue_that_never_runs_dry_does_not_grow() {
    let mut peer = open(Role::Server);
    peer.binary(&[0; 50]).unwrap();
    for _ in 0..1000 {
        peer.binary(&[0; 50]).unwrap();
        peer.with(|session, kit| session.unblock(kit));
        peer.write(52);
    }
    assert_eq!(peer.session.out().len(), 52);
    peer.flush();
    let shelved = peer.buffers.queue().size();
    assert!((52..1000).contains(&shelved), "{shelved} bytes of memory for 104 that waited at most");
}

// The high watermark.

#[test]
fn what_does_not_fit_is_refused_and_leaves_no_trace() {
    for role in ROLES {
        let mut peer = narrow(role);
        peer.send(with_token(&[1; 50], 1)).unwrap();
        let (before, counters) = (peer.session.out().pending().to_vec(), *peer.session.counters());
        let room = QUEUE - before.len() as u64;
        for opcode in [Binary, Text, Ping, Pong] {
            let data = vec![b'x'; room as usize + 1];
            let error = peer.send(Outgoing { opcode, data: &data, more: false, token: 2, raw: false }).unwrap_err();
            assert_eq!((error.status, error.operation), (Status::SEND_QUEUE_FULL, Operation::Send));
            assert_eq!((error.capacity, error.current_size), (QUEUE, Some(before.len() as u64)));
            assert_eq!(error.size, Some(room + 1));
        }
        assert_eq!(peer.session.out().pending(), before);
        assert_eq!(peer.session.counters().bytes_out, counters.bytes_out);
        peer.flush();
        assert_eq!(peer.seen, [Seen::Sent(1), Seen::Writable]);
        assert_eq!(peer.frames().len(), 1);
    }
}

#[test]
fn what_just_fits_is_taken() {
    let mut peer = narrow(Role::Client);
    peer.binary(&[0; QUEUE as usize]).unwrap();
    assert_eq!(peer.binary(&[0]).unwrap_err().status, Status::SEND_QUEUE_FULL);
}

/// A message without bytes has a header all the same.
#[test]
fn empty_messages_do_not_grow_a_full_queue() {
    for role in ROLES {
        for opcode in [Binary, Pong] {
            let mut peer = narrow(role);
            let mut send = || peer.send(Outgoing { opcode, data: b"", more: false, token: 0, raw: false });
            let refused = (0..=QUEUE).find_map(|_| send().err()).expect("at last the queue is full");
            assert_eq!(refused.status, Status::SEND_QUEUE_FULL);
            assert!(peer.session.out().len() as u64 <= QUEUE + 6);
        }
    }
}

#[test]
fn a_refused_fragment_can_be_sent_later() {
    let mut pair = Pair::open(&Settings { send_queue_max: QUEUE, ..Settings::default() });
    pair.client.fragment(Text, b"one \xe2", true).unwrap();
    pair.client.pad(QUEUE);
    let refused = pair.client.fragment(Continuation, b"\x82\xac!", false).unwrap_err();
    assert_eq!(refused.status, Status::SEND_QUEUE_FULL);
    pair.run();
    pair.client.fragment(Continuation, b"\x82\xac!", false).unwrap();
    pair.run();
    assert_eq!(pair.server.seen, [Seen::Message(Text, "one €!".into())]);
}

impl Peer {
    /// Fills the queue with a pong that nobody asked for, which RFC 6455 §5.5.3 allows.
    fn pad(&mut self, max: u64) {
        let room = max as usize - self.session.out().len();
        self.send(Outgoing { opcode: Pong, data: &vec![0; room], more: false, token: 0, raw: false }).unwrap();
    }
}

/// What arrives makes us answer, so reading stops while the answers have no room.
#[test]
fn nothing_is_read_while_the_queue_is_full() {
    let mut peer = narrow(Role::Client);
    assert!(peer.session.wants_read());
    peer.binary(&[0; QUEUE as usize]).unwrap();
    assert!(!peer.session.wants_read());
    peer.write(7);
    assert!(peer.session.wants_read());
}

// The low watermark.

#[test]
fn a_host_that_was_refused_hears_once_of_room_at_the_low_watermark() {
    for role in ROLES {
        let mut peer = narrow(role);
        peer.binary(&[0; 60]).unwrap();
        peer.binary(&[0; 60]).unwrap_err();
        drain_to(&mut peer, 21);
        assert_eq!(peer.seen, []);
        drain_to(&mut peer, 20);
        assert_eq!(peer.seen, [Seen::Writable]);
        peer.binary(&[0; 60]).unwrap();
        peer.flush();
        assert_eq!(peer.seen, [Seen::Writable]);
    }
}

fn drain_to(peer: &mut Peer, len: usize) {
    peer.write(peer.session.out().len() - len);
}

#[test]
fn a_host_that_was_not_refused_hears_nothing() {
    let mut peer = narrow(Role::Server);
    peer.binary(&[0; 60]).unwrap();
    peer.flush();
    assert_eq!(peer.seen, []);
}

/// A host that tries again at every such word must not spin: the message fits, or it hears nothing.
#[test]
fn room_again_is_room_for_what_was_refused() {
    let mut peer = narrow(Role::Server);
    peer.binary(&[0; 8]).unwrap();
    peer.binary(&[0; 95]).unwrap_err();
    for len in [10, 6] {
        drain_to(&mut peer, len);
        assert_eq!(peer.seen, [], "{len} bytes wait");
    }
    drain_to(&mut peer, 5);
    assert_eq!(peer.seen, [Seen::Writable]);
    peer.binary(&[0; 95]).unwrap();
}

/// Room for it will never come, and a host that is told of room would try for ever.
#[test]
fn a_message_larger_than_the_queue_does_not_wait_for_room() {
    let mut peer = narrow(Role::Server);
    let error = peer.binary(&[0; QUEUE as usize + 1]).unwrap_err();
    assert_eq!((error.status, error.size), (Status::SEND_QUEUE_FULL, Some(QUEUE + 1)));
    assert!(!peer.session.has_news());
    peer.write(0);
    assert_eq!(peer.seen, []);
}

#[test]
fn a_closing_connection_has_no_room_to_speak_of() {
    let mut peer = narrow(Role::Server);
    peer.binary(&[0; 60]).unwrap();
    peer.binary(&[0; 60]).unwrap_err();
    peer.close(1000, "").unwrap();
    peer.flush();
    assert_eq!(peer.seen, []);
}

// Tokens.

#[test]
fn a_token_is_reported_when_its_last_byte_has_left() {
    for role in ROLES {
        let mut peer = open(role);
        for token in [7, 8, 0, 9] {
            peer.send(with_token(b"abc", token)).unwrap();
        }
        let size = peer.session.out().len() / 4;
        let reported =
            [(size - 1, vec![]), (1, vec![7]), (size, vec![7, 8]), (2 * size - 1, vec![7, 8]), (1, vec![7, 8, 9])];
        for (bytes, tokens) in reported {
            peer.write(bytes);
            assert_eq!(peer.seen, tokens.into_iter().map(Seen::Sent).collect::<Vec<_>>());
        }
    }
}

#[test]
fn tokens_of_a_broken_connection_are_not_reported() {
    let mut peer = open(Role::Client);
    peer.send(with_token(b"abc", 7)).unwrap();
    peer.eof();
    peer.write(WHOLE);
    assert_eq!((peer.seen.len(), peer.session.has_news()), (0, false));
}

/// A ping's token comes with its pong.
#[test]
fn a_ping_that_has_left_is_no_news() {
    let mut peer = open(Role::Client);
    peer.ping(b"?", 7).unwrap();
    peer.flush();
    assert_eq!(peer.seen, []);
}

// What may not be sent.

#[test]
fn what_breaks_a_rule_is_refused_and_changes_nothing() {
    let long = [b'x'; 126];
    type Row<'a> = (&'a str, Opcode, &'a [u8], bool, Status, Option<u64>);
    let whole_messages: [Row; 9] = [
        ("nothing to continue", Continuation, b"x", false, Status::INVALID_SEND, None),
        ("nothing to continue", Continuation, b"", true, Status::INVALID_SEND, None),
        ("a Close by the back door", Close, b"", false, Status::INVALID_SEND, None),
        ("a fragmented ping", Ping, b"x", true, Status::INVALID_SEND, None),
        ("a long ping", Ping, &long, false, Status::INVALID_SEND, None),
        ("a long pong", Pong, &long, false, Status::INVALID_SEND, None),
        ("not text", Text, b"ab\xff", false, Status::INVALID_SEND, Some(2)),
        ("text that stops inside a character", Text, b"abc\xe2\x82", false, Status::INVALID_SEND, Some(3)),
        ("not text, in the first fragment", Text, b"\xc0", true, Status::INVALID_SEND, Some(0)),
    ];
    let inside_a_text: [Row; 5] = [
        ("a message inside a message", Text, b"x", false, Status::CONCURRENCY, None),
        ("a message inside a message", Binary, b"x", true, Status::CONCURRENCY, None),
        ("not the rest of the character", Continuation, b"x", true, Status::INVALID_SEND, Some(3)),
        ("the message stops inside a character", Continuation, b"", false, Status::INVALID_SEND, Some(3)),
        ("wrong further on", Continuation, b"\xac!\xff", true, Status::INVALID_SEND, Some(7)),
    ];
    for role in ROLES {
        for (begun, rows) in [(false, &whole_messages[..]), (true, &inside_a_text[..])] {
            for &(name, opcode, data, more, status, position) in rows {
                let mut pair = Pair::open(&Settings::default());
                let peer = pair.from(role).0;
                if begun {
                    peer.fragment(Text, b"abc\xe2\x82", true).unwrap();
                }
                let before = peer.session.out().pending().to_vec();
                let error = peer.fragment(opcode, data, more).unwrap_err();
                assert_eq!((error.status, error.position), (status, position), "{name}");
                assert_eq!(peer.session.out().pending(), before, "{name}");
                finish_well(pair, role, begun);
            }
        }
    }
}

/// After the refusal the message can be sent, or ended, as if nothing had been.
fn finish_well(mut pair: Pair, role: Role, begun: bool) {
    let (peer, _) = pair.from(role);
    let opcode = if begun { Continuation } else { Text };
    let want = if begun { "abc€!" } else { "!" };
    peer.fragment(opcode, if begun { b"\xac!" } else { b"!" }, false).unwrap();
    pair.run();
    assert_eq!(pair.from(role).1.seen, [Seen::Message(Text, want.into())]);
}

#[test]
fn a_ping_needs_a_payload_of_its_own() {
    let mut peer = open(Role::Client);
    peer.ping(b"same", 1).unwrap();
    let error = peer.ping(b"same", 2).unwrap_err();
    assert_eq!((error.status, error.operation), (Status::CONCURRENCY, Operation::Ping));
    peer.feed(&frame(Role::Server, 0x8a, b"same"), WHOLE);
    peer.ping(b"same", 3).unwrap();
    peer.feed(&frame(Role::Server, 0x8a, b"same"), WHOLE);
    assert_eq!(peer.seen, [Seen::Pong(b"same".to_vec(), 1, 0), Seen::Pong(b"same".to_vec(), 3, 0)]);
}

#[test]
fn a_peer_that_never_answers_does_not_fill_our_memory_with_pings() {
    let mut peer = open(Role::Server);
    let error = (0..1000u64).find_map(|n| peer.ping(&n.to_be_bytes(), n).err()).expect("at last it is enough");
    assert_eq!((error.status, error.operation, error.capacity), (Status::SEND_QUEUE_FULL, Operation::Ping, 64));
    peer.feed(&frame(Role::Client, 0x8a, &63u64.to_be_bytes()), WHOLE);
    assert_eq!(peer.seen, [Seen::Pong(63u64.to_be_bytes().to_vec(), 63, 0)], "the latest stands for all");
    peer.ping(b"again", 1).unwrap();
}

#[test]
fn a_closing_connection_takes_nothing_and_says_what_it_heard() {
    for role in ROLES {
        let mut peer = open(role);
        peer.ping(b"same", 1).unwrap();
        peer.feed(&frame(other(role), 0x88, b"\x0f\xa0bye"), WHOLE);
        for opcode in [Text, Binary, Ping, Pong] {
            let error = peer.fragment(opcode, b"same", false).unwrap_err();
            assert_eq!((error.status, error.close_code()), (Status::CONNECTION_CLOSED, 4000));
            assert_eq!(error.close_rcvd.as_ref().unwrap().reason, "bye");
        }
        assert_eq!(peer.frames().len(), 2);
    }
}
