//! Past the queue: what is long is not copied into it, but offered to the transport from where it lies.

use hawser::protocol::{Opcode, Role};
use hawser::session::{Headers, Run, Settings};

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

/// What of these messages is a run is sent past the queue, of which the transport takes so much; how many that were.
fn send_run(peer: &mut Peer, messages: &[(Opcode, Vec<u8>)], takes: usize) -> usize {
    let mut headers = Headers::default();
    let run = Run::of(&mut headers, messages.iter().map(|(opcode, data)| (*opcode, &data[..])));
    let mut transport = Takes::up_to(takes);
    assert!(peer.with(|session, kit| session.sends_runs() && session.send_run(&run, &mut transport, kit)));
    assert_eq!(transport.writes, 1);
    peer.wire.extend(transport.taken);
    run.messages()
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
            assert_eq!(send_run(&mut server, &messages, takes), 3);
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
    let long = || (Binary, payload(0, 4096));
    for other in [(Binary, payload(0, 4095)), (Binary, payload(0, 65_536)), (Text, vec![0xff; 5000])] {
        assert_eq!(send_run(&mut open(Role::Server), &[long(), long(), other, long()], WHOLE), 2);
    }
    assert_eq!(send_run(&mut open(Role::Server), &vec![long(); 100], WHOLE), 32, "as many as there are places");
    let large = (Binary, payload(0, 65_535));
    assert_eq!(send_run(&mut open(Role::Server), &vec![large; 100], WHOLE), 4, "256 KiB at the most");
}

#[test]
fn a_run_for_which_the_queue_has_no_room_is_not_sent() {
    let settings = Settings { send_queue_max: 10_000, ..Settings::default() };
    let mut server = Peer::open(Role::Server, &settings);
    let data = payload(0, 4096);
    server.text("abc").unwrap();
    for (messages, sent) in [(3, false), (2, true)] {
        let mut headers = Headers::default();
        let run = Run::of(&mut headers, (0..messages).map(|_| (Binary, &data[..])));
        let mut transport = Takes::up_to(WHOLE);
        assert_eq!(server.with(|session, kit| session.send_run(&run, &mut transport, kit)), sent);
        assert_eq!((transport.writes > 0, server.session.out().is_empty()), (sent, sent));
    }
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
