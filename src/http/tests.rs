//! Tests of the room as a whole: heads, lists, bodies and URIs from their bytes.

use super::*;
use crate::error::{Error, Status};

fn request(bytes: &[u8]) -> Result<Option<(Head<RequestLine>, usize)>, Error> {
    HeadReader::new(Limits::default()).read(bytes)
}

fn response(bytes: &[u8]) -> Result<Option<(Head<StatusLine>, usize)>, Error> {
    HeadReader::new(Limits::default()).read(bytes)
}

/// Headers from lines, by way of a head.
fn headers(lines: &str) -> Headers {
    let (head, _) = request(format!("GET / HTTP/1.1\r\n{lines}\r\n").as_bytes()).unwrap().unwrap();
    head.headers
}

// ---- heads

#[test]
fn a_head_comes_out_the_same_however_it_is_cut() {
    let bytes =
        b"\r\nGET /a?b HTTP/1.1\r\nHost: x\r\nX-Two:\t one \r\nx-two:two\r\nX-Latin: \xe9\r\nEmpty:\r\n\r\nframes";
    let head_len = bytes.len() - b"frames".len();
    for size in 1..=bytes.len() {
        let mut reader = HeadReader::<RequestLine>::new(Limits::default());
        let mut fed = 0;
        let head = bytes.chunks(size).find_map(|chunk| {
            let read = reader.read(chunk).unwrap();
            fed += read.as_ref().map_or(chunk.len(), |(_, used)| *used);
            read.map(|(head, _)| head)
        });
        let head = head.unwrap();
        assert_eq!(fed, head_len, "chunks of {size}");
        assert_eq!(head.start, RequestLine::get("/a?b"));
        let twos: Vec<_> = head.headers.get_all("X-TWO").collect();
        assert_eq!(twos, [b"one", b"two"]);
        assert_eq!(head.headers.one("x-latin").unwrap(), Some(&b"\xe9"[..]));
        assert_eq!(head.headers.one("empty").unwrap(), Some(&b""[..]));
        assert_eq!(head.headers.one("absent").unwrap(), None);
        assert_eq!(head.headers.one("x-two").unwrap_err().status, Status::INVALID_HEADER);
    }
}

#[test]
fn every_byte_is_looked_at_once() {
    let mut bytes = b"GET / HTTP/1.1\r\n".to_vec();
    while bytes.len() < 60_000 {
        bytes.extend_from_slice(format!("X: {}\r\n", "y".repeat(8000)).as_bytes());
    }
    let mut reader = HeadReader::<RequestLine>::new(Limits::default());
    for byte in bytes.chunks(1) {
        assert!(reader.read(byte).unwrap().is_none());
    }
    assert_eq!(reader.taken(), bytes.len() as u64);
    assert_eq!(reader.looked_at(), bytes.len() as u64);
}

#[test]
fn what_no_head_may_hold_is_refused_at_its_position() {
    let cases: &[(&[u8], u64, Option<&str>)] = &[
        (b"GET / HTTP/1.1\nHost: x\r\n", 14, None),
        (b"GET / HTTP/1.1\r\nHost: x\n", 23, Some("Host")),
        (b"GET / HTTP/1.1\r\nHost: x\ry", 24, Some("Host")),
        (b"GET / HTTP/1.1\r\r\n", 15, None),
        (b"GET / HTTP/1.1\r\nHost: a\0b", 23, Some("Host")),
        (b"GET / HTTP/1.1\r\nHost: a\x7f", 23, Some("Host")),
        (b"GET / HTTP/1.1\r\nHost : x\r\n", 20, Some("Host")),
        (b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n", 25, None),
        (b"GET / HTTP/1.1\r\n Host: x\r\n", 16, None),
        (b"GET / HTTP/1.1\r\n: x\r\n", 16, Some("")),
        (b"GET / HTTP/1.1\r\nno colon\r\n", 24, None),
        (b"GET / HTTP/1.1\r\nHo(st: x\r\n", 18, Some("Ho(st")),
        (b"GET / HTTP/1.1\r\nH\xe9: x\r\n", 17, Some("H\u{fffd}")),
        (b"\r\n\r\n", 2, None),
        (b"\x16\x03\x01", 0, None),
        (b"GET /\r\n", 0, None),
        (b"GET  / HTTP/1.1\r\n", 0, None),
        (b"GET / HTTP/1.1 \r\n", 0, None),
        (b"G(T / HTTP/1.1\r\n", 1, None),
        (b" / HTTP/1.1\r\n", 0, None),
        (b"GET /\xc3\xa4 HTTP/1.1\r\n", 5, None),
        (b"GET  HTTP/1.1\r\n", 4, None),
        (b"GET / HTTP/1.x\r\n", 6, None),
        (b"GET / http/1.1\r\n", 6, None),
    ];
    for (bytes, position, name) in cases {
        let error = request(bytes).unwrap_err();
        let what = String::from_utf8_lossy(bytes).into_owned();
        assert_eq!((error.status, error.position), (Status::INVALID_MESSAGE, Some(*position)), "{what:?}: {error}");
        assert_eq!(error.header_name, name.unwrap_or_default(), "{what:?}");
    }
}

#[test]
fn limits_hold_while_a_line_grows_and_are_exact() {
    let line = |n: usize| "a".repeat(n);
    let refused = |bytes: String| request(bytes.as_bytes()).unwrap_err();
    let fits = |bytes: String| assert!(request(bytes.as_bytes()).is_ok());

    fits(format!("GET /{} HTTP/1.1\r\n", line(8192 - 14)));
    let error = refused(format!("GET /{} HTTP/1.1\r\n", line(8192 - 13)));
    assert_eq!(error.status, Status::REQUEST_LINE_TOO_LONG);
    assert_eq!((error.size, error.max_size), (Some(8193), Some(8192)));
    assert_eq!(refused(line(8193)).status, Status::REQUEST_LINE_TOO_LONG, "no line end in sight");
    fits(line(8192));
    assert_eq!(response(line(9000).as_bytes()).unwrap_err().status, Status::STATUS_LINE_TOO_LONG);

    fits(format!("GET / HTTP/1.1\r\nX: {}\r\n", line(8189)));
    let error = refused(format!("GET / HTTP/1.1\r\nX: {}", line(8190)));
    assert_eq!((error.status, error.header_name.as_str()), (Status::HEADER_LINE_TOO_LONG, "X"));

    fits(format!("GET / HTTP/1.1\r\n{}", "X: y\r\n".repeat(128)));
    let error = refused(format!("GET / HTTP/1.1\r\n{}", "X: y\r\n".repeat(129)));
    assert_eq!((error.status, error.size, error.max_size), (Status::TOO_MANY_HEADERS, Some(129), Some(128)));
}

#[test]
fn the_whole_head_has_its_limit_to_the_byte() {
    let bytes = b"GET / HTTP/1.1\r\nA: b\r\n\r\n";
    let read = |head_max| HeadReader::<RequestLine>::new(Limits::with_head_max(head_max)).read(bytes);
    assert!(read(bytes.len()).unwrap().is_some());
    for head_max in 0..bytes.len() {
        let error = read(head_max).unwrap_err();
        let in_start_line = head_max < 16;
        let status = if in_start_line { Status::REQUEST_LINE_TOO_LONG } else { Status::HEADER_LINE_TOO_LONG };
        assert_eq!((error.status, error.max_size), (status, Some(head_max as u64)), "{head_max}");
        assert!(error.size > error.max_size, "{head_max}");
    }
}

#[test]
fn status_lines() {
    let line = |text: &str| response(format!("{text}\r\n\r\n").as_bytes()).map(|r| r.unwrap().0.start);
    let reason = |text: &str| line(text).map(|l| (l.status, l.reason)).unwrap();
    assert_eq!(reason("HTTP/1.1 101 Switching Protocols"), (101, "Switching Protocols".to_owned()));
    assert_eq!(reason("HTTP/1.1 599 "), (599, String::new()));
    assert_eq!(reason("HTTP/1.1 404"), (404, String::new()));
    assert_eq!(line("HTTP/1.0 200 OK").unwrap().version, Version::Other("HTTP/1.0".to_owned()));
    for bad in [
        "SSH-2.0-OpenSSH",
        "HTTP/1.1",
        "HTTP/1.1 99 x",
        "HTTP/1.1 600 x",
        "HTTP/1.1 2000 x",
        "HTTP/1.1 +10 x",
        "HTTP/1.1  200",
        "",
        "220 smtp",
    ] {
        assert_eq!(line(bad).unwrap_err().status, Status::INVALID_MESSAGE, "{bad}");
    }
}

#[test]
fn a_head_is_written_as_it_is_read() {
    let bytes = b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nX: \xff\r\n\r\n";
    assert_eq!(response(bytes).unwrap().unwrap().0.to_bytes(), bytes);
}

// ---- lists

#[test]
fn token_lists_run_over_lines() {
    let of = |lines: &str| tokens(&headers(lines), "C");
    assert_eq!(of("C: a ,\tb\r\nx: y\r\nc: d,,\r\n").unwrap(), ["a", "b", "d"]);
    assert!(of("").unwrap().is_empty());
    assert!(of("C: , ,\r\n").unwrap().is_empty());
    for (lines, position) in [("C: a b\r\n", 2), ("C: a;b\r\n", 1), ("C: \"a\"\r\n", 0), ("C: a, \u{e4}\r\n", 3)] {
        let error = of(lines).unwrap_err();
        assert_eq!((error.status, error.position), (Status::INVALID_HEADER_FORMAT, Some(position)), "{lines}");
        assert_eq!(error.header_name, "C");
        assert!(error.header_value.is_some() && !error.detail.is_empty());
    }
    assert_eq!(protocols(&headers("U: h2c, TLS/1.0\r\n"), "U").unwrap(), ["h2c", "TLS/1.0"]);
    assert!(protocols(&headers("U: TLS/\r\n"), "U").is_err());
}

#[test]
fn lists_are_bounded() {
    let of = |list: String| tokens(&headers(&format!("C: {list}\r\n")), "C");
    assert_eq!(of(vec!["a"; LIST_MAX].join(",")).unwrap().len(), LIST_MAX);
    assert_eq!(of(vec!["a"; LIST_MAX + 1].join(",")).unwrap_err().max_size, Some(LIST_MAX as u64));
    assert!(of(",".repeat(LIST_MAX)).is_err(), "empty elements count");
    let params = format!("E: a{}\r\n", ";b".repeat(LIST_MAX));
    assert!(extensions(&headers(&params), "E").is_err(), "parameters count");
}

#[test]
fn extension_lists() {
    let of = |value: &str| extensions(&headers(&format!("E: {value}\r\n")), "E");
    let param = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
    let list = of(r#"a; b; c=1 ;d = "x\y", e,"#).unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(list[0].name, "a");
    assert_eq!(list[0].params, [param("b", None), param("c", Some("1")), param("d", Some("xy"))]);
    assert_eq!((list[1].name.as_str(), list[1].params.len()), ("e", 0));
    let cases = [
        ("a;", 2),
        ("a;;b", 2),
        ("a b", 2),
        ("a=1", 1),
        ("a; b=", 5),
        ("a; b=\"", 6),
        ("a; b=\"\\", 7),
        ("a; b=\"c d\"", 5),
        ("a; b=\"\"", 5),
        (";a", 0),
        ("a; =1", 3),
        ("a; b=\"c\"d", 8),
    ];
    for (value, position) in cases {
        let error = of(value).unwrap_err();
        assert_eq!((error.status, error.position), (Status::INVALID_HEADER_FORMAT, Some(position)), "{value}");
    }
}

// ---- bodies

fn body(lines: &str, max: usize, bytes: &[u8], step: usize) -> Result<(bool, Vec<u8>), Error> {
    let mut reader = BodyReader::new(400, &headers(lines), max)?;
    let mut complete = reader.read(b"")?;
    for chunk in bytes.chunks(step) {
        complete = reader.read(chunk)?;
    }
    Ok((complete || reader.eof(), reader.body().to_vec()))
}

#[test]
fn bodies_in_every_framing_and_cut() {
    let chunked = b"3\r\nabc\r\n00A;ext=\"x\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nbehind";
    for step in 1..=chunked.len() {
        let whole = |text: &str| (true, text.as_bytes().to_vec());
        assert_eq!(body("Transfer-Encoding: Chunked\r\n", 13, chunked, step).unwrap(), whole("abc0123456789"));
        assert_eq!(body("Content-Length: 3\r\n", 3, b"abcd", step).unwrap(), whole("abc"));
        assert_eq!(body("Content-Length: 0\r\n", 0, b"abcd", step).unwrap(), whole(""));
        assert_eq!(body("", 4, b"abcd", step).unwrap(), whole("abcd"));
        assert_eq!(body("Content-Length: 5\r\n", 9, b"abcd", step).unwrap(), (false, b"abcd".to_vec()));
    }
}

#[test]
fn malformed_bodies() {
    for lines in [
        "Content-Length: -1\r\n",
        "Content-Length: +1\r\n",
        "Content-Length: 1, 1\r\n",
        "Content-Length:\r\n",
        "Content-Length: 1\r\nContent-Length: 1\r\n",
        "Content-Length: 0x1\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
    ] {
        assert_eq!(body(lines, 9, b"", 1).unwrap_err().status, Status::INVALID_MESSAGE, "{lines}");
    }
    let chunked = |bytes: &str| body("Transfer-Encoding: chunked\r\n", 1 << 20, bytes.as_bytes(), 1);
    for bytes in [
        "\r\n",
        "g\r\n",
        "+1\r\n",
        "0x1\r\n",
        "1\r\nab",
        "1\nx",
        "10000000000000000\r\n",
        ";x\r\n",
        "0\r\nno colon\r\n",
        "0\r\n folded: x\r\n",
    ] {
        assert_eq!(chunked(bytes).unwrap_err().status, Status::INVALID_MESSAGE, "{bytes:?}");
    }
}

#[test]
fn bodies_over_the_limit_are_refused_when_announced() {
    let refused = |lines, bytes: &[u8]| {
        let error = body(lines, 4, bytes, 3).unwrap_err();
        assert_eq!((error.status, error.max_size), (Status::BODY_TOO_LARGE, Some(4)));
        error.size
    };
    assert_eq!(refused("Content-Length: 5\r\n", b""), Some(5));
    assert_eq!(refused("Content-Length: 99999999999999999999999\r\n", b""), Some(u64::MAX));
    assert_eq!(refused("Transfer-Encoding: chunked\r\n", b"ffffffffffffffff\r\n"), Some(u64::MAX));
    assert_eq!(refused("Transfer-Encoding: chunked\r\n", b"4\r\nabcd\r\n1\r\n"), Some(5));
    assert_eq!(refused("", b"abcde"), Some(5));
}

#[test]
fn a_reader_that_fills_up_reads_to_its_limit_first() {
    let filled = |lines, bytes: &[u8], step| {
        let mut reader = BodyReader::new(400, &headers(lines), 4).unwrap().filling_up();
        let error = bytes.chunks(step).find_map(|piece| reader.read(piece).err());
        (reader.body().to_vec(), error.map(|e| e.status))
    };
    let full = (b"abcd".to_vec(), Some(Status::BODY_TOO_LARGE));
    for step in 1..=12 {
        assert_eq!(filled("Content-Length: 5\r\n", b"abcde", step), full);
        assert_eq!(filled("Content-Length: 5\r\n", b"abcd", step), full);
        assert_eq!(filled("Content-Length: 5\r\n", b"abc", step), (b"abc".to_vec(), None));
        assert_eq!(filled("Content-Length: 4\r\n", b"abcd", step), (b"abcd".to_vec(), None));
        assert_eq!(filled("Transfer-Encoding: chunked\r\n", b"ffff\r\nabcde", step), full);
        assert_eq!(filled("", b"abcde", step), full);
        assert_eq!(filled("", b"abcd", step), (b"abcd".to_vec(), None));
    }
}

#[test]
fn chunk_extensions_cannot_outweigh_the_body_for_ever() {
    let chunk = format!("1;{}\r\nx\r\n", "e".repeat(8000));
    let error = body("Transfer-Encoding: chunked\r\n", 1000, chunk.repeat(9).as_bytes(), 100).unwrap_err();
    assert_eq!(error.status, Status::BODY_TOO_LARGE);
}

// ---- URIs

#[test]
fn uris() {
    let cases = [
        ("ws://example.com", "ws://example.com/", "example.com", 80, "/"),
        ("WSS://Example.COM:443?q", "wss://example.com/?q", "example.com", 443, "/?q"),
        (
            "ws://127.0.0.1:9001/a/b?c=d&e[]=/?@:",
            "ws://127.0.0.1:9001/a/b?c=d&e[]=/?@:",
            "127.0.0.1",
            9001,
            "/a/b?c=d&e[]=/?@:",
        ),
        ("wss://[::1]:8080/", "wss://[::1]:8080/", "::1", 8080, "/"),
        ("ws://h:/%20\u{e4}\"{|}", "ws://h/%20%C3%A4%22%7B%7C%7D", "h", 80, "/%20%C3%A4%22%7B%7C%7D"),
    ];
    for (text, shown, host, port, target) in cases {
        let uri = Uri::parse(text).unwrap();
        assert_eq!((uri.to_string().as_str(), uri.target.as_str()), (shown, target));
        assert_eq!(uri.address(), (host, port));
        assert_eq!(Uri::parse(shown).unwrap(), uri);
    }
    assert_eq!(Uri::parse("ws://[::1]:443").unwrap().host_header(), "[::1]:443");
    let uri = Uri::parse("wss://u:p@example.com/a").unwrap();
    let other = uri.with_target("//b?c={d}").unwrap();
    assert_eq!((other.target.as_str(), &other.user, &other.host), ("//b?c=%7Bd%7D", &uri.user, &uri.host));
    for (target, at) in [("b", 0), ("", 0), ("?c", 0), ("/b c", 2), ("/b#c", 2), ("/b\r\nX: y", 2), ("/%zz", 1)] {
        let error = uri.with_target(target).unwrap_err();
        assert_eq!((error.status, error.position), (Status::INVALID_URI, Some(at)), "{target}");
    }
    assert_eq!(Uri::parse("wss://[::1]:443").unwrap().host_header(), "[::1]");
}

#[test]
fn malformed_uris_are_refused_at_their_position() {
    let cases = [
        ("", 0),
        ("example.com", 0),
        ("http://example.com", 0),
        ("ws:example.com", 3),
        ("ws://", 5),
        ("ws:///x", 5),
        ("ws://h:0/", 7),
        ("ws://h:65536", 7),
        ("ws://h:x", 7),
        ("ws://h/#f", 7),
        ("ws://h/a b", 8),
        ("ws://h/\r\n", 7),
        ("ws://h/\0", 7),
        ("ws://h\t", 6),
        ("ws://h\x7f", 6),
        ("ws://::1/", 5),
        ("ws://[::1/", 5),
        ("ws://[x]/", 6),
        ("ws://\u{e4}_.de/", 5),
        ("ws://u:p@\u{e4}_.de/", 9),
        ("ws://u:p@h:x", 11),
        ("ws://u@h", 6),
        ("ws://a:b@c:d@h", 8),
        ("ws://a:%0D%0A@h", 5),
        ("ws://a..b/", 5),
        ("ws://h/%", 7),
        ("ws://h/%2", 7),
        ("ws://h/%\u{e4}x", 7),
        ("ws://h?%zz", 7),
    ];
    for (text, position) in cases {
        let error = Uri::parse(text).unwrap_err();
        assert_eq!((error.status, error.position), (Status::INVALID_URI, Some(position)), "{text:?}: {error}");
        assert!(error.uri == text || text.contains('@'));
    }
}

#[test]
fn credentials_of_malformed_uris_are_not_shown() {
    let cases = [
        "ws://secret@h/",
        "ws://a%3Ab:secret@h/",
        "ws://u:sec/ret@h/",
        "ws://u:s@cret@h/",
        "u:secret@h",
        "ws:u:secret@h",
        "ws://u:se cret@h",
        "ws://u:secret//x@h",
    ];
    for text in cases {
        let error = Uri::parse(text).unwrap_err();
        assert!(!error.uri.contains("cret") && error.uri.contains("***@"), "{text}: {}", error.uri);
    }
}

#[test]
fn credentials_zones_and_names_of_every_script() {
    let uri = Uri::parse("wss://me%3f:se%3Acret@B\u{fc}cher.example:444/a@b").unwrap();
    assert_eq!(uri.user, Some(Credentials::new("me?", "se:cret").unwrap()));
    assert_eq!(uri.to_string(), "wss://xn--bcher-kva.example:444/a@b");
    assert!(!format!("{uri:?}").contains("cret"), "{uri:?}");
    let uri = Uri::parse("ws://[fe80::1%25eth0]:81/").unwrap();
    assert_eq!((uri.address(), uri.host_without_zone()), (("fe80::1%eth0", 81), "fe80::1"));
    assert_eq!((uri.host_header().as_str(), uri.to_string().as_str()), ("[fe80::1]:81", "ws://[fe80::1]:81/"));
}

#[test]
fn origins_of_uris() {
    let same = |a, b| Uri::parse(a).unwrap().origin_eq(&Uri::parse(b).unwrap());
    assert!(same("ws://u:p@H/a", "ws://h:80/b?c"));
    for other in ["wss://h:80", "ws://h:81", "ws://h.", "ws://sub.h", "wss://h"] {
        assert!(!same("ws://h", other), "{other}");
    }
    assert!(!same("ws://[fe80::1%251]", "ws://[fe80::1%252]"));
}
