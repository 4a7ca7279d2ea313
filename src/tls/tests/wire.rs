//! Records in every piece, good and bad.

use super::*;

#[test]
fn both_ends_talk_however_the_bytes_are_cut() {
    let server = server(&["ecdsa"]);
    for (client, version) in [(client(), "TLSv1.3"), (old_client(), "TLSv1.2")] {
        for size in (1..=64).chain([100, 255, 1000, 1500, 4096, 16384, 16406, 70000]) {
            let mut ends = Ends::new(&client, "localhost", &server);
            let (at_client, at_server) = ends.settle(size);
            assert_eq!((at_client.error, at_server.error), (None, None), "reads of {size}");
            assert_eq!(ends.client.info().version, version);
            for len in [1, 125, 16384, 16385, 50_000] {
                let message: Vec<u8> = (0..len).map(|at| at as u8).collect();
                ends.client.seal(&message).unwrap();
                ends.server.seal(&message[1..]).unwrap();
                let (at_client, at_server) = ends.settle(size);
                assert!(at_server.plain == message && at_client.plain == message[1..], "{len} in reads of {size}");
                assert_eq!((at_client.error, at_server.error), (None, None), "reads of {size}");
            }
        }
    }
}

#[test]
fn every_length_of_the_first_read_will_do() {
    let (client, server) = (client(), server(&["ecdsa"]));
    let mut ends = Ends::new(&client, "localhost", &server).shake();
    for len in [0, 1, 5, 30, 200] {
        ends.client.seal(&vec![7; len]).unwrap();
        ends.client.seal(b"end").unwrap();
    }
    let bytes = drain(&mut ends.client);
    for cut in 0..bytes.len() {
        // A fresh pair with the same plaintext: keys differ, lengths do not.
        let mut ends = Ends::new(&client, "localhost", &server).shake();
        for len in [0, 1, 5, 30, 200] {
            ends.client.seal(&vec![7; len]).unwrap();
            ends.client.seal(b"end").unwrap();
        }
        let bytes = drain(&mut ends.client);
        let mut plain = feed(&mut ends.server, &bytes[..cut], 1 << 16).plain;
        plain.extend(feed(&mut ends.server, &bytes[cut..], 1 << 16).plain);
        assert_eq!(plain.len(), 236 + 5 * 3, "cut at {cut}");
    }
}

#[test]
fn what_is_pending_may_leave_in_pieces_while_more_is_sealed() {
    let mut ends = connected();
    let (mut wire, mut sent) = (Vec::new(), Vec::new());
    for round in 0..200usize {
        let message = vec![round as u8; round * 7];
        ends.client.seal(&message).unwrap();
        sent.extend(message);
        let some = ends.client.pending().len() * 2 / 3;
        wire.extend_from_slice(&ends.client.pending()[..some]);
        ends.client.wrote(some);
    }
    wire.extend(drain(&mut ends.client));
    assert!(feed(&mut ends.server, &wire, 999).plain == sent);
}

#[test]
fn close_notify_ends_the_plaintext_and_what_follows_is_ignored() {
    let mut ends = connected();
    ends.client.seal(b"last words").unwrap();
    ends.client.close();
    ends.client.close();
    let mut wire = drain(&mut ends.client);
    wire.extend_from_slice(b"GET / HTTP/1.1\r\n\r\n");
    let heard = feed(&mut ends.server, &wire, 1 << 16);
    assert_eq!((heard.plain.as_slice(), heard.ended, heard.error), (&b"last words"[..], true, None));
    assert!(feed(&mut ends.server, b"more of it", 3).error.is_none());
    assert_eq!(ends.server.eof(), None);
    // The other direction is still open.
    ends.server.seal(b"answer").unwrap();
    ends.server.close();
    let heard = feed(&mut ends.client, &drain(&mut ends.server), 1);
    assert_eq!((heard.plain.as_slice(), heard.ended, heard.error), (&b"answer"[..], true, None));
    assert_eq!(ends.client.seal(b"x").unwrap_err().status, Status::INVALID_STATE);
}

#[test]
fn nothing_is_sealed_before_the_handshake_is_done() {
    let mut tls = client().connect("localhost").unwrap();
    assert_eq!(tls.seal(b"early").unwrap_err().status, Status::INVALID_STATE);
    tls.close();
    let mut tls = server(&["ecdsa"]).accept().unwrap();
    assert_eq!(tls.seal(b"early").unwrap_err().status, Status::INVALID_STATE);
    assert!(tls.pending().is_empty());
}

#[test]
fn a_damaged_record_is_an_alert_after_the_plaintext_before_it() {
    for client in [client(), old_client()] {
        let mut ends = Ends::new(&client, "localhost", &server(&["rsa"])).shake();
        ends.client.seal(b"good").unwrap();
        let good = ends.client.pending().len();
        ends.client.seal(b"bad").unwrap();
        let mut wire = drain(&mut ends.client);
        wire[good + 9] ^= 1;
        let heard = feed(&mut ends.server, &wire, 1 << 16);
        assert_eq!(heard.plain, b"good");
        let error = heard.error.unwrap();
        assert_eq!((error.status, error.operation), (Status::TLS_PROTOCOL, Operation::Tls));
        assert!(error.detail.contains("damaged"), "{error}");
        assert_eq!(feed(&mut ends.server, b"x", 1).error.unwrap().status, Status::TLS_PROTOCOL, "it stays so");
        assert_eq!(ends.server.seal(b"x").unwrap_err().status, Status::TLS_PROTOCOL);
        let alert = feed(&mut ends.client, &drain(&mut ends.server), 1).error.unwrap();
        assert_eq!((alert.status, alert.tls_alert), (Status::TLS_ALERT, Some(20)));
    }
}

#[test]
fn records_that_are_too_large_are_refused() {
    let mut ends = connected();
    let mut wire = vec![0x17, 3, 3, 0x48, 0x01];
    wire.resize(5 + 0x4801, 0);
    let error = feed(&mut ends.server, &wire, 100).error.unwrap();
    assert_eq!(error.status, Status::TLS_PROTOCOL);
    assert!(!ends.server.pending().is_empty(), "an alert");
    // Not longer than any record may be, but than this one's cipher makes it.
    let mut ends = connected();
    let mut wire = vec![0x17, 3, 3, 0x48, 0x00];
    wire.resize(5 + 0x4800, 0);
    assert_eq!(feed(&mut ends.server, &wire, 1 << 16).error.unwrap().status, Status::TLS_PROTOCOL);
}

#[test]
fn garbage_is_no_tls_at_either_end() {
    let server = server(&["ecdsa"]);
    for garbage in [&b"\0\0\0\0\0\0\0\0"[..], b"SSH-2.0-OpenSSH\r\n", &[0xff; 5000], b"\x16\x03\x01\x00\x05hello"] {
        for size in [1, 3, 1 << 16] {
            for mut tls in [server.accept().unwrap(), client().connect("localhost").unwrap()] {
                drain(&mut tls);
                let mut heard = feed(&mut tls, garbage, size);
                let error = heard.error.take().or_else(|| tls.eof()).unwrap();
                assert_eq!((error.status, error.operation), (Status::TLS_PROTOCOL, Operation::Tls), "{error}");
                assert!(!error.detail.contains("HTTP"));
            }
        }
    }
}

#[test]
fn plain_http_is_called_by_its_name() {
    for (size, rest) in [(1, 0), (5, 5), (1 << 16, 1000)] {
        let request = format!("GET /chat HTTP/1.1\r\nHost: x\r\n{}", "y".repeat(rest));
        let error = feed(&mut server(&["ecdsa"]).accept().unwrap(), request.as_bytes(), size).error.unwrap();
        assert_eq!(error.status, Status::TLS_PROTOCOL);
        assert!(error.detail.contains("plain HTTP"), "{error}");
        let mut tls = client().connect("localhost").unwrap();
        let error = feed(&mut tls, b"HTTP/1.1 400 Bad Request\r\n", size).error.unwrap();
        assert!(error.detail.contains("plain HTTP"), "{error}");
    }
}

#[test]
fn an_end_inside_the_handshake_is_told_and_afterwards_is_not() {
    let (client, server) = (client(), server(&["ecdsa"]));
    let hello = drain(&mut client.connect("localhost").unwrap());
    for cut in [0, 1, 4, 5, 100, hello.len() - 1, hello.len()] {
        let mut tls = server.accept().unwrap();
        assert!(feed(&mut tls, &hello[..cut], 1 << 16).error.is_none());
        let error = tls.eof().unwrap();
        assert_eq!(error.status, Status::TLS_PROTOCOL);
        assert_eq!(error.cause.as_ref().unwrap().status, Status::UNEXPECTED_EOF);
    }
    let mut ends = connected();
    assert_eq!((ends.client.eof(), ends.server.eof()), (None, None));
}

#[test]
fn close_notify_inside_the_handshake_neither_spins_nor_completes_it() {
    let close = b"\x15\x03\x03\x00\x02\x01\x00";
    for repeat in [1, 3, 1000] {
        let mut tls = client().connect("localhost").unwrap();
        drain(&mut tls);
        let heard = feed(&mut tls, &close.repeat(repeat), 1 << 16);
        assert!(tls.is_handshaking() && !heard.ended);
        let error = heard.error.or_else(|| tls.eof()).unwrap();
        assert!(error.status.is_a(Status::TLS), "{error}");
        let mut tls = server(&["ecdsa"]).accept().unwrap();
        let error = feed(&mut tls, &close.repeat(repeat), 7).error.or_else(|| tls.eof()).unwrap();
        assert!(error.status.is_a(Status::TLS), "{error}");
    }
}

#[test]
fn a_failure_after_our_close_notify_is_one_too() {
    let mut ends = connected();
    ends.server.close();
    ends.client.seal(b"x").unwrap();
    let mut wire = drain(&mut ends.client);
    wire[8] ^= 1;
    assert_eq!(feed(&mut ends.server, &wire, 1 << 16).error.unwrap().status, Status::TLS_PROTOCOL);
}

#[test]
fn a_handshake_message_in_crumbs_is_put_together() {
    // Every record of the client's first flight becomes one of its own for each byte.
    let (client, server) = (client(), server(&["ecdsa"]));
    let mut ends = Ends::new(&client, "localhost", &server);
    let hello = drain(&mut ends.client);
    let crumbs: Vec<u8> = hello[5..].iter().flat_map(|byte| [0x16, 3, 1, 0, 1, *byte]).collect();
    for size in [1, 6, 1 << 16] {
        let mut tls = server.accept().unwrap();
        assert!(feed(&mut tls, &crumbs, size).error.is_none(), "reads of {size}");
        assert!(!tls.pending().is_empty(), "reads of {size}");
    }
}

#[test]
fn handshake_messages_over_several_records_are_put_together() {
    let server = server(&["rsa"]).fragmented(100);
    for client in [client(), old_client()] {
        for size in [1, 22, 99, 122, 500, 1 << 16] {
            let mut ends = Ends::new(&client, "localhost", &server);
            assert_eq!(ends.settle(size).0.error, None, "reads of {size}");
            ends.server.seal(&[3; 1000]).unwrap();
            assert_eq!(ends.settle(size).0.plain, [3; 1000], "reads of {size}");
        }
    }
}

#[test]
fn one_can_speak_in_the_middle_of_a_message_of_the_peer() {
    // The session tickets that follow the handshake, each in several records.
    let server = server(&["ecdsa"]).fragmented(64);
    let mut ends = Ends::new(&client(), "localhost", &server);
    let hello = drain(&mut ends.client);
    feed(&mut ends.server, &hello, 1 << 16);
    let flight = drain(&mut ends.server);
    feed(&mut ends.client, &flight, 1 << 16);
    let finished = drain(&mut ends.client);
    feed(&mut ends.server, &finished, 1 << 16);
    let tickets = drain(&mut ends.server);
    assert!(tickets.len() > 400, "{}", tickets.len());
    let mut said = 0;
    for piece in tickets.chunks(10) {
        assert_eq!(feed(&mut ends.client, piece, 10).error, None);
        ends.client.seal(b"word").unwrap();
        said += 4;
    }
    ends.client.close();
    let heard = feed(&mut ends.server, &drain(&mut ends.client), 1 << 16);
    assert_eq!((heard.plain.len(), heard.ended, heard.error), (said, true, None));
}

#[test]
fn damaged_flights_are_failures_and_nothing_worse() {
    let (client, server) = (client(), server(&["ecdsa"]).fragmented(300));
    let mut model = Ends::new(&client, "localhost", &server);
    let up = drain(&mut model.client).len();
    model.settle(1 << 16);
    for at in (0..up + 1800).step_by(3) {
        let mut ends = Ends::new(&client, "localhost", &server);
        let mut hello = drain(&mut ends.client);
        if let Some(byte) = hello.get_mut(at) {
            *byte ^= 0x41;
        }
        let size = 1 + at * 7 % 2000;
        let mut at_server = feed(&mut ends.server, &hello, size);
        let mut flight = drain(&mut ends.server);
        if let Some(byte) = at.checked_sub(up).and_then(|at| flight.get_mut(at)) {
            *byte ^= 0x41;
        }
        let at_client = feed(&mut ends.client, &flight, size);
        join(&mut at_server, feed(&mut ends.server, &drain(&mut ends.client), size));
        for error in [at_client.error, at_server.error].into_iter().flatten() {
            assert!(error.status.is_a(Status::TLS), "byte {at}: {error}");
        }
    }
}

#[test]
fn a_handshake_message_without_end_is_refused() {
    // A message of 64 KiB less one announced and sent in crumbs that cost six bytes each.
    let mut wire = vec![0x16, 3, 1, 0, 4, 1, 0, 0xff, 0xff];
    wire.extend([0x16, 3, 1, 0, 1, 0].repeat(20_000));
    for size in [1000, 1 << 17] {
        let error = feed(&mut server(&["ecdsa"]).accept().unwrap(), &wire, size).error.unwrap();
        assert_eq!((error.status, error.max_size), (Status::TLS_PROTOCOL, Some(65536)), "{error}");
    }
    let wire = [0x16, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff];
    assert_eq!(feed(&mut server(&["ecdsa"]).accept().unwrap(), &wire, 9).error.unwrap().status, Status::TLS_PROTOCOL);
}
