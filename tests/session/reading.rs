//! What comes in: read directly or through a block, answered or not, as messages or as fragments.

use hawser::protocol::{Limits, Opcode, Role};
use hawser::session::{Outgoing, Session, Settings};

use crate::pair::*;

use Opcode::{Binary, Text};

fn open(role: Role) -> Peer {
    Peer::open(role, &Settings::default())
}

fn limits() -> Limits {
    Settings::default().limits
}

// Reading directly.

/// Messages around and far over the size from which a rest is read directly, with something small behind them.
fn large_messages(from: Role) -> Vec<u8> {
    let binary: Vec<u8> = (0..300_000).map(|i| (i % 251) as u8).collect();
    let text = "aé€😀".repeat(20_000);
    let (head, tail) = text.as_bytes().split_at(100_001); // inside a character
    let frames = [
        frame(from, 0x82, &binary),
        frame(from, 0x81, b"small"),
        frame(from, 0x01, head),
        frame(from, 0x89, b"between"),
        frame(from, 0x80, tail),
        frame(from, 0x82, &binary[..66_000]),
        frame(from, 0x02, &binary[..70_000]),
        frame(from, 0x00, b""),
        frame(from, 0x80, &binary[..70_000]),
        frame(from, 0x88, b"\x03\xe8"),
    ];
    frames.concat()
}

#[test]
fn large_frames_read_directly_give_the_same_messages() {
    for role in ROLES {
        let bytes = large_messages(other(role));
        for deliver_fragments in [false, true] {
            let limits = Limits { deliver_fragments, ..limits() };
            let settings = Settings { limits, deliver_pings: true, ..Settings::default() };
            let mut plain = Peer::open(role, &settings);
            plain.feed(&bytes, WHOLE);
            assert!(plain.seen.len() >= 6);
            for most in [16, 1000, 4096, 65_536, 512 << 10] {
                let mut direct = Peer::open(role, &settings);
                direct.feed_directly(&bytes, most);
                assert!(direct.seen == plain.seen, "{role:?}, at most {most} at a time");
                assert!(direct.frames() == plain.frames(), "{role:?}, at most {most} at a time");
                assert_eq!(direct.session.counters().wire_in, plain.session.counters().wire_in);
            }
        }
    }
}

#[test]
fn a_fault_in_a_large_text_is_found_where_it_is() {
    for role in ROLES {
        let mut text = vec![b'x'; 300_000];
        text[200_000] = 0xff;
        let bytes = frame(other(role), 0x81, &text);
        for most in [1000, 65_536] {
            let mut peer = open(role);
            peer.feed_directly(&bytes[..200_000], most);
            assert_eq!(peer.close_sent(), None);
            peer.feed_directly(&bytes[200_000..200_100], most);
            assert_eq!(peer.close_sent().map(|close| close.code), Some(1007));
            assert_eq!(peer.outcome().cause.as_ref().unwrap().position, Some(200_000));
            assert_eq!(peer.read_directly(&bytes[200_100..], most), 0, "after the failure nothing is asked for");
        }
    }
}

/// A header is a claim: memory is for what has come.
#[test]
fn room_grows_with_what_has_arrived() {
    let most = 512 << 10;
    for role in ROLES {
        let settings =
            Settings { limits: Limits { message_max: 1 << 40, frame_max: 1 << 40, ..limits() }, ..Settings::default() };
        let mut peer = Peer::open(role, &settings);
        let masked = if other(role) == Role::Client { 0x80 } else { 0 };
        peer.feed(&[0x82, masked | 127, 0, 0, 0, 0x80, 0, 0, 0, 0], WHOLE);
        peer.feed(&vec![0; if masked > 0 { 4 } else { 0 }], WHOLE);
        let mut arrived = 0;
        for _ in 0..6 {
            let room = peer.with(|session, kit| session.direct(most, kit).map(|room| room.len())).unwrap();
            assert!(room <= arrived.max(most / 4), "{room} bytes of room after {arrived}");
            arrived += peer.read_directly(&vec![0; most], most);
        }
        assert!(arrived > most, "it does grow");
    }
}

#[test]
fn nothing_is_read_directly_but_the_rest_of_a_large_data_frame() {
    let large = |first| frame(Role::Server, first, &[b'x'; 100_000]);
    let ping = frame(Role::Server, 0x89, b"between");
    let cases: [(&str, Vec<u8>, bool); 6] = [
        ("nothing has come", vec![], false),
        ("a header is not whole", large(0x82)[..9].to_vec(), false),
        ("a frame has begun", large(0x82)[..10].to_vec(), true),
        ("the rest is short", large(0x82)[..40_000].to_vec(), false),
        ("a ping inside a large message is not whole", [large(0x02), ping[..5].to_vec()].concat(), false),
        ("the message is whole", large(0x82), false),
    ];
    for (name, bytes, wanted) in cases {
        let mut client = open(Role::Client);
        client.feed(&bytes, WHOLE);
        let room = client.with(|session, kit| session.direct(512 << 10, kit).is_some());
        assert_eq!(room, wanted, "{name}");
    }
}

// Pings.

fn pongs(peer: &mut Peer) -> Vec<Vec<u8>> {
    let frames = peer.frames().into_iter().filter(|frame| frame.first == 0x8a);
    frames.map(|frame| frame.payload).collect()
}

fn flood(peer: &mut Peer, pings: std::ops::Range<u8>) {
    for n in pings {
        peer.feed(&frame(other(peer.role), 0x89, &[n]), WHOLE);
    }
}

#[test]
fn every_ping_is_answered_while_the_queue_moves() {
    for role in ROLES {
        let mut peer = open(role);
        flood(&mut peer, 0..100);
        assert_eq!(pongs(&mut peer), (0..100).map(|n| vec![n]).collect::<Vec<_>>());
        assert_eq!((peer.seen.len(), peer.session.heard().pings), (0, 100));
    }
}

/// RFC 6455 §5.5.3 lets the latest pong stand for all: a peer that floods and does not read fills nothing.
#[test]
fn only_the_latest_ping_is_answered_while_the_queue_is_blocked() {
    for role in ROLES {
        let mut peer = open(role);
        peer.binary(&[0; 50]).unwrap();
        peer.write(10);
        let waiting = peer.session.out().len();
        flood(&mut peer, 0..100);
        assert_eq!(peer.session.out().len(), waiting);
        peer.with(Session::unblock);
        peer.write(WHOLE);
        flood(&mut peer, 100..102);
        assert_eq!(pongs(&mut peer), [[99], [100], [101]]);
    }
}

#[test]
fn a_pong_that_waits_is_forgotten_when_the_closing_handshake_begins() {
    for role in ROLES {
        let mut peer = open(role);
        peer.binary(&[0; 50]).unwrap();
        peer.write(10);
        flood(&mut peer, 0..1);
        peer.close(1000, "").unwrap();
        assert_eq!(peer.close_sent().map(|close| close.code), Some(1000));
        assert_eq!(pongs(&mut peer).len(), 0);
    }
}

#[test]
fn pings_are_the_hosts_to_answer_if_it_says_so() {
    let settings = Settings { auto_pong: false, deliver_pings: true, ..Settings::default() };
    let mut peer = Peer::open(Role::Server, &settings);
    peer.feed(&frame(Role::Client, 0x89, b"?"), 1);
    assert_eq!((&peer.seen[..], peer.session.out().len()), (&[Seen::Ping(b"?".to_vec())][..], 0));
    peer.send(Outgoing { opcode: Opcode::Pong, data: b"?", more: false, token: 0, raw: false }).unwrap();
    assert_eq!(pongs(&mut peer), [b"?"]);
}

#[test]
fn a_pong_that_answers_nothing_is_told_only_on_request() {
    for deliver_pings in [false, true] {
        let mut peer = Peer::open(Role::Client, &Settings { deliver_pings, ..Settings::default() });
        peer.feed(&frame(Role::Server, 0x8a, b"unasked"), 1);
        let want = if deliver_pings { vec![Seen::Pong(b"unasked".to_vec(), 0, 0)] } else { vec![] };
        assert_eq!(peer.seen, want);
        assert_eq!(peer.session.heard().pongs, 1);
    }
}

// Fragments as they come.

#[test]
fn fragments_are_delivered_one_by_one_on_request() {
    let settings = Settings { limits: Limits { deliver_fragments: true, ..limits() }, ..Settings::default() };
    for role in ROLES {
        let says = |first, payload: &[u8]| frame(other(role), first, payload);
        let bytes = [
            says(0x01, b"caf\xc3"),
            says(0x89, b"?"),
            says(0x00, b""),
            says(0x80, b"\xa9"),
            says(0x82, b"alone"),
            says(0x02, b""),
            says(0x80, b""),
        ];
        let want = [
            Seen::Fragment(Text, false, b"caf\xc3".to_vec()),
            Seen::Fragment(Text, false, vec![]),
            Seen::Fragment(Text, true, b"\xa9".to_vec()),
            Seen::Fragment(Binary, true, b"alone".to_vec()),
            Seen::Fragment(Binary, false, vec![]),
            Seen::Fragment(Binary, true, vec![]),
        ];
        for chunk in chunkings() {
            let mut peer = Peer::open(role, &settings);
            peer.feed(&bytes.concat(), chunk);
            assert_eq!(peer.seen, want, "in chunks of {chunk}");
            assert_eq!(pongs(&mut peer), [b"?"]);
        }
    }
}

/// A message that is never held as a whole may be as long as it likes.
#[test]
fn delivered_fragments_have_a_limit_each_and_none_together() {
    let limits = Limits { message_max: 10, frame_max: 10, deliver_fragments: true, ..limits() };
    let mut server = Peer::open(Role::Server, &Settings { limits, ..Settings::default() });
    server.feed(&frame(Role::Client, 0x02, &[0; 10]), 3);
    for _ in 0..100 {
        server.feed(&frame(Role::Client, 0x00, &[0; 10]), 3);
    }
    assert_eq!((server.seen.len(), server.close_sent()), (101, None));
    server.feed(&frame(Role::Client, 0x80, &[0; 11]), 3);
    assert_eq!(server.close_sent().map(|close| close.code), Some(1009));
}
