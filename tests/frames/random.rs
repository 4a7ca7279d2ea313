//! Nobody's rows: frames drawn at random and damaged at random, always the same ones. Whatever comes, both roles stay
//! on their feet, hold to their limits, and judge the bytes and not the way they were cut.

use hawser::protocol::{Limits, Role};
use hawser::session::Settings;

use crate::pair::*;

/// xorshift64*: enough chance for a test, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() % end.max(1) as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// Small enough to be met by chance.
const LIMITS: Limits = Limits { message_max: 500, frame_max: 300, fragments_max: 6, deliver_fragments: false };

fn settings(dice: &mut Dice) -> Settings {
    let limits = Limits { deliver_fragments: dice.one_in(4), ..LIMITS };
    Settings { limits, deliver_pings: dice.one_in(2), ..Settings::default() }
}

/// A payload that is UTF-8 more often than not.
fn payload(dice: &mut Dice, most: usize) -> Vec<u8> {
    let len = if dice.one_in(8) { dice.below(most + 1) } else { dice.below(20).min(most) };
    let mut bytes: Vec<u8> = "aé€😀".bytes().cycle().take(len).collect();
    if dice.one_in(3) {
        bytes = (0..len).map(|_| b'a' + dice.below(26) as u8).collect();
    }
    bytes
}

/// A few frames, in an order that is legal more often than not.
fn conversation(dice: &mut Dice, from: Role) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut begun = false;
    for _ in 0..1 + dice.below(12) {
        let control = dice.one_in(4);
        let fin = control || dice.one_in(2);
        let opcode = match control {
            true => dice.pick(&[0x8, 0x9, 0x9, 0x9, 0xa, 0xa]),
            false if begun => 0x0,
            false => dice.pick(&[0x1, 0x1, 0x2]),
        };
        begun = if control { begun } else { !fin };
        let payload = match opcode {
            0x8 => dice.pick(&[&b""[..], b"\x03\xe8", b"\x0f\xa0bye", b"\x03\xedno", b"\x03"]).to_vec(),
            _ => payload(dice, if control { 125 } else { 320 }),
        };
        bytes.extend(frame(from, if fin { 0x80 } else { 0 } | opcode, &payload));
    }
    bytes
}

/// Bits turned, bytes lost, doubled, and invented.
fn damage(dice: &mut Dice, bytes: &mut Vec<u8>) {
    for _ in 0..dice.below(4) {
        let at = dice.below(bytes.len());
        let until = (at + dice.below(9)).min(bytes.len());
        match dice.below(5) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << dice.below(8),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..until)),
            3 => bytes.extend_from_within(at..until),
            _ => bytes.insert(at, dice.roll() as u8),
        }
    }
}

fn assert_within_limits(seen: &[Seen]) {
    for seen in seen {
        let (len, max) = match seen {
            Seen::Message(_, data) => (data.len(), LIMITS.message_max),
            Seen::Fragment(_, _, data) => (data.len(), LIMITS.frame_max),
            Seen::Ping(data) | Seen::Pong(data, ..) => (data.len(), 125),
            _ => continue,
        };
        assert!(len as u64 <= max, "{len} bytes were delivered where {max} are allowed");
    }
}

/// Feeds the same bytes as a whole, byte by byte, and cut at random: the outcome must be the same.
fn assert_same_however_cut(dice: &mut Dice, bytes: &[u8], context: &str, peer: impl Fn() -> Peer) -> Fallout {
    let whole = Fallout::of(peer(), bytes, || WHOLE);
    assert_within_limits(&whole.seen);
    let most = 1 + dice.below(40);
    assert_eq!(Fallout::of(peer(), bytes, || 1), whole, "{context}, byte by byte");
    assert_eq!(Fallout::of(peer(), bytes, || 1 + dice.below(most)), whole, "{context}, in pieces up to {most}");
    whole
}

#[test]
fn damaged_frames() {
    let mut seen = Tally::default();
    for seed in 0..4000 {
        let mut dice = Dice::new(seed);
        let settings = settings(&mut dice);
        let role = dice.pick(&ROLES);
        let mut bytes = conversation(&mut dice, other(role));
        damage(&mut dice, &mut bytes);
        let context = format!("seed {seed}, to a {role:?}");
        let fallout = assert_same_however_cut(&mut dice, &bytes, &context, || Peer::open(role, &settings));
        seen.count(&fallout);
    }
    seen.assert_varied();
}

#[test]
fn noise() {
    for seed in 0..2000 {
        let mut dice = Dice::new(seed);
        let settings = settings(&mut dice);
        let role = dice.pick(&ROLES);
        // The first byte is one that a frame may have, or nothing would ever get past it.
        let mut bytes: Vec<u8> = (0..dice.below(400)).map(|_| dice.roll() as u8).collect();
        if let [first, second, ..] = bytes.as_mut_slice() {
            *first = dice.pick(&[0x81, 0x82, 0x01, 0x02, 0x89, 0x8a]);
            *second = dice.below(126) as u8 | if role == Role::Server { 0x80 } else { 0 };
        }
        let context = format!("seed {seed}, to a {role:?}");
        assert_same_however_cut(&mut dice, &bytes, &context, || Peer::open(role, &settings));
    }
}

/// The opening handshake is a part of it: what is damaged may be the request, the response, or the frames behind.
#[test]
fn damaged_opening_handshakes() {
    let mut opened = 0;
    for seed in 0..2000 {
        let mut dice = Dice::new(seed);
        let settings = settings(&mut dice);
        let role = dice.pick(&ROLES);
        let mut pair = Pair::new(&settings);
        pair.run();
        let mut bytes = pair.from(role).1.wire.clone();
        bytes.extend(conversation(&mut dice, other(role)));
        damage(&mut dice, &mut bytes);
        let context = format!("seed {seed}, to a {role:?}");
        let fresh = || {
            let Pair { client, server, .. } = Pair::new(&settings);
            if role == Role::Client { client } else { server }
        };
        let fallout = assert_same_however_cut(&mut dice, &bytes, &context, fresh);
        opened += usize::from(matches!(fallout.seen.first(), Some(Seen::Open(_))));
    }
    assert!((500..1900).contains(&opened), "{opened} of 2000 were opened: too few or too many to prove anything");
}

/// What the dice brought about, so that a change cannot quietly make them roll only dull things.
#[derive(Default)]
struct Tally {
    messages: usize,
    codes: std::collections::BTreeMap<u16, usize>,
}

impl Tally {
    fn count(&mut self, fallout: &Fallout) {
        self.messages += fallout.seen.len();
        let code = fallout.after_eof.close_sent.as_ref().map_or(0, |close| close.code);
        *self.codes.entry(code).or_default() += 1;
    }

    fn assert_varied(&self) {
        assert!(self.messages > 1000, "{} messages", self.messages);
        for code in [0, 1000, 1002, 1005, 1007, 1009, 4000] {
            let times = self.codes.get(&code).copied().unwrap_or(0);
            assert!(times >= 20, "close code {code} came {times} times: {:?}", self.codes);
        }
    }
}
