//! permessage-deflate between two sessions, and against bytes made by hand: in every chunking, with everything that may
//! stand between the pieces of a message.

use hawser::error::Status;
use hawser::extension::{Deflate, Extensions};
use hawser::handshake::{ClientRequest, ServerPolicy};
use hawser::http::Uri;
use hawser::protocol::{Limits, Opcode, Role};
use hawser::session::{Outgoing, Settings, State};

use crate::pair::*;

use Opcode::{Binary, Continuation, Text};

const HELLO: &[u8] = &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
/// "Hello" once more, all of it from the window (RFC 7692 §7.2.3.2).
const AGAIN: &[u8] = &[0xf2, 0x00, 0x11, 0x00, 0x00];
/// "Hello" in a block with BFINAL (§7.2.3.4).
const LAST: &[u8] = &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
const RSV1: u8 = 0x40;
const FIN: u8 = 0x80;

fn pair(settings: &Settings, set: impl FnOnce(&mut Deflate)) -> Pair {
    let mut deflate = Deflate { min_size: 1, ..Deflate::default() };
    set(&mut deflate);
    let extensions = Extensions { deflate: Some(deflate) };
    let mut request = ClientRequest::new(Uri::parse("ws://example.com/chat").expect("a URI"));
    request.extensions = extensions;
    let mut pair = Pair::with(settings, &request, ServerPolicy { extensions, ..ServerPolicy::default() });
    pair.run();
    for role in ROLES {
        let (peer, _) = pair.from(role);
        let Some(Seen::Open(handshake)) = peer.seen.first() else { panic!("it is open") };
        assert!(handshake.extensions.starts_with("permessage-deflate"), "{}", handshake.extensions);
        assert!(handshake.agreed.is_some());
        peer.forget();
    }
    pair
}

/// One end of a connection on which compression was agreed.
fn end(role: Role, settings: &Settings) -> Peer {
    let pair = pair(settings, |_| ());
    if role == Role::Client { pair.client } else { pair.server }
}

fn limited(set: impl FnOnce(&mut Limits)) -> Settings {
    let mut settings = Settings::default();
    set(&mut settings.limits);
    settings
}

/// A frame that the other end of this role has sent.
fn from_other(role: Role, first: u8, payload: &[u8]) -> Vec<u8> {
    frame(other(role), first, payload)
}

fn prose(len: usize) -> Vec<u8> {
    (0..).flat_map(|i: u64| format!("{:x} ", i * i % 9973).into_bytes()).take(len).collect()
}

fn failure(peer: &Peer) -> Status {
    peer.outcome().cause.as_ref().expect("it has failed").status
}

#[test]
fn messages_of_all_sizes_in_every_chunking() {
    for chunk in chunkings().filter(|chunk| *chunk < 20 || *chunk > 63) {
        let mut pair = pair(&Settings::default(), |_| ());
        pair.chunk = chunk;
        for role in ROLES {
            for (opcode, len) in [(Binary, 0), (Text, 1), (Text, 125), (Binary, 127), (Text, 3000), (Text, 3000)] {
                let data = prose(len);
                let (speaker, _) = pair.from(role);
                speaker.fragment(opcode, &data, false).unwrap();
                pair.run();
                let (_, listener) = pair.from(role);
                assert_eq!(listener.seen.pop(), Some(Seen::Message(opcode, data)), "{chunk}");
                assert!(listener.seen.is_empty());
            }
            let (speaker, _) = pair.from(role);
            let tally = speaker.session.tally();
            assert!(tally.coded_out < tally.plain_out / 2 && tally.plain_out >= 6000, "{tally:?}");
            let (_, listener) = pair.from(role);
            let received = listener.session.tally();
            assert_eq!((received.plain_in, received.coded_in), (tally.plain_out, tally.coded_out));
        }
    }
}

#[test]
fn every_agreement_carries_large_messages_both_ways() {
    let settings = limited(|limits| (limits.message_max, limits.frame_max) = (4 << 20, 4 << 20));
    for bits in [8, 9, 12, 15] {
        for takeover in [true, false] {
            let mut pair = pair(&settings, |d| {
                (d.server_max_window_bits, d.client_max_window_bits) = (Some(bits), Some(bits));
                (d.server_no_context_takeover, d.client_no_context_takeover) = (!takeover, !takeover);
            });
            for role in ROLES {
                for len in [1_000_000, 100_000, 10] {
                    let data = prose(len);
                    pair.from(role).0.binary(&data).unwrap();
                    pair.run();
                    assert!(pair.from(role).1.seen == [Seen::Message(Binary, data)], "{bits} {takeover} {len}");
                    pair.from(role).1.forget();
                }
            }
        }
    }
}

/// What is too short to be compressed goes the short way, as if nothing had been agreed; what is not, never.
#[test]
fn the_short_way_is_for_what_is_not_compressed() {
    for (min_size, role) in [0, 1, 2, 100].into_iter().flat_map(|min| ROLES.map(|role| (min, role))) {
        let mut pair = pair(&Settings::default(), |deflate| deflate.min_size = min_size);
        let (speaker, _) = pair.from(role);
        let long = prose(4000); // behind it the queue has room
        speaker.send(Outgoing { raw: true, ..with_token(&long, 0) }).unwrap();
        let mut sent = vec![Seen::Message(Binary, long)];
        for data in [0, 1, 2, 99, 100, 101, 5000].map(prose) {
            let is_short = data.len() < min_size.max(1) as usize;
            let went = speaker.with(|session, kit| {
                let first = session.send_plain(Binary, &data, kit.now, kit.buffers, kit.masks);
                let mut room = if is_short { session.room_behind() } else { usize::MAX };
                [first, session.send_behind(Text, &data, &mut room, kit.masks)]
            });
            assert_eq!(went, [is_short; 2], "{} bytes, compressed from {min_size} on", data.len());
            if is_short {
                sent.extend([Seen::Message(Binary, data.clone()), Seen::Message(Text, data)]);
            }
        }
        assert_eq!(speaker.session.tally().plain_out, 0);
        pair.run();
        assert_eq!(pair.from(role).1.seen, sent);
    }
}

#[test]
fn fragments_with_pings_between_them() {
    for chunk in chunkings() {
        let mut pair = pair(&Settings::default(), |_| ());
        pair.chunk = chunk;
        for role in ROLES {
            let (first, second) = (prose(300), "é".repeat(50));
            for (opcode, piece, more) in [(Text, &first[..], true), (Continuation, second.as_bytes(), true)] {
                pair.from(role).0.fragment(opcode, piece, more).unwrap();
                pair.from(role).0.ping(b"between", 0).unwrap();
                pair.run();
            }
            pair.from(role).0.fragment(Continuation, b"", false).unwrap();
            pair.run();
            let (speaker, listener) = pair.from(role);
            let whole = [&first, second.as_bytes()].concat();
            assert_eq!(listener.seen.last(), Some(&Seen::Message(Text, whole)), "{chunk}");
            let frames = frames(&speaker.wire, role);
            let firsts: Vec<u8> = frames.iter().map(|f| f.first).filter(|first| first & 0x0f < 8).collect();
            assert_eq!(firsts, [0x41, 0x00, 0x80], "RSV1 on the first frame only");
            speaker.forget();
            listener.forget();
        }
    }
}

#[test]
fn the_streams_of_rfc_7692_in_every_chunking() {
    for role in ROLES {
        for chunk in chunkings() {
            let mut peer = end(role, &Settings::default());
            let frames = [
                (FIN | RSV1 | 1, HELLO),
                (FIN | RSV1 | 1, AGAIN),
                (FIN | 1, b"plain".as_slice()),
                (FIN | RSV1 | 1, LAST),
                (RSV1 | 2, &LAST[..3]),
                (FIN | 9, b"?"),
                (0, b""),
                (FIN, &LAST[3..]),
                (FIN | RSV1 | 1, AGAIN),
                (FIN | RSV1 | 1, &[0]),
                (FIN | RSV1 | 1, b""),
            ];
            let bytes: Vec<u8> = frames.iter().flat_map(|(first, payload)| from_other(role, *first, payload)).collect();
            peer.feed(&bytes, chunk);
            let told: Vec<(Opcode, &[u8])> = peer
                .seen
                .iter()
                .filter_map(|seen| match seen {
                    Seen::Message(opcode, data) => Some((*opcode, data.as_slice())),
                    _ => None,
                })
                .collect();
            let hello = (Text, b"Hello".as_slice());
            let plain = (Text, b"plain".as_slice());
            let binary = (Binary, b"Hello".as_slice());
            assert_eq!(told, [hello, hello, plain, hello, binary, hello, (Text, b""), (Text, b"")], "{role:?} {chunk}");
            assert_eq!(peer.frames().iter().map(|f| f.first).collect::<Vec<_>>(), [0x8a], "the ping was answered");
        }
    }
}

#[test]
fn delivered_fragments_are_inflated_one_by_one() {
    let settings = limited(|limits| limits.deliver_fragments = true);
    let mut pair = pair(&settings, |_| ());
    for role in ROLES {
        let pieces = [prose(500), Vec::new(), prose(70)];
        for (i, piece) in pieces.iter().enumerate() {
            let opcode = if i == 0 { Text } else { Continuation };
            pair.from(role).0.fragment(opcode, piece, i < 2).unwrap();
            pair.run();
            let want = Seen::Fragment(Text, i == 2, piece.clone());
            assert_eq!(pair.from(role).1.seen.pop(), Some(want));
        }
    }
}

#[test]
fn the_bit_where_it_may_not_stand() {
    for role in ROLES {
        for (before, first) in [(None, FIN | RSV1 | 9), (Some(RSV1 | 1), FIN | RSV1), (Some(2), FIN | RSV1)] {
            for chunk in [1, WHOLE] {
                let mut peer = end(role, &Settings::default());
                let mut bytes = before.map(|first| from_other(role, first, HELLO)).unwrap_or_default();
                bytes.extend(from_other(role, first, HELLO));
                peer.feed(&bytes, chunk);
                assert_eq!(failure(&peer), Status::INVALID_FRAME);
                assert_eq!(peer.close_sent().unwrap().code, 1002);
            }
        }
        let mut peer = Peer::open(role, &Settings::default());
        peer.feed(&from_other(role, FIN | RSV1 | 1, HELLO), WHOLE);
        assert_eq!(failure(&peer), Status::INVALID_FRAME, "nothing was agreed");
        let mut peer = end(role, &Settings::default());
        peer.feed(&from_other(role, FIN | 0x20 | 1, HELLO), WHOLE);
        assert_eq!(failure(&peer), Status::INVALID_FRAME, "RSV2 belongs to nobody");
    }
}

#[test]
fn what_inflates_to_the_limit_is_legal_and_a_byte_more_is_not() {
    let settings = limited(|limits| (limits.message_max, limits.frame_max) = (100_000, 100_000));
    for role in ROLES {
        for (len, fits) in [(100_000, true), (100_001, false), (50_000_000, false)] {
            let coded = {
                let vast = Settings { send_queue_max: 1 << 30, ..Settings::default() };
                let mut sender = pair(&vast, |_| ());
                sender.from(other(role)).0.binary(&vec![7; len]).unwrap();
                sender.from(other(role)).0.frames().pop().unwrap().payload
            };
            for chunk in [1000, WHOLE] {
                let mut peer = end(role, &settings);
                peer.feed(&from_other(role, FIN | RSV1 | 2, &coded), chunk);
                if fits {
                    assert!(peer.seen == [Seen::Message(Binary, vec![7; len])]);
                    continue;
                }
                let outcome = peer.outcome();
                let error = outcome.cause.as_ref().unwrap();
                assert_eq!((error.status, error.max_size), (Status::PAYLOAD_TOO_BIG, Some(100_000)));
                assert!(error.size.is_none_or(|size| size > 400_000), "known only where the frame alone is too long");
                assert_eq!(peer.close_sent().unwrap().code, 1009);
            }
        }
    }
}

#[test]
fn what_cannot_be_compressed_may_still_fill_the_limit() {
    // A stored block is longer than what it holds: its frame is longer than the limit, its message is not.
    let settings = limited(|limits| (limits.message_max, limits.frame_max) = (1000, 1000));
    let stored = |len: u16| {
        let mut block = vec![0];
        block.extend(len.to_le_bytes());
        block.extend((!len).to_le_bytes());
        block.extend(vec![b'x'; usize::from(len)]);
        block.push(0);
        block
    };
    for role in ROLES {
        let mut peer = end(role, &settings);
        peer.feed(&from_other(role, FIN | RSV1 | 1, &stored(1000)), WHOLE);
        assert_eq!(peer.seen, [Seen::Message(Text, vec![b'x'; 1000])]);
        let empty_blocks = [0, 0, 0, 0xff, 0xff].repeat(10_000);
        peer.feed(&from_other(role, FIN | RSV1 | 1, &empty_blocks), 10);
        assert_eq!(failure(&peer), Status::PAYLOAD_TOO_BIG, "nothing, at length");
    }
}

#[test]
fn what_is_no_deflate_and_what_is_no_text_is_1007() {
    for role in ROLES {
        for (payload, status) in [
            (b"\xff\xff\xff".as_slice(), Status::DECOMPRESSION),
            (AGAIN, Status::DECOMPRESSION),
            (&HELLO[..3], Status::DECOMPRESSION),
            (&[0x00, 0x02, 0x00, 0xfd, 0xff, 0xc3, 0x28, 0x00], Status::INVALID_PAYLOAD),
            (&[0x00, 0x01, 0x00, 0xfe, 0xff, 0xc3, 0x00], Status::INVALID_PAYLOAD),
        ] {
            for chunk in [1, 5, WHOLE] {
                let mut peer = end(role, &Settings::default());
                peer.feed(&from_other(role, FIN | RSV1 | 1, payload), chunk);
                assert_eq!(failure(&peer), status, "{payload:x?}");
                assert_eq!(peer.close_sent().unwrap().code, 1007);
                assert_eq!(peer.session.state(), State::Closing);
                assert!(peer.seen.is_empty());
            }
        }
    }
}

#[test]
fn short_messages_and_raw_ones_go_as_they_are() {
    let mut pair = pair(&Settings::default(), |d| d.min_size = 128);
    for role in ROLES {
        let text = b"ab".repeat(250);
        let (speaker, _) = pair.from(role);
        speaker.binary(&text[..127]).unwrap();
        speaker.binary(&text[..128]).unwrap();
        speaker.send(Outgoing { opcode: Binary, data: &text, more: false, token: 0, raw: true }).unwrap();
        speaker.send(Outgoing { opcode: Binary, data: &text, more: true, token: 0, raw: true }).unwrap();
        speaker.fragment(Continuation, &text, false).unwrap();
        speaker.fragment(Binary, &text[..128], true).unwrap();
        speaker.send(Outgoing { opcode: Continuation, data: &text, more: false, token: 0, raw: true }).unwrap();
        let firsts: Vec<u8> = speaker.frames().iter().map(|f| f.first).collect();
        assert_eq!(firsts, [0x82, 0xc2, 0x82, 0x02, 0x80, 0x42, 0x80]);
        pair.run();
        let (_, listener) = pair.from(role);
        let lengths: Vec<usize> = listener
            .seen
            .iter()
            .map(|seen| match seen {
                Seen::Message(_, data) => data.len(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(lengths, [127, 128, 500, 1000, 628]);
    }
}

#[test]
fn a_refused_message_leaves_no_trace() {
    let settings = Settings { send_queue_max: 5000, send_queue_low: 1000, ..Settings::default() };
    let mut pair = pair(&settings, |_| ());
    for role in ROLES {
        let text = prose(300).repeat(10);
        let (speaker, _) = pair.from(role);
        let mut sent = 0;
        while speaker.binary(&text).is_ok() {
            sent += 1;
        }
        assert!(sent > 1, "the queue counts what waits, compressed");
        assert_eq!(speaker.binary(&prose(6000)).unwrap_err().status, Status::SEND_QUEUE_FULL);
        pair.run();
        pair.from(role).0.binary(&text).unwrap();
        pair.run();
        let (_, listener) = pair.from(role);
        listener.seen.retain(|seen| *seen != Seen::Writable);
        assert!(listener.seen == vec![Seen::Message(Binary, text); sent + 1]);
    }
}

#[test]
fn what_connections_keep_is_freed() {
    let mut pair = pair(&Settings::default(), |_| ());
    for role in ROLES {
        assert_eq!(pair.from(role).0.buffers.codecs.kept(), 0, "nothing before the first message");
        pair.from(role).0.binary(&prose(500)).unwrap();
        assert!(pair.from(role).0.buffers.codecs.kept() > 100_000);
    }
    pair.run();
    pair.client.close(1000, "").unwrap();
    pair.run();
    assert_eq!(pair.server.buffers.codecs.kept(), 0);
    assert_eq!(pair.client.session.state(), State::Closed);
    assert_eq!(pair.client.buffers.codecs.kept(), 0);
}

#[test]
fn without_takeover_nothing_is_kept() {
    let mut pair = pair(&Settings::default(), |d| {
        (d.client_no_context_takeover, d.server_no_context_takeover) = (true, true);
    });
    for role in ROLES {
        for _ in 0..3 {
            pair.from(role).0.binary(&prose(500)).unwrap();
            assert_eq!(pair.from(role).0.buffers.codecs.kept(), 0);
        }
        pair.run();
        assert_eq!(pair.from(role).1.seen.len(), 3);
    }
}
