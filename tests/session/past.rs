//! Past the queue: what is long is not copied into it, but offered to the transport from where it lies.

use hawser::protocol::{Opcode, Role};
use hawser::session::{Many, One, Run, Settings};

use crate::pair::*;

use Opcode::{Binary, Continuation, Text};

fn open(role: Role) -> Peer {
    Peer::open(role, &Settings::default())
}

// One message.

/// Large enough that a copy into the queue costs more than a system call.
const LARGE: usize = 70_000;

/// Sends a large message while the transport takes exactly `takes` bytes.
fn send_directly(peer: &mut Peer, data: &[u8], takes: usize) {
    let mut transport = Takes::up_to(takes);
    peer.with(|session, kit| session.send(with_token(data, 7), transport.past(), kit).unwrap());
    peer.wire.extend(transport.taken);
}

#[test]
fn a_large_message_goes_past_the_queue_however_much_of_it_is_taken() {
    let data: Vec<u8> = (0..LARGE).map(|i| i as u8).collect();
    let waiting = 3 + 2; // a short message and its header
    let header = 10; // length in 64 bits, no key
    let all = waiting + header + LARGE;
    for takes in [0, 1, waiting - 1, waiting, waiting + 1, waiting + header, waiting + header + 1, all - 1, all] {
        let mut server = open(Role::Server);
        let opened = server.session.out().left();
        server.text("abc").unwrap();
        send_directly(&mut server, &data, takes);
        assert_eq!(server.session.out().len(), all - takes, "{takes} taken");
        assert_eq!(server.session.out().is_blocked(), takes < all, "{takes} taken");
        assert_eq!(server.session.has_news(), takes == all, "the token comes with the last byte");
        let want = [Frame { first: 0x81, payload: b"abc".to_vec() }, Frame { first: 0x82, payload: data.clone() }];
        assert!(server.frames() == want, "{takes} taken");
        assert_eq!(server.session.out().left() - opened, all as u64, "{takes} taken");
        assert_eq!(server.seen, [Seen::Sent(7)]);
    }
}

/// What goes out directly goes out as it is: a client's payload must be masked first.
#[test]
fn what_a_client_sends_never_goes_past_the_queue() {
    assert_never_direct(&mut open(Role::Client), LARGE);
}

#[test]
fn short_messages_and_blocked_transports_use_the_queue() {
    assert_never_direct(&mut open(Role::Server), 65_535);
    let mut blocked = open(Role::Server);
    blocked.text("waits").unwrap();
    blocked.write(1);
    assert_never_direct(&mut blocked, LARGE);
}

fn assert_never_direct(peer: &mut Peer, len: usize) {
    let before = peer.session.out().len();
    let mut transport = Takes::up_to(WHOLE);
    peer.with(|session, kit| session.send(with_token(&vec![0; len], 0), transport.past(), kit).unwrap());
    assert_eq!(transport.writes, 0, "the payload was offered to the transport");
    assert!(peer.session.out().len() > before + len);
}

#[test]
fn fragments_go_past_the_queue_too() {
    let mut pair = Pair::open(&Settings::default());
    let text = "é".repeat(LARGE).into_bytes();
    let (one, two) = text.split_at(LARGE + 1);
    pair.server.fragment(Text, one, true).unwrap();
    pair.server.fragment(Continuation, two, false).unwrap();
    assert_eq!(pair.server.session.out().len(), 0);
    pair.run();
    assert!(pair.client.seen == [Seen::Message(Text, text.clone())]);
}

// Many with one write.

/// Each byte tells where it belongs.
fn payload(n: usize, len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 7 + i / 251 + n * 31) as u8 & 0x7f).collect()
}

type Message<'a> = (Opcode, &'a [u8]);

fn borrowed(messages: &[(Opcode, Vec<u8>)]) -> Vec<Message<'_>> {
    messages.iter().map(|(opcode, data)| (*opcode, &data[..])).collect()
}

/// What of these messages is a run is sent, of which the transport takes so much; how many that were, and in how many parts it
/// was offered.
fn send_run(peer: &mut Peer, memory: &[u8], messages: &[Message], takes: usize) -> (usize, usize) {
    let mut places = Many::default();
    let mut following = messages[1..].iter().copied();
    let run = Run::of(&mut places, memory, peer.session.room(), messages[0], &mut following);
    assert_eq!(messages.len() - following.len(), run.messages().max(1), "the others are left");
    let mut transport = Takes::up_to(takes);
    assert!(peer.with(|session, kit| session.sends_runs() && session.send_run(&run, &mut transport, kit)));
    peer.wire.extend(transport.taken);
    (run.messages(), if transport.writes == 0 { 0 } else { run.parts().count() })
}

#[test]
fn a_run_leaves_with_one_write_however_much_of_it_is_taken() {
    let messages = [(Text, payload(0, 4096)), (Binary, payload(1, 65_535)), (Text, payload(2, 5000))];
    let first = 5 + 4 + 4096; // a short frame waits before it
    let second = first + 4 + 65_535;
    let all = second + 4 + 5000;
    for end in [1, 5, 9, first, first + 4, second, second + 4, all] {
        for takes in [end - 1, end, end + 1] {
            let mut server = open(Role::Server);
            let opened = server.session.out().left();
            server.text("abc").unwrap();
            assert_eq!(send_run(&mut server, &[], &borrowed(&messages), takes), (3, 6));
            let left = takes.min(all);
            assert_eq!(server.session.out().len(), all - left, "{takes} taken");
            assert_eq!(server.session.out().is_blocked(), left < all, "{takes} taken");
            server.text("behind it").unwrap();
            let mut want = vec![Frame { first: 0x81, payload: b"abc".to_vec() }];
            want.extend(
                messages.iter().map(|(opcode, data)| Frame { first: 0x80 | *opcode as u8, payload: data.clone() }),
            );
            want.push(Frame { first: 0x81, payload: b"behind it".to_vec() });
            assert!(server.frames() == want, "{takes} taken");
            assert_eq!(server.session.out().left() - opened, (all + 11) as u64, "{takes} taken");
        }
    }
}

#[test]
fn a_run_ends_before_what_is_none() {
    let many = |messages: &[(Opcode, Vec<u8>)]| send_run(&mut open(Role::Server), &[], &borrowed(messages), WHOLE).0;
    let long = || (Binary, payload(0, 4096));
    for other in [(Binary, payload(0, 4095)), (Binary, payload(0, 65_536)), (Text, vec![0xff; 5000])] {
        assert_eq!(many(&[long(), long(), other.clone(), long()]), 2);
        assert_eq!(many(&[other, long()]), 0);
    }
    assert_eq!(many(&vec![long(); 100]), 32, "as many as there are places");
    assert_eq!(many(&vec![(Binary, payload(0, 65_535)); 100]), 3, "256 KiB of frames at the most");
    let (pair, mut one) = ([long(), long()], One::default());
    let pair = borrowed(&pair);
    assert_eq!(Run::of(&mut one, &[], WHOLE, pair[0], &mut pair[1..].iter().copied()).messages(), 1, "one place");
}

#[test]
fn a_run_takes_no_more_than_the_queue_has_room_for() {
    let data = [(Binary, payload(0, 4096)), (Binary, payload(1, 4096)), (Binary, payload(2, 4096))];
    for (max, sent) in [(2 * 4100 + 5, 2), (3 * 4100 + 4, 2), (3 * 4100 + 5, 3)] {
        let settings = Settings { send_queue_max: max, ..Settings::default() };
        for takes in [0, 5000, WHOLE] {
            let mut server = Peer::open(Role::Server, &settings);
            server.text("abc").unwrap();
            assert_eq!(send_run(&mut server, &[], &borrowed(&data), takes).0, sent);
            assert_eq!(server.frames().len(), 1 + sent);
        }
    }
}

/// The frames of messages of these lengths as a server sends them, with `gap` bytes before each, and where their payloads are.
fn laid(lengths: &[usize], gap: usize) -> (Vec<u8>, Vec<std::ops::Range<usize>>) {
    let (mut memory, mut payloads) = (Vec::new(), Vec::new());
    for (n, len) in lengths.iter().enumerate() {
        memory.resize(memory.len() + gap, 0x81);
        match u8::try_from(*len) {
            Ok(len @ 0..=125) => memory.extend([0x81, len]),
            _ => memory.extend([0x81, 126, (len >> 8) as u8, *len as u8]),
        }
        payloads.push(memory.len()..memory.len() + len);
        memory.extend(payload(n, *len));
    }
    (memory, payloads)
}

/// Sends texts that lie in this memory, and whether that was right; how many there were, and in how many parts.
fn send_laid(memory: &[u8], places: &[std::ops::Range<usize>], takes: usize) -> (usize, usize) {
    let mut server = open(Role::Server);
    server.text("abc").unwrap();
    let texts: Vec<Message> = places.iter().map(|place| (Text, &memory[place.clone()])).collect();
    let (sent, parts) = send_run(&mut server, memory, &texts, takes);
    server.text("behind it").unwrap();
    let frames = server.frames();
    let wanted = [&[(Text, &b"abc"[..])], &texts[..sent], &[(Text, &b"behind it"[..])]].concat();
    assert!(frames.iter().map(|frame| (Text, &frame.payload[..])).eq(wanted), "{takes} taken");
    assert!(frames.iter().all(|frame| frame.first == 0x81));
    let payloads: usize = texts[..sent].iter().map(|(_, text)| text.len()).sum();
    let counters = server.session.counters();
    assert_eq!((counters.messages_out, counters.bytes_out), (2 + sent as u64, 12 + payloads as u64));
    (sent, parts)
}

#[test]
fn what_lies_in_a_row_is_one_part_however_much_of_it_is_taken() {
    let (memory, places) = laid(&[16, 0, 125, 126, 1, 5000, 3000, 17], 0);
    let ends: Vec<_> = places.iter().map(|place| 5 + place.end).collect();
    for takes in ends.iter().flat_map(|end| [end - 1, *end, end + 1, end + 4]).chain([0, 4, 5, WHOLE]) {
        assert_eq!(send_laid(&memory, &places, takes), (8, 1));
    }
}

#[test]
fn what_is_short_even_as_a_row_joins_the_queue() {
    let (memory, places) = laid(&[16; 100], 0);
    assert_eq!(send_laid(&memory, &places, WHOLE), (100, 0));
}

#[test]
fn only_what_lies_as_it_is_sent_is_a_row() {
    let (memory, places) = laid(&[5000; 3], 0);
    let cut: Vec<_> = places.iter().map(|place| place.start + 1..place.end).collect();
    assert_eq!(send_laid(&memory, &cut, WHOLE), (3, 6), "parts of messages go behind headers of their own");
    let [one, two, three] = [0, 1, 2].map(|at| places[at].clone());
    assert_eq!(send_laid(&memory, &[two.clone(), one.clone(), three.clone()], WHOLE), (3, 3), "another order");
    assert_eq!(send_laid(&memory, &[two.clone(), two, three, one], WHOLE), (4, 3), "and again");
    let (memory, places) = laid(&[5000; 3], 1);
    assert_eq!(send_laid(&memory, &places, WHOLE), (3, 3), "bytes between them");
    let (memory, places) = laid(&[50, 60, 5000, 5000], 1);
    assert_eq!(send_laid(&memory, &places, WHOLE).0, 1, "short ones apart are none");
    let (mut memory, places) = laid(&[50, 9000, 60], 0);
    memory[places[0].end] = 0x82; // a binary message was received
    assert_eq!(send_laid(&memory, &places, WHOLE), (2, 3));
    let (mut memory, places) = laid(&[5000, 60, 5000], 0);
    memory[places[1].start] = 0xff;
    assert_eq!(send_laid(&memory, &places, WHOLE).0, 1, "no text");
}

/// A client masks, the others have something else in their way.
#[test]
fn not_everybody_sends_runs() {
    let mut blocked = open(Role::Server);
    blocked.text("waits").unwrap();
    blocked.write(1);
    let mut closing = open(Role::Server);
    closing.close(1000, "").unwrap();
    let mut inside = open(Role::Server);
    inside.fragment(Text, b"begun", true).unwrap();
    for peer in [open(Role::Client), blocked, closing, inside] {
        assert!(!peer.session.sends_runs());
    }
    assert!(open(Role::Server).session.sends_runs());
}
