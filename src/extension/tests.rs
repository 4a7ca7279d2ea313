//! Negotiation and codec by themselves: every form of every parameter, and bytes there and back.

use super::codecs::Codecs;
use super::coding::Coding;
use super::{Agreed, Choice, Deflate, Extensions, Incoming, Outgoing};
use crate::error::{Error, Result, Status};
use crate::http::{Extension, Headers, extensions};

const NAME: &str = "Sec-WebSocket-Extensions";

fn list(value: &str) -> Vec<Extension> {
    let mut headers = Headers::default();
    headers.add(NAME, value);
    extensions(&headers, NAME).unwrap()
}

fn text(list: &[Extension]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn with(set: impl FnOnce(&mut Deflate)) -> Extensions {
    let mut deflate = Deflate::default();
    set(&mut deflate);
    Extensions { deflate: Some(deflate) }
}

fn choose(ours: &Extensions, offers: &str) -> (String, Choice) {
    let choice = ours.choose(&list(offers));
    (text(&choice.answer), choice)
}

/// Status, parameter and value.
fn named(error: &Error) -> (Status, &str, &str) {
    (error.status, &error.parameter_name, &error.parameter_value)
}

#[test]
fn a_client_offers_what_it_was_told_to() {
    let offers = |set: fn(&mut Deflate)| text(&with(set).offers());
    assert_eq!(text(&Extensions::default().offers()), "");
    assert_eq!(offers(|_| ()), "permessage-deflate; client_max_window_bits");
    assert_eq!(offers(|d| d.client_max_window_bits = Some(10)), "permessage-deflate; client_max_window_bits=10");
    assert_eq!(
        offers(|d| (d.server_no_context_takeover, d.client_no_context_takeover) = (true, true)),
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits"
    );
    assert_eq!(
        offers(|d| d.server_max_window_bits = Some(9)),
        "permessage-deflate; server_max_window_bits=9; client_max_window_bits, \
         permessage-deflate; client_max_window_bits"
    );
}

#[test]
fn a_server_grants_what_it_keeps() {
    let plain = with(|_| ());
    for (offer, answer) in [
        ("permessage-deflate", "permessage-deflate; server_max_window_bits=12"),
        (
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
        ),
        (
            "permessage-deflate; client_max_window_bits=\"9\"; server_max_window_bits=\"8\"",
            "permessage-deflate; server_max_window_bits=8; client_max_window_bits=9",
        ),
        (
            "permessage-deflate; client_max_window_bits=15; server_max_window_bits=15",
            "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12",
        ),
        (
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12",
        ),
        (
            "permessage-deflate; server_max_window_bits=16, permessage-deflate; server_max_window_bits=10",
            "permessage-deflate; server_max_window_bits=10",
        ),
        (
            "x-webkit-deflate-frame, permessage-deflate, permessage-deflate; x",
            "permessage-deflate; server_max_window_bits=12",
        ),
        ("mux", ""),
    ] {
        assert_eq!(choose(&plain, offer).0, answer, "{offer}");
    }
    let full = with(|d| (d.server_max_window_bits, d.client_max_window_bits) = (Some(15), Some(15)));
    assert_eq!(choose(&full, "permessage-deflate; client_max_window_bits").0, "permessage-deflate");
    let bits15 = choose(&full, "permessage-deflate; server_max_window_bits=15").0;
    assert_eq!(bits15, "permessage-deflate; server_max_window_bits=15");
    let strict = with(|d| (d.server_no_context_takeover, d.client_no_context_takeover) = (true, true));
    let (answer, choice) = choose(&strict, "permessage-deflate");
    assert!(answer.starts_with("permessage-deflate; server_no_context_takeover; client_no_context_takeover"));
    let agreed = choice.agreed.unwrap();
    assert!(!agreed.outgoing.takeover && !agreed.incoming.takeover);
    assert_eq!((agreed.outgoing.window_bits, agreed.incoming.window_bits), (12, 15));
}

#[test]
fn a_declined_offer_says_which_parameter() {
    const DUPLICATE_PARAMETER: Status = Status::DUPLICATE_PARAMETER;
    const INVALID_PARAMETER_NAME: Status = Status::INVALID_PARAMETER_NAME;
    const INVALID_PARAMETER_VALUE: Status = Status::INVALID_PARAMETER_VALUE;
    for (parameters, status, name, value) in [
        ("server_max_window_bits", INVALID_PARAMETER_VALUE, "server_max_window_bits", ""),
        ("server_max_window_bits=7", INVALID_PARAMETER_VALUE, "server_max_window_bits", "7"),
        ("server_max_window_bits=16", INVALID_PARAMETER_VALUE, "server_max_window_bits", "16"),
        ("server_max_window_bits=08", INVALID_PARAMETER_VALUE, "server_max_window_bits", "08"),
        ("server_max_window_bits=\"+8\"", INVALID_PARAMETER_VALUE, "server_max_window_bits", "+8"),
        ("client_max_window_bits=1e1", INVALID_PARAMETER_VALUE, "client_max_window_bits", "1e1"),
        (
            "client_max_window_bits=18446744073709551624",
            INVALID_PARAMETER_VALUE,
            "client_max_window_bits",
            "18446744073709551624",
        ),
        ("server_no_context_takeover=1", INVALID_PARAMETER_VALUE, "server_no_context_takeover", "1"),
        ("client_no_context_takeover=true", INVALID_PARAMETER_VALUE, "client_no_context_takeover", "true"),
        ("Server_max_window_bits=10", INVALID_PARAMETER_NAME, "Server_max_window_bits", "10"),
        ("level=9", INVALID_PARAMETER_NAME, "level", "9"),
        ("server_max_window_bits=10; server_max_window_bits=11", DUPLICATE_PARAMETER, "server_max_window_bits", "11"),
        (
            "client_no_context_takeover; client_no_context_takeover",
            DUPLICATE_PARAMETER,
            "client_no_context_takeover",
            "",
        ),
        ("client_max_window_bits=9; client_max_window_bits=10", DUPLICATE_PARAMETER, "client_max_window_bits", "10"),
    ] {
        let offer = format!("permessage-deflate; {parameters}");
        let (answer, choice) = choose(&with(|_| ()), &offer);
        assert_eq!((answer.as_str(), choice.agreed), ("", None), "{offer}");
        assert_eq!(named(&choice.declined[0]), (status, name, value));
        assert_eq!(choice.declined[0].header_value, Some(offer.replace('"', "")));
        let error = with(|_| ()).agree(&list(&offer)).unwrap_err();
        assert_eq!(named(&error), (status, name, value), "the same in an answer");
    }
    let (_, choice) = choose(&with(|_| ()), "mux; a=1, permessage-deflate; x=1, permessage-deflate");
    assert!(choice.agreed.is_some());
    let statuses: Vec<_> = choice.declined.iter().map(|e| e.status).collect();
    assert_eq!(statuses, [Status::NEGOTIATION, INVALID_PARAMETER_NAME]);
}

#[test]
fn a_client_holds_the_answer_against_its_offer() {
    let agree = |ours: &Extensions, answer: &str| ours.agree(&list(answer));
    let plain = with(|_| ());
    let windows = |agreed: Result<Option<Agreed>>| {
        let agreed = agreed.unwrap().unwrap();
        (agreed.outgoing.window_bits, agreed.outgoing.takeover, agreed.incoming.window_bits, agreed.incoming.takeover)
    };
    assert_eq!(plain.agree(&[]), Ok(None));
    assert_eq!(windows(agree(&plain, "permessage-deflate")), (12, true, 15, true));
    let answer = "permessage-deflate; server_no_context_takeover; client_max_window_bits=\"9\"; \
                  client_no_context_takeover; server_max_window_bits=10";
    assert_eq!(windows(agree(&plain, answer)), (9, false, 10, false));
    let refused = |ours: &Extensions, answer: &str| {
        let error = agree(ours, answer).unwrap_err();
        (error.status, error.parameter_name.clone(), error.parameter_value.clone())
    };
    let negotiation = |name: &str, value: &str| (Status::NEGOTIATION, name.to_owned(), value.to_owned());
    assert_eq!(refused(&Extensions::default(), "permessage-deflate"), negotiation("", ""));
    assert_eq!(refused(&plain, "mux"), negotiation("", ""));
    assert_eq!(refused(&plain, "permessage-deflate, permessage-deflate"), negotiation("", ""));
    let (status, name, _) = refused(&plain, "permessage-deflate; client_max_window_bits");
    assert_eq!((status, name.as_str()), (Status::INVALID_PARAMETER_VALUE, "client_max_window_bits"));
    let narrow = with(|d| (d.client_max_window_bits, d.server_no_context_takeover) = (Some(10), true));
    let granted = "permessage-deflate; server_no_context_takeover";
    assert_eq!(windows(agree(&narrow, granted)), (10, true, 15, false));
    assert_eq!(
        refused(&narrow, &format!("{granted}; client_max_window_bits=11")),
        negotiation("client_max_window_bits", "11")
    );
    assert_eq!(refused(&narrow, "permessage-deflate"), negotiation("server_no_context_takeover", ""));
}

/// Both ends of a connection on which this was agreed for one direction.
struct Ends {
    sender: Coding,
    receiver: Coding,
    codecs: Codecs,
}

impl Ends {
    fn new(window_bits: u8, takeover: bool, level: u8) -> Self {
        let outgoing = Outgoing { window_bits, takeover, level, memory_level: 5, min_size: 1 };
        let agreed = Agreed { outgoing, incoming: Incoming { window_bits, takeover } };
        Self { sender: Coding::new(agreed), receiver: Coding::new(agreed), codecs: Codecs::default() }
    }

    fn send(&mut self, data: &[u8]) -> Option<Vec<u8>> {
        let coded = self.sender.encode_first(data, false, &mut self.codecs)?;
        let payload = coded.payload().to_vec();
        self.codecs.put_scratch(coded.scratch);
        Some(payload)
    }

    fn receive(&mut self, payload: &[u8], room: usize) -> Result<Vec<u8>> {
        let mut message = inflate(&mut self.receiver, payload, room, &mut self.codecs)?;
        let tail = self.receiver.tail();
        message.extend(inflate(&mut self.receiver, tail, room, &mut self.codecs)?);
        self.receiver.finish(&mut self.codecs).map(|()| message)
    }
}

fn inflate(coding: &mut Coding, mut input: &[u8], room: usize, codecs: &mut Codecs) -> Result<Vec<u8>> {
    let (mut all, mut output) = (Vec::new(), vec![0; room]);
    loop {
        let step = coding.decode(input, &mut output, codecs)?;
        all.extend_from_slice(&output[..step.made]);
        input = &input[step.taken..];
        if step.made < room && input.is_empty() {
            return Ok(all);
        }
        assert!(step.taken + step.made > 0, "it stands still");
    }
}

/// Words in no order, the same every time: it compresses, and refers back as far as it may.
fn prose(len: usize, mut seed: u32) -> Vec<u8> {
    let mut text = Vec::with_capacity(len + 16);
    while text.len() < len {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.extend_from_slice(format!("{:x} ", (seed >> 16) % 700).as_bytes());
    }
    text.truncate(len);
    text
}

/// Bytes that nothing makes shorter.
fn noise(len: usize) -> Vec<u8> {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 32) as u8
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn there_and_back_with_every_window_level_and_room() {
    for window_bits in 8..=15 {
        for (level, takeover) in [(1, true), (3, true), (6, false), (9, true)] {
            let mut ends = Ends::new(window_bits, takeover, level);
            for (at, len) in [1, 5, 200, 3000, 70_000, 200, 40_000].into_iter().enumerate() {
                let data = prose(len, at as u32 / 2);
                let Some(payload) = ends.send(&data) else { continue };
                assert!(payload.len() < data.len());
                let room = [1 << 16, 1, 777][at % 3];
                assert!(ends.receive(&payload, room).unwrap() == data, "{window_bits} {level} {len}");
            }
        }
    }
}

/// What a receiver with this window makes of it that keeps not a byte more: one byte at a time, so that nothing can be
/// copied from the output instead.
fn inflate_strictly(payload: &[u8], window_bits: u8) -> Vec<u8> {
    let mut strict = zlib_rs::Inflate::new(false, window_bits);
    let (mut all, mut input) = (Vec::new(), [payload, &[0, 0, 0xff, 0xff]].concat());
    loop {
        let (before_in, mut byte) = (strict.total_in(), [0]);
        let made = strict.total_out();
        strict.decompress(&input, &mut byte, zlib_rs::InflateFlush::NoFlush).expect("it looks back too far");
        input.drain(..(strict.total_in() - before_in) as usize);
        if strict.total_out() == made {
            return all;
        }
        all.push(byte[0]);
    }
}

#[test]
fn the_window_that_was_agreed_is_kept() {
    for window_bits in 8..=14 {
        for level in 1..=9 {
            let data = prose(100_000, 7);
            let payload = Ends::new(window_bits, true, level).send(&data).unwrap();
            assert!(inflate_strictly(&payload, window_bits) == data, "{window_bits} bits at level {level}");
        }
    }
}

#[test]
fn takeover_refers_back_and_its_absence_does_not() {
    let data = prose(1000, 3);
    for takeover in [true, false] {
        let mut ends = Ends::new(15, takeover, 6);
        let (first, second) = (ends.send(&data).unwrap(), ends.send(&data).unwrap());
        assert_eq!(second.len() < first.len() / 4, takeover);
        assert_eq!(second == first, !takeover);
        assert_eq!(ends.receive(&first, 512).unwrap(), data);
        assert_eq!(ends.receive(&second, 512).unwrap(), data);
    }
}

#[test]
fn examples_of_rfc_7692() {
    let hello = b"Hello".as_slice();
    let receive = |payloads: &[&[u8]]| {
        let mut ends = Ends::new(15, true, 6);
        payloads.iter().map(|payload| ends.receive(payload, 64).unwrap()).collect::<Vec<_>>()
    };
    let one = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00].as_slice();
    let shared = [0xf2, 0x00, 0x11, 0x00, 0x00].as_slice();
    let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00].as_slice();
    let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00].as_slice();
    let two = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00].as_slice();
    assert_eq!(receive(&[one, shared, stored, last, shared, two]), [hello; 6], "the window outlives a last block");
    assert_eq!(receive(&[&[0], &[], one]), [b"".as_slice(), b"", hello], "two ways to say nothing");
    assert_eq!(receive(&[last, last, &last[..7]]), [hello; 3], "with the byte behind a last block, and without");
}

#[test]
fn what_is_no_deflate_is_decompression() {
    let good = Ends::new(15, true, 6).send(&prose(500, 1)).unwrap();
    for bad in [
        b"\xff\xff\xff".as_slice(),            // no such block
        &[0x00, 0x05, 0x00, 0xfa, 0x00, 0x48], // the length and its complement
        &[0x00, 0x06, 0x00, 0xf9, 0xff, 0x48], // a stored block without its end
        &[0xf2, 0x00, 0x11, 0x00, 0x00],       // refers back to nothing
        &good[..good.len() / 2],               // cut off
        b"not compressed at all",
    ] {
        let error = Ends::new(15, true, 6).receive(bad, 64).unwrap_err();
        assert_eq!(error.status, Status::DECOMPRESSION, "{bad:x?}");
    }
    let mut narrow = Ends::new(9, true, 6);
    let mut wide = Ends::new(15, true, 6);
    let (text, far) = (prose(200, 1), noise(600));
    for (data, fits) in [(&text, true), (&far, true), (&text, false)] {
        let coded = wide.sender.encode_first(data, true, &mut wide.codecs).unwrap();
        let flushed = coded.payload();
        let received = narrow.receive(&flushed[..flushed.len() - 4], 64);
        assert_eq!(received.is_ok(), fits, "further back than the window is nothing");
        wide.codecs.put_scratch(coded.scratch);
    }
}

#[test]
fn fragments_are_pieces_of_one_stream() {
    for takeover in [true, false] {
        let mut ends = Ends::new(12, takeover, 6);
        for pieces in [vec![700, 0, 1, 3000, 0], vec![1, 1], vec![100, 0, 0], vec![5000, 5000]] {
            let data: Vec<_> = pieces.iter().map(|len| prose(*len, 5)).collect();
            let mut whole = Vec::new();
            for (at, piece) in data.iter().enumerate() {
                let more = at + 1 < data.len();
                let coded = match at {
                    0 => ends.sender.encode_first(piece, more, &mut ends.codecs),
                    _ => ends.sender.encode_next(piece, more, &mut ends.codecs),
                };
                let coded = coded.unwrap();
                whole.extend(inflate(&mut ends.receiver, coded.payload(), 100, &mut ends.codecs).unwrap());
                assert!(whole == data[..=at].concat(), "every fragment can be read when it has come");
                ends.codecs.put_scratch(coded.scratch);
            }
            let tail = ends.receiver.tail();
            assert_eq!(inflate(&mut ends.receiver, tail, 100, &mut ends.codecs).unwrap(), b"");
            ends.receiver.finish(&mut ends.codecs).unwrap();
        }
    }
}

#[test]
fn what_does_not_get_shorter_goes_as_it_is() {
    let mut ends = Ends::new(12, true, 1);
    let text = prose(2000, 1);
    let payload = ends.send(&text).unwrap();
    assert_eq!(ends.receive(&payload, 4096).unwrap(), text);
    assert_eq!(ends.send(&noise(100_000)), None);
    let payload = ends.send(&text).unwrap();
    assert_eq!(ends.receive(&payload, 4096).unwrap(), text, "and nothing refers to it");
}

#[test]
fn giving_up_a_thousand_times_costs_nothing() {
    for memory_level in [1, 5, 9] {
        for level in [1, 6] {
            let outgoing = Outgoing { window_bits: 12, takeover: true, level, memory_level, min_size: 1 };
            let agreed = Agreed { outgoing, incoming: Incoming { window_bits: 12, takeover: true } };
            let mut ends = Ends { sender: Coding::new(agreed), ..Ends::new(12, true, 1) };
            let (text, noise) = (prose(30_000, 1), noise(30_000));
            for len in (100..30_000).step_by(500) {
                let _ = ends.send(&noise[..len]);
                let text = &text[..len];
                let Some(payload) = ends.send(text) else { continue };
                assert!(ends.receive(&payload, 4096).unwrap() == text, "{level} {memory_level} {len}");
            }
        }
    }
}

#[test]
fn over_the_ceiling_connections_share() {
    let mut codecs = Codecs::default();
    let outgoing = Outgoing { window_bits: 12, takeover: true, level: 1, memory_level: 5, min_size: 1 };
    let agreed = Agreed { outgoing, incoming: Incoming { window_bits: 12, takeover: true } };
    let mut conns: Vec<_> = (0..10).map(|_| Coding::new(agreed)).collect();
    codecs.set_kept_max(500_000);
    let text = prose(1000, 1);
    for conn in &mut conns {
        let coded = conn.encode_first(&text, false, &mut codecs).unwrap();
        codecs.put_scratch(coded.scratch);
    }
    assert!((300_000..=500_000).contains(&codecs.kept()), "{}", codecs.kept());
    let mut sizes = conns.iter_mut().map(|conn| {
        let coded = conn.encode_first(&text, false, &mut codecs).unwrap();
        let len = coded.payload().len();
        codecs.put_scratch(coded.scratch);
        len
    });
    let (first, last) = (sizes.next().unwrap(), sizes.last().unwrap());
    assert!(first < last / 4, "some refer back, the others begin anew: {first}, {last}");
    conns[0].release(&mut codecs);
    conns.clear();
    assert_eq!(codecs.kept(), 0);
}
