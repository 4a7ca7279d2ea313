//! Frames as hostile and odd peers send them: a row for each rule of RFC 6455 §5 to §8, against both roles, with the
//! byte that gives the fault away.

#[path = "../common/pair.rs"]
mod pair;

mod legal;
mod random;

use hawser::error::{Error, Status};
use hawser::protocol::{Limits, Role};
use hawser::session::Settings;

use pair::*;

/// A frame whose length field is not ours to correct.
#[derive(Clone)]
struct Raw {
    first: u8,
    /// The seven bits of the second byte, then the extended length.
    length: Vec<u8>,
    payload: Vec<u8>,
}

impl Raw {
    /// As `from` would send it, masked or not; and how long the header is.
    fn bytes(&self, from: Role) -> (Vec<u8>, usize) {
        self.masked(from == Role::Client)
    }

    fn masked(&self, masked: bool) -> (Vec<u8>, usize) {
        const KEY: [u8; 4] = [0x5a, 0x00, 0xff, 0x13];
        let mut bytes = vec![self.first];
        bytes.extend(&self.length);
        let mut key = [0; 4];
        if masked {
            bytes[1] |= 0x80;
            bytes.extend(KEY);
            key = KEY;
        }
        let header = bytes.len();
        bytes.extend(self.payload.iter().zip(key.iter().cycle()).map(|(byte, k)| byte ^ k));
        (bytes, header)
    }
}

/// A frame with the length its payload has; all payloads here are short.
fn short(first: u8, payload: &[u8]) -> Raw {
    Raw { first, length: vec![payload.len() as u8], payload: payload.to_vec() }
}

/// The beginning of a frame that claims to be this long, in 16 bits.
fn claims16(first: u8, len: u16) -> Raw {
    Raw { first, length: [&[126], &len.to_be_bytes()[..]].concat(), payload: vec![] }
}

/// The beginning of a frame that claims to be this long, in 64 bits.
fn claims64(first: u8, len: u64) -> Raw {
    Raw { first, length: [&[127], &len.to_be_bytes()[..]].concat(), payload: vec![] }
}

/// Which byte of the last frame gives the fault away. The peer hears of it at that byte, not one later.
#[derive(Clone, Copy)]
enum Told {
    /// What two bytes can tell is told by two bytes, whatever length they announce.
    Second,
    /// The last one of the header.
    Header,
    /// So many bytes of the payload.
    Payload(usize),
}

/// What a peer does, and what comes of it.
struct Fault {
    name: &'static str,
    frames: Vec<Raw>,
    told: Told,
    status: Status,
    code: u16,
    position: Option<u64>,
}

impl Fault {
    fn new(name: &'static str, frames: &[Raw], told: Told, status: Status, code: u16) -> Self {
        Self { name, frames: frames.to_vec(), told, status, code, position: None }
    }

    /// Everything the peer sends, and how much of it gives the fault away.
    fn bytes(&self, from: Role) -> (Vec<u8>, usize) {
        let (last, before) = self.frames.split_last().expect("a fault has a frame");
        let mut bytes: Vec<u8> = before.iter().flat_map(|raw| raw.bytes(from).0).collect();
        let start = bytes.len();
        let (end, header) = last.bytes(from);
        bytes.extend(end);
        let told = match self.told {
            Told::Second => 2,
            Told::Header => header,
            Told::Payload(len) => header + len,
        };
        (bytes, start + told)
    }

    fn assert(&self, role: Role, limits: &Limits) {
        let (bytes, told) = self.bytes(other(role));
        for chunk in [1, 2, 3, 7, WHOLE] {
            let mut peer = open(role, limits);
            peer.feed(&bytes, chunk);
            self.assert_failed(&mut peer, &format!("{}, to a {role:?} in chunks of {chunk}", self.name));
        }
        let mut peer = open(role, limits);
        peer.feed(&bytes[..told - 1], 1);
        assert_eq!(peer.close_sent(), None, "{}: told before byte {told} to a {role:?}", self.name);
        peer.feed(&bytes[told - 1..told], 1);
        self.assert_failed(&mut peer, &format!("{}, at byte {told} to a {role:?}", self.name));
    }

    fn assert_failed(&self, peer: &mut Peer, context: &str) {
        assert_eq!(peer.close_sent().map(|close| close.code), Some(self.code), "{context}");
        let cause = cause(peer);
        assert_eq!((cause.status, cause.position), (self.status, self.position), "{context}: {cause}");
        assert_eq!(peer.seen, [], "{context}");
    }
}

fn cause(peer: &Peer) -> Error {
    peer.outcome().cause.clone().expect("a failure has a cause")
}

fn open(role: Role, limits: &Limits) -> Peer {
    Peer::open(role, &Settings { limits: limits.clone(), ..Settings::default() })
}

fn defaults() -> Limits {
    Settings::default().limits
}

fn assert_all(faults: &[Fault], limits: &Limits) {
    for fault in faults {
        ROLES.into_iter().for_each(|role| fault.assert(role, limits));
    }
}

fn invalid(name: &'static str, frames: &[Raw], told: Told) -> Fault {
    Fault::new(name, frames, told, Status::INVALID_FRAME, 1002)
}

const BEGUN: u8 = 0x02;

#[test]
fn reserved_bits() {
    let begun = short(BEGUN, b"x");
    for rsv in [0x40, 0x20, 0x10, 0x70] {
        for first in [0x81, 0x82, 0x01, 0x88, 0x89, 0x8a] {
            assert_all(&[invalid("on a first frame", &[short(first | rsv, b"x")], Told::Second)], &defaults());
        }
        let continued = [begun.clone(), short(0x80 | rsv, b"x")];
        assert_all(&[invalid("on a continuation", &continued, Told::Second)], &defaults());
    }
}

#[test]
fn reserved_opcodes_whatever_the_length() {
    for opcode in (0x3..=0x7).chain(0xb..=0xf) {
        for fin in [0x00, 0x80] {
            let first = fin | opcode;
            for frame in [short(first, b""), short(first, b"x"), claims16(first, 126), claims64(first, 1 << 40)] {
                assert_all(&[invalid("a reserved opcode", &[frame], Told::Second)], &defaults());
            }
        }
    }
}

/// §5.1: a server fails on a frame that is not masked, a client on one that is.
#[test]
fn masking_the_wrong_way() {
    for role in ROLES {
        for frame in [short(0x81, b""), short(0x81, b"x"), short(0x89, b"x"), claims64(0x82, 1 << 40)] {
            let (bytes, _) = frame.masked(role == Role::Client);
            let mut peer = open(role, &defaults());
            peer.feed(&bytes[..1], WHOLE);
            assert_eq!(peer.close_sent(), None);
            peer.feed(&bytes[1..2], WHOLE);
            assert_eq!(peer.close_sent().map(|close| close.code), Some(1002));
            assert_eq!(cause(&peer).status, Status::INVALID_FRAME);
        }
    }
}

#[test]
fn control_frames_that_are_long_or_fragmented() {
    for opcode in [0x8, 0x9, 0xa] {
        let rows = [
            invalid("126 bytes", &[claims16(0x80 | opcode, 126)], Told::Second),
            invalid("a length of 16 bits that is short", &[claims16(0x80 | opcode, 5)], Told::Second),
            invalid("a length of 64 bits", &[claims64(0x80 | opcode, 1 << 40)], Told::Second),
            invalid("a fragment", &[short(opcode, b"")], Told::Second),
            invalid("a fragment inside a message", &[short(BEGUN, b"x"), short(opcode, b"")], Told::Second),
        ];
        assert_all(&rows, &defaults());
    }
}

#[test]
fn fragments_out_of_order() {
    let begun = short(BEGUN, b"x");
    let ping = short(0x89, b"?");
    let rows = [
        invalid("a continuation continues nothing", &[short(0x80, b"x")], Told::Header),
        invalid("a continuation that is not the last continues nothing", &[short(0x00, b"")], Told::Header),
        invalid("a long continuation continues nothing", &[claims64(0x80, 100_000)], Told::Header),
        invalid("text inside a message", &[begun.clone(), short(0x81, b"x")], Told::Header),
        invalid("binary inside a message", &[begun.clone(), short(0x82, b"")], Told::Header),
        invalid("a second beginning", &[begun.clone(), begun.clone()], Told::Header),
        invalid("text after a ping inside a message", &[begun, ping.clone(), short(0x81, b"x")], Told::Header),
        invalid("a ping begins no message", &[ping, short(0x80, b"x")], Told::Header),
    ];
    for (row, answered) in rows.iter().zip([0, 0, 0, 0, 0, 0, 1, 1]) {
        for role in ROLES {
            row.assert(role, &defaults());
            let mut peer = open(role, &defaults());
            peer.feed(&row.bytes(other(role)).0, 1);
            assert_eq!(peer.frames().len(), answered + 1, "{}: the ping is answered all the same", row.name);
        }
    }
}

#[test]
fn a_continuation_after_the_end_of_its_message() {
    for role in ROLES {
        let mut peer = open(role, &defaults());
        let says = |first| frame(other(role), first, b"x");
        peer.feed(&[says(0x02), says(0x80), says(0x80)].concat(), 1);
        assert_eq!((peer.seen.len(), cause(&peer).status), (1, Status::INVALID_FRAME));
        assert_eq!(peer.close_sent().map(|close| close.code), Some(1002));
    }
}

/// §5.2 tells the sender to use the fewest bytes; what it does not tell the receiver, we do.
#[test]
fn lengths_that_are_encoded_wrongly() {
    let rows = [
        invalid("16 bits for nothing", &[claims16(0x82, 0)], Told::Header),
        invalid("16 bits for 125", &[claims16(0x82, 125)], Told::Header),
        invalid("64 bits for nothing", &[claims64(0x82, 0)], Told::Header),
        invalid("64 bits for 125", &[claims64(0x82, 125)], Told::Header),
        invalid("64 bits for 65535", &[claims64(0x82, 65_535)], Told::Header),
        invalid("the highest bit and nothing else", &[claims64(0x82, 1 << 63)], Told::Header),
        invalid("the highest bit and a length", &[claims64(0x82, (1 << 63) | 70_000)], Told::Header),
        invalid("all bits", &[claims64(0x82, u64::MAX)], Told::Header),
    ];
    assert_all(&rows, &defaults());
}

// Limits: at the limit all is well (see `legal`), one more ends it before a byte of it arrives.

fn tight() -> Limits {
    Limits { message_max: 300, frame_max: 200, fragments_max: 3, deliver_fragments: false }
}

fn too_big(name: &'static str, frames: &[Raw]) -> Fault {
    Fault::new(name, frames, Told::Header, Status::PAYLOAD_TOO_BIG, 1009)
}

/// A fragment of a hundred bytes.
fn hundred(first: u8) -> Raw {
    short(first, &[b'x'; 100])
}

#[test]
fn more_than_the_limits_allow() {
    let rows = [
        too_big("a frame of 201", &[claims16(0x82, 201)]),
        too_big("a first fragment of 201", &[claims16(0x01, 201)]),
        too_big("a last fragment of 201", &[short(0x01, b""), claims16(0x80, 201)]),
        too_big("a sum of 301", &[hundred(0x02), hundred(0x00), short(0x80, &[0; 101])]),
        too_big(
            "a sum of 301 around a ping",
            &[hundred(0x02), hundred(0x00), short(0x89, b""), short(0x00, &[0; 101])],
        ),
        too_big("the longest there is", &[claims64(0x82, u64::MAX >> 1)]),
        too_big("a sum that overflows", &[hundred(0x02), claims64(0x80, u64::MAX >> 1)]),
    ];
    assert_all(&rows, &tight());
    let wide = Limits { frame_max: 1 << 40, ..tight() };
    assert_all(&[too_big("over the message's limit, not the frame's", &[claims16(0x82, 301)])], &wide);
    let large = Limits { message_max: u64::MAX, frame_max: 70_000, ..tight() };
    assert_all(&[too_big("64 bits", &[claims64(0x82, 70_001)])], &large);
    assert_all(&[too_big("64 bits, of which 32 look harmless", &[claims64(0x82, (1 << 32) + 5)])], &large);
}

#[test]
fn the_default_limit_is_a_mebibyte() {
    assert_all(&[too_big("one more", &[claims64(0x82, (1 << 20) + 1)])], &defaults());
}

#[test]
fn an_error_about_size_says_which_limit_and_by_how_much() {
    let cases = [
        (vec![claims16(0x82, 250)], 250, 200, 0),
        (vec![hundred(0x02), hundred(0x00), short(0x80, &[0; 125])], 325, 300, 200),
    ];
    for (frames, size, max, so_far) in cases {
        let fault = too_big("", &frames);
        let mut peer = open(Role::Server, &tight());
        peer.feed(&fault.bytes(Role::Client).0, WHOLE);
        let cause = cause(&peer);
        assert_eq!((cause.size, cause.max_size, cause.current_size), (Some(size), Some(max), Some(so_far)));
    }
}

#[test]
fn too_many_fragments_of_which_the_empty_ones_count() {
    let many = |name, frames: &[Raw]| Fault::new(name, frames, Told::Header, Status::TOO_MANY_FRAGMENTS, 1009);
    let (x, nothing) = (short(0x00, b"x"), short(0x00, b""));
    let rows = [
        many("four", &[short(0x01, b"x"), x.clone(), x.clone(), short(0x80, b"x")]),
        many("four empty ones", &[short(0x01, b""), nothing.clone(), nothing.clone(), nothing.clone()]),
        many("an empty last one", &[short(0x02, b"x"), x.clone(), nothing, short(0x80, b"")]),
        many("pings between do not count", &[short(0x02, b""), x.clone(), short(0x89, b""), x.clone(), x]),
    ];
    assert_all(&rows, &tight());
    let mut peer = open(Role::Client, &tight());
    peer.feed(&rows[0].bytes(Role::Server).0, WHOLE);
    assert_eq!((cause(&peer).fragments, cause(&peer).max_fragments), (4, 3));
}

// Text.

/// Bytes, where they stop being UTF-8, and how many of them it takes to know.
const NOT_UTF8: &[(&str, &[u8], u64, usize)] = &[
    ("a continuation byte alone", b"a\x80b", 1, 2),
    ("an overlong slash in two bytes", b"\xc0\xaf", 0, 1),
    ("an overlong letter in two bytes", b"ab\xc1\x81", 2, 3),
    ("overlong in three bytes", b"\xe0\x80\x80", 0, 2),
    ("the last overlong one in three bytes", b"\xe0\x9f\xbf", 0, 2),
    ("overlong in four bytes", b"x\xf0\x80\x80\x80", 1, 3),
    ("the last overlong one in four bytes", b"\xf0\x8f\xbf\xbf", 0, 2),
    ("the first surrogate", b"\xe2\x82\xac\xed\xa0\x80", 3, 5),
    ("the last surrogate", b"\xed\xbf\xbf", 0, 2),
    ("a pair of surrogates", b"\xed\xa0\xbd\xed\xb8\x80", 0, 2),
    ("the first above 10ffff", b"\xf4\x90\x80\x80", 0, 2),
    ("four bytes that nothing begins with", b"ok\xf5\x80\x80\x80", 2, 3),
    ("five bytes", b"\xf8\x88\x80\x80\x80", 0, 1),
    ("six bytes", b"\xfc\x84\x80\x80\x80\x80", 0, 1),
    ("no byte of UTF-8", b"\xff", 0, 1),
    ("a character of two bytes that is cut off", b"\xc3(", 0, 2),
    ("a character of three bytes that is cut off", b"abc\xe2\x82A", 3, 6),
    ("a character of four bytes that is cut off", b"\xf0\x9f\x98\xe2\x82\xac", 0, 4),
    ("two that are both cut off", b"\xf0\x9f\xf0\x9f\x98\x80", 0, 3),
    ("far behind", b"\xe2\x82\xac0123456789012345678901234567890123456789012345678901234567890123\xc3\xa9\xa9", 69, 70),
];

/// Bytes that only the end of the message makes wrong, and where the last character begins.
const CUT_SHORT: &[(&str, &[u8], u64)] = &[
    ("two bytes, one missing", b"\xc3", 0),
    ("three bytes, two missing", b"ab\xe2", 2),
    ("three bytes, one missing", b"ab\xe2\x82", 2),
    ("four bytes, three missing", b"\xf0", 0),
    ("four bytes, one missing", b"\xe2\x82\xac\xf0\x9f\x98", 3),
];

fn not_text(name: &'static str, frames: &[Raw], told: Told, position: u64) -> Fault {
    let fault = Fault::new(name, frames, told, Status::INVALID_PAYLOAD, 1007);
    Fault { position: Some(position), ..fault }
}

#[test]
fn text_that_is_not_utf8_is_refused_at_the_byte_that_no_other_could_follow() {
    for &(name, bytes, position, told) in NOT_UTF8 {
        let whole = not_text(name, &[short(0x81, bytes)], Told::Payload(told), position);
        assert_all(&[whole], &defaults());
        for cut in 0..told {
            let (head, tail) = bytes.split_at(cut);
            let (head, tail, told) = (short(0x01, head), short(0x80, tail), Told::Payload(told - cut));
            let between = [short(0x89, b"?"), short(0x00, b"")];
            let cut = not_text(name, &[head.clone(), tail.clone()], told, position);
            let further = not_text(name, &[&[head], &between[..], &[tail]].concat(), told, position);
            assert_all(&[cut, further], &defaults());
        }
    }
}

#[test]
fn text_must_be_complete_at_the_end_of_the_message() {
    for &(name, bytes, position) in CUT_SHORT {
        let whole = not_text(name, &[short(0x81, bytes)], Told::Payload(bytes.len()), position);
        let empty_end = not_text(name, &[short(0x01, bytes), short(0x80, b"")], Told::Header, position);
        assert_all(&[whole, empty_end], &defaults());
        for cut in 0..bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            let told = Told::Payload(tail.len());
            assert_all(&[not_text(name, &[short(0x01, head), short(0x80, tail)], told, position)], &defaults());
        }
    }
}

/// Fragments are handed out before the message is whole: the fault still is where it is in the message.
#[test]
fn text_in_delivered_fragments_is_checked_as_one() {
    for role in ROLES {
        for chunk in [1, 2, WHOLE] {
            let mut peer = open(role, &Limits { deliver_fragments: true, ..defaults() });
            let says = |first, payload: &[u8]| frame(other(role), first, payload);
            peer.feed(&[says(0x01, b"ab\xe2"), says(0x00, b"\x82\xac"), says(0x80, b"cd\xff")].concat(), chunk);
            assert_eq!(peer.seen.len(), 2);
            assert_eq!((cause(&peer).status, cause(&peer).position), (Status::INVALID_PAYLOAD, Some(7)));
            assert_eq!(peer.close_sent().map(|close| close.code), Some(1007));
        }
    }
}

// Close frames, §5.5.1 and §7.4.

#[test]
fn close_frames_that_say_nothing_sensible() {
    let one = short(0x88, b"\x03");
    let name = "half a code";
    assert_all(&[Fault::new(name, &[one], Told::Payload(1), Status::INVALID_CLOSE, 1002)], &defaults());
    let reserved = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 5001, 0x7fff, 0xffff];
    for code in reserved.map(u16::to_be_bytes) {
        for reason in ["", "with a reason"] {
            let close = short(0x88, &[&code, reason.as_bytes()].concat());
            let told = Told::Payload(2 + reason.len());
            assert_all(&[Fault::new("a reserved code", &[close], told, Status::INVALID_CLOSE, 1002)], &defaults());
        }
    }
}

/// The position counts from the beginning of the reason.
#[test]
fn close_reasons_that_are_not_utf8() {
    for &(name, bytes, position) in CUT_SHORT {
        let close = short(0x88, &[b"\x03\xe8", bytes].concat());
        assert_all(&[not_text(name, &[close], Told::Payload(2 + bytes.len()), position)], &defaults());
    }
    for &(name, bytes, position, _) in NOT_UTF8 {
        let close = short(0x88, &[b"\x0b\xb8", bytes].concat());
        assert_all(&[not_text(name, &[close], Told::Payload(2 + bytes.len()), position)], &defaults());
    }
}

/// What we tell the peer fits into a Close frame and is the rule it broke.
#[test]
fn the_reason_names_the_rule() {
    let cases: [(Raw, u16, &str); 4] = [
        (short(0x83, b""), 1002, "the opcode is reserved"),
        (claims64(0x82, 1 << 40), 1009, "a frame is over our frame_max"),
        (short(0x81, b"\xff"), 1007, "a text message is not UTF-8"),
        (short(0x88, b"\x00\x07"), 1002, "close code 7 may not be sent"),
    ];
    for (raw, code, reason) in cases {
        for role in ROLES {
            let mut peer = open(role, &defaults());
            peer.feed(&raw.bytes(other(role)).0, WHOLE);
            let close = peer.close_sent().expect("it has failed");
            assert_eq!((close.code, close.reason.as_str()), (code, reason));
            assert_eq!(peer.outcome().close_sent, Some(close));
        }
    }
}
