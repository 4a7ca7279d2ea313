//! What looks odd and is legal all the same: nothing of it may be refused.

use hawser::error::{CloseFrame, Status};
use hawser::protocol::{Opcode, Role};

use crate::pair::*;
use crate::{defaults, open, tight};

use Opcode::{Binary, Text};

/// Frames by their first byte and payload.
type Frames<'a> = &'a [(u8, &'a [u8])];

/// First bytes and payloads of frames, and the messages they make.
type Row = (&'static str, Vec<(u8, Vec<u8>)>, Vec<(Opcode, Vec<u8>)>);

fn row(name: &'static str, frames: Frames, messages: &[(Opcode, &[u8])]) -> Row {
    let frames = frames.iter().map(|(first, payload)| (*first, payload.to_vec()));
    let messages = messages.iter().map(|(opcode, payload)| (*opcode, payload.to_vec()));
    (name, frames.collect(), messages.collect())
}

fn rows() -> Vec<Row> {
    let bytes = vec![0xff; 70_000];
    let edges = "\0\u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{fdd0}\u{fffe}\u{ffff}\u{10000}\u{10ffff}".as_bytes();
    let sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];
    let mut rows = vec![
        row("an empty text", &[(0x81, b"")], &[(Text, b"")]),
        row("the edges of Unicode", &[(0x81, edges)], &[(Text, edges)]),
        row("two messages", &[(0x81, b"a"), (0x82, b"b")], &[(Text, b"a"), (Binary, b"b")]),
        row("empty fragments only", &[(0x01, b""), (0x00, b""), (0x80, b"")], &[(Text, b"")]),
        row("an empty last fragment", &[(0x02, b"ab"), (0x80, b"")], &[(Binary, b"ab")]),
        row("an empty first fragment", &[(0x01, b""), (0x80, b"ab")], &[(Text, b"ab")]),
        row("a fragment inside a character", &[(0x01, b"\xf0\x9f"), (0x80, b"\x98\x80")], &[(Text, "😀".as_bytes())]),
        row(
            "nothing inside a character",
            &[(0x01, b"\xe2"), (0x00, b""), (0x80, b"\x82\xac")],
            &[(Text, "€".as_bytes())],
        ),
        row("binary is not text", &[(0x02, b"\xff"), (0x80, b"\xc3")], &[(Binary, b"\xff\xc3")]),
        row("a ping of 125", &[(0x89, &bytes[..125])], &[]),
        row("an empty ping and pong", &[(0x89, b""), (0x8a, b"")], &[]),
        row("a pong of 125 that nobody asked for", &[(0x8a, &bytes[..125])], &[]),
        row(
            "pings and pongs inside a message and inside a character",
            &[(0x89, b"1"), (0x01, b"\xe2\x82"), (0x89, b"2"), (0x8a, b"\xff"), (0x89, b"3"), (0x80, b"\xac")],
            &[(Text, "€".as_bytes())],
        ),
    ];
    rows.extend(sizes.map(|len| row("a length at an edge", &[(0x82, &bytes[..len])], &[(Binary, &bytes[..len])])));
    rows
}

#[test]
fn legal_frames_are_accepted_in_every_chunking() {
    for (name, frames, messages) in rows() {
        let want: Vec<_> = messages.into_iter().map(|(opcode, data)| Seen::Message(opcode, data)).collect();
        for role in ROLES {
            let bytes: Vec<u8> = frames.iter().flat_map(|(first, data)| frame(other(role), *first, data)).collect();
            for chunk in [1, 2, 3, 5, WHOLE] {
                let mut peer = open(role, &defaults());
                peer.feed(&bytes, chunk);
                assert!(peer.seen == want, "{name}, to a {role:?} in chunks of {chunk}");
                assert_pings_answered(&mut peer, &frames, name);
            }
        }
    }
}

/// Each ping has its pong, and nothing else was said.
fn assert_pings_answered(peer: &mut Peer, frames: &[(u8, Vec<u8>)], name: &str) {
    let pings = frames.iter().filter(|(first, _)| *first == 0x89);
    let pongs: Vec<_> = pings.map(|(_, payload)| Frame { first: 0x8a, payload: payload.clone() }).collect();
    assert_eq!(peer.frames(), pongs, "{name}");
}

#[test]
fn the_limits_themselves_are_legal() {
    let x = [b'x'; 200];
    let rows: [(&str, Frames); 5] = [
        ("a frame of 200", &[(0x82, &x)]),
        ("a sum of 300", &[(0x01, &x), (0x80, &x[..100])]),
        ("three fragments", &[(0x01, b"x"), (0x00, b""), (0x80, b"x")]),
        ("three fragments and three pings", &[(0x02, b""), (0x89, &x[..125]), (0x00, b"x"), (0x89, b""), (0x80, b"")]),
        ("each message anew", &[(0x02, &x), (0x80, &x[..100]), (0x01, &x), (0x80, &x[..100]), (0x82, &x)]),
    ];
    for (name, frames) in rows {
        for role in ROLES {
            let bytes: Vec<u8> = frames.iter().flat_map(|(first, data)| frame(other(role), *first, data)).collect();
            for chunk in [1, 2, WHOLE] {
                let mut peer = open(role, &tight());
                peer.feed(&bytes, chunk);
                let messages = frames.iter().filter(|(first, _)| first & 0x80 != 0 && first & 0x08 == 0).count();
                assert_eq!((peer.seen.len(), peer.close_sent()), (messages, None), "{name}, in chunks of {chunk}");
            }
        }
    }
}

#[test]
fn a_mebibyte_is_the_default_and_legal() {
    let data = vec![0; 1 << 20];
    let mut server = open(Role::Server, &defaults());
    server.feed(&frame(Role::Client, 0x82, &data), 65_536);
    assert!(server.seen == [Seen::Message(Binary, data)]);
}

#[test]
fn close_codes_that_may_be_sent_are_echoed() {
    let codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999u16];
    let reasons = ["", "x", "élan", &"r".repeat(123)];
    for (code, reason) in codes.into_iter().flat_map(|code| reasons.map(|reason| (code, reason))) {
        for role in ROLES {
            for chunk in [1, 2, WHOLE] {
                let mut peer = open(role, &defaults());
                peer.feed(&frame(other(role), 0x88, &[&code.to_be_bytes(), reason.as_bytes()].concat()), chunk);
                assert_eq!(peer.close_sent(), Some(CloseFrame { code, reason: String::new() }));
                let outcome = peer.outcome();
                assert_eq!(outcome.close_rcvd, Some(CloseFrame { code, reason: reason.to_owned() }));
                let want = if code <= 1001 { Status::CLOSED_OK } else { Status::CLOSED_ERROR };
                assert_eq!((outcome.status, outcome.cause.is_none()), (want, true));
            }
        }
    }
}

/// A Close may come inside a message, which is then never delivered.
#[test]
fn a_close_inside_a_message() {
    for role in ROLES {
        for chunk in [1, WHOLE] {
            let mut peer = open(role, &defaults());
            peer.feed(&[frame(other(role), 0x01, b"half"), frame(other(role), 0x88, b"\x03\xe8")].concat(), chunk);
            assert_eq!((peer.seen.len(), peer.outcome().status), (0, Status::CLOSED_OK));
        }
    }
}
