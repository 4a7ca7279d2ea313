use super::*;
use crate::error::{Error, Operation, Result, Status};

const HEAD_MAX: usize = 4096;
const BODY_MAX: usize = 16;

/// What became of a conversation.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// What the tunnel said, in order.
    said: Vec<Vec<u8>>,
    /// How many bytes of the last answer were left over.
    result: Result<Option<usize>>,
}

fn name(text: &str) -> Target {
    Target::Name(text.to_owned(), 443)
}

fn address(text: &str) -> Target {
    Target::Address(text.parse().unwrap())
}

fn tunnel(proxy: &str, target: Target) -> Result<Tunnel> {
    Tunnel::new(&Proxy::parse(proxy).unwrap(), target, HEAD_MAX, BODY_MAX)
}

/// Lets the tunnel speak before each answer, which comes in pieces of so many bytes.
fn converse(mut tunnel: Tunnel, answers: &[&[u8]], size: usize) -> Outcome {
    let mut said = Vec::new();
    for answer in answers {
        said.push(tunnel.take_output());
        for (at, piece) in answer.chunks(size).enumerate() {
            match tunnel.receive(piece) {
                Ok(Progress::NeedMore) => (),
                Ok(Progress::Done { consumed }) => {
                    return Outcome { said, result: Ok(Some(answer.len() - at * size - consumed)) };
                }
                Err(error) => return Outcome { said, result: Err(error) },
            }
        }
    }
    said.push(tunnel.take_output());
    Outcome { said, result: Ok(None) }
}

/// The outcome, which is the same in every chunking.
fn talk(proxy: &str, target: &Target, answers: &[&[u8]]) -> Outcome {
    let most = answers.iter().map(|a| a.len()).max().unwrap_or(0).max(1);
    let at_once = converse(tunnel(proxy, target.clone()).unwrap(), answers, most);
    for size in 1..most {
        assert_eq!(converse(tunnel(proxy, target.clone()).unwrap(), answers, size), at_once, "pieces of {size}");
    }
    if let Err(error) = &at_once.result {
        assert_eq!((error.operation, &error.proxy), (Operation::Proxy, &Proxy::parse(proxy).unwrap().to_string()));
    }
    at_once
}

fn left_over(proxy: &str, answers: &[&[u8]]) -> usize {
    talk(proxy, &name("example.com"), answers).result.unwrap().expect("a tunnel")
}

fn refused(proxy: &str, answers: &[&[u8]]) -> Error {
    talk(proxy, &name("example.com"), answers).result.expect_err("a refusal")
}

fn said(proxy: &str, target: Target) -> Vec<u8> {
    tunnel(proxy, target).unwrap().take_output()
}

// ---- CONNECT

#[test]
fn the_request_of_connect() {
    let agent = concat!("User-Agent: hawser/", env!("CARGO_PKG_VERSION"), "\r\n\r\n");
    let request = |authority| format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    let cases = [
        (name("example.com"), "example.com:443"),
        (Target::Name("a_b.".to_owned(), 80), "a_b.:80"),
        (address("192.0.2.1:65535"), "192.0.2.1:65535"),
        (address("[2001:db8::1]:443"), "[2001:db8::1]:443"),
        (address("[fe80::1%3]:443"), "[fe80::1]:443"),
        (name("::1"), "[::1]:443"),
        (address("[::ffff:192.0.2.1]:1"), "192.0.2.1:1"),
    ];
    for (target, authority) in cases {
        for proxy in ["http://p", "https://p"] {
            assert_eq!(said(proxy, target.clone()), format!("{}{agent}", request(authority)).as_bytes());
        }
    }
    let with_credentials = String::from_utf8(said("http://us%20er:p%C3%A4ss@p", name("h"))).unwrap();
    assert_eq!(with_credentials, format!("{}Proxy-Authorization: Basic dXMgZXI6cMOkc3M=\r\n{agent}", request("h:443")));
}

#[test]
fn any_2xx_ends_with_its_head() {
    for head in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.0 200 Connection established\r\n\r\n",
        "HTTP/1.1 299\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nVia: x\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ] {
        for behind in ["", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "\0"] {
            let answer = format!("{head}{behind}");
            assert_eq!(left_over("http://p", &[answer.as_bytes()]), behind.len(), "{head:?}");
        }
    }
}

#[test]
fn another_status_is_refused_with_all_it_says() {
    let refusal = |head: &str, body: &str| {
        let error = refused("http://u:secret@p:3128", &[format!("{head}\r\n\r\n{body}").as_bytes()]);
        assert!(!format!("{error:?}").contains("secret"));
        error
    };
    let error = refusal("HTTP/1.1 403 No Way\r\nVia: a\r\nVIA: b\r\nContent-Length: 5", "sorry, left over");
    assert_eq!((error.status, error.detail.as_ref()), (Status::INVALID_PROXY_STATUS, "403"));
    assert_eq!((error.http_status, error.http_reason.as_str()), (403, "No Way"));
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(error.headers, [pair("Via", "a"), pair("VIA", "b"), pair("Content-Length", "5")]);
    assert_eq!((error.body.as_slice(), error.body_truncated), (&b"sorry"[..], false));
    assert_eq!(error.proxy, "http://p:3128");

    let error = refusal("HTTP/1.0 407 Who\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0", "");
    assert_eq!((error.status, error.http_status), (Status::PROXY_AUTHENTICATION, 407));
    assert_eq!(error.headers[0], pair("Proxy-Authenticate", "Basic realm=x"));

    let error = refusal("HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nTransfer-Encoding: chunked", "2\r\nab\r\n0\r\n\r\n");
    assert_eq!((error.retry_after_ms, error.body.as_slice(), error.body_truncated), (Some(7000), &b"ab"[..], false));
    assert_eq!(refusal("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0", "").http_status, 302);
    assert_eq!(refusal("HTTP/1.1 304 Not Modified\r\nContent-Length: 9", "").http_status, 304);
}

#[test]
fn the_body_of_a_refusal_is_kept_up_to_its_limit() {
    let sixteen = "0123456789abcdef";
    let kept = |head: &str, body: &str| {
        let answer = format!("HTTP/1.1 502 Bad Gateway\r\n{head}\r\n\r\n{body}");
        let error = refused("http://p", &[answer.as_bytes()]);
        assert_eq!((error.status, error.http_status), (Status::INVALID_PROXY_STATUS, 502));
        (String::from_utf8(error.body.clone()).unwrap(), error.body_truncated)
    };
    let all = (sixteen.to_owned(), false);
    let cut = (sixteen.to_owned(), true);
    assert_eq!(kept("Content-Length: 16", sixteen), all);
    assert_eq!(kept("Content-Length: 17", sixteen), cut);
    assert_eq!(kept("Content-Length: 99999999999999999999999", &sixteen.repeat(2)), cut);
    assert_eq!(kept("Transfer-Encoding: chunked", "10\r\n0123456789abcdef\r\n0\r\n\r\n"), all);
    assert_eq!(kept("Transfer-Encoding: chunked", "11\r\n0123456789abcdefg\r\n0\r\n\r\n"), cut);
    assert_eq!(kept("Transfer-Encoding: chunked", "ffffffffffffffff\r\n0123456789abcdefg"), cut);
    assert_eq!(kept("Transfer-Encoding: chunked", "10\r\n0123456789abcdef\r\n1\r\n"), cut);
    assert_eq!(kept("Via: x", &sixteen.repeat(2)), cut);
    // A body that makes no sense does not take the place of the refusal.
    assert_eq!(kept("Transfer-Encoding: chunked", "2\r\nab\r\nx\r\n"), ("ab".to_owned(), true));
    assert_eq!(kept("Transfer-Encoding: gzip", ""), (String::new(), true));
    assert_eq!(kept("Content-Length: 1\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), (String::new(), true));
}

#[test]
fn a_refusal_without_the_rest_of_its_body_is_one() {
    let head = b"HTTP/1.1 502 Bad Gateway\r\n\r\nabc";
    let mut open = tunnel("http://p", name("h")).unwrap();
    assert_eq!(open.timed_out(), None);
    assert_eq!(open.receive(head), Ok(Progress::NeedMore));
    let late = open.timed_out().expect("a refusal");
    assert_eq!((late.status, late.operation), (Status::INVALID_PROXY_STATUS, Operation::Proxy));
    assert_eq!((late.body.as_slice(), late.body_truncated), (&b"abc"[..], true));
    let ended = open.eof();
    assert_eq!((ended.http_status, ended.body.as_slice(), ended.body_truncated), (502, &b"abc"[..], false));
    assert_eq!(open.timed_out(), None);

    let mut cut = tunnel("http://p", name("h")).unwrap();
    cut.receive(b"HTTP/1.1 407 No\r\nContent-Length: 4\r\n\r\nabc").unwrap();
    let error = cut.eof();
    assert_eq!((error.status, error.body_truncated), (Status::PROXY_AUTHENTICATION, true));
}

#[test]
fn what_is_no_response_is_refused_where_it_goes_wrong() {
    let cases = [
        ("SSH-2.0-OpenSSH\r\n", 0),
        ("\x05\x00", 0),
        ("\x16\x03\x01", 0),
        ("\r\nHTTP/1.1 200 OK\r\n\r\n", 0),
        ("HTTP/1.1 2OO OK\r\n\r\n", 9),
        ("HTTP/1.1 099 OK\r\n\r\n", 9),
        ("HTTP/1.1 200 OK\nVia: x\n\n", 15),
        ("HTTP/1.1 200 OK\r\nVia : x\r\n\r\n", 20),
        ("HTTP/1.1 200 OK\r\n folded\r\n\r\n", 17),
        ("HTTP/1.1 100 \r\n\r\nnonsense\r\n", 17),
    ];
    for (answer, position) in cases {
        let error = refused("http://p", &[answer.as_bytes()]);
        assert_eq!((error.status, error.position), (Status::INVALID_PROXY_MESSAGE, Some(position)), "{answer:?}");
        assert!(error.cause.is_none() && !error.detail.is_empty());
    }
    let error = refused("http://p", &[b"HTTP/1.1 200 Fine\r\nBad name: x\r\n"]);
    assert_eq!((error.http_status, error.http_reason.as_str(), error.header_name.as_str()), (200, "Fine", "Bad name"));
    for version in ["HTTP/2", "HTTP/0.9", "HTTP/1.10"] {
        let error = refused("http://p", &[format!("{version} 200 OK\r\n\r\n").as_bytes()]);
        assert_eq!((error.status, error.http_version.as_str()), (Status::INVALID_PROXY_MESSAGE, version));
    }
    let error = refused("http://p", &[b"HTTP/1.1 101 Switching Protocols\r\n\r\n"]);
    assert_eq!((error.status, error.http_status), (Status::INVALID_PROXY_MESSAGE, 101));
}

/// A response of so many bytes in all, no line of it too long.
fn head_of(len: usize) -> String {
    let mut head = "HTTP/1.1 200 OK\r\n".to_owned();
    while head.len() + 2 < len {
        let room = len - 2 - head.len();
        let take = if room < 2000 { room } else { 1000 };
        head.push_str(&format!("a:{}\r\n", "x".repeat(take - 4)));
    }
    head + "\r\n"
}

#[test]
fn limits_are_told_as_the_cause() {
    let outcome = |answer: &str| {
        let tunnel = tunnel("http://p", name("h")).unwrap();
        converse(tunnel, &[answer.as_bytes()], 7).result
    };
    let cause = |answer: &str| {
        let error = outcome(answer).unwrap_err();
        assert_eq!(error.status, Status::INVALID_PROXY_MESSAGE);
        let cause = error.cause.clone().expect("a limit");
        assert!(!error.detail.is_empty() && error.detail == cause.detail && cause.status.is_a(Status::SECURITY));
        (cause.status, cause.max_size)
    };
    assert_eq!(outcome(&head_of(HEAD_MAX)), Ok(Some(0)));
    assert_eq!(cause(&head_of(HEAD_MAX + 1)), (Status::HEADER_LINE_TOO_LONG, Some(HEAD_MAX as u64)));
    let interim = "HTTP/1.1 100 Continue\r\n\r\n";
    assert_eq!(outcome(&(interim.to_owned() + &head_of(HEAD_MAX - interim.len()))), Ok(Some(0)));
    assert_eq!(cause(&(interim.to_owned() + &head_of(HEAD_MAX - interim.len() + 1))).1, Some(HEAD_MAX as u64));
    assert_eq!(cause(&interim.repeat(HEAD_MAX)), (Status::STATUS_LINE_TOO_LONG, Some(HEAD_MAX as u64)));
    let headers = |count| format!("HTTP/1.1 200 OK\r\n{}\r\n", "a:b\r\n".repeat(count));
    assert_eq!(outcome(&headers(128)), Ok(Some(0)));
    assert_eq!(cause(&headers(129)), (Status::TOO_MANY_HEADERS, Some(128)));
}

// ---- SOCKS4

#[test]
fn the_requests_of_socks4() {
    assert_eq!(said("socks4://p", address("192.0.2.1:80")), b"\x04\x01\x00\x50\xc0\x00\x02\x01\x00");
    assert_eq!(said("socks4://user@p", address("192.0.2.1:443")), b"\x04\x01\x01\xbb\xc0\x00\x02\x01user\x00");
    assert_eq!(said("socks4a://p", name("h.example")), b"\x04\x01\x01\xbb\x00\x00\x00\x01\x00h.example\x00");
    assert_eq!(said("socks4a://u@p", name("h")), b"\x04\x01\x01\xbb\x00\x00\x00\x01u\x00h\x00");
    assert_eq!(said("socks4a://p", name("192.0.2.1")), b"\x04\x01\x01\xbb\xc0\x00\x02\x01\x00");
    assert_eq!(said("socks4://p", address("[::ffff:192.0.2.1]:80")), said("socks4://p", address("192.0.2.1:80")));
    assert_eq!(said("socks4://p", address("0.0.0.0:80")), b"\x04\x01\x00\x50\x00\x00\x00\x00\x00");
}

#[test]
fn every_reply_of_socks4() {
    for reply in 0..=255 {
        let answer = [0, reply, 1, 2, 3, 4, 5, 6, b'n', b'e', b'x', b't'];
        match (reply, talk("socks4a://p", &name("h"), &[&answer]).result) {
            (90, result) => assert_eq!(result, Ok(Some(4))),
            (91..=93, Err(error)) => {
                assert_eq!((error.status, error.socks_reply), (Status::SOCKS_REPLY, Some(reply)));
                assert!(!error.detail.is_empty());
            }
            (_, Err(error)) => {
                assert_eq!((error.status, error.position), (Status::INVALID_PROXY_MESSAGE, Some(1)));
            }
            (_, result) => panic!("{reply}: {result:?}"),
        }
    }
    for version in 1..=255 {
        let error = refused("socks4a://p", &[&[version, 90, 0, 0, 0, 0, 0, 0]]);
        assert_eq!((error.status, error.position), (Status::INVALID_PROXY_MESSAGE, Some(0)), "{version}");
    }
}

// ---- SOCKS5

/// The request for `example.com:443`.
const REQUEST: &[u8] = b"\x05\x01\x00\x03\x0bexample.com\x01\xbb";

/// A reply that the proxy has connected, with this bound address.
fn reply(bound: &[u8]) -> Vec<u8> {
    [&[5, 0, 0], bound, &[0x04, 0x38]].concat()
}

#[test]
fn socks5_without_credentials() {
    let outcome = talk("socks5h://p", &name("example.com"), &[&[5, 0], &reply(&[1, 10, 0, 0, 1])]);
    assert_eq!(outcome, Outcome { said: vec![vec![5, 1, 0], REQUEST.to_vec()], result: Ok(Some(0)) });
}

#[test]
fn socks5_with_credentials() {
    let proxy = "socks5h://user:pass@p";
    let connected = reply(&[1, 10, 0, 0, 1]);
    let outcome = talk(proxy, &name("example.com"), &[&[5, 2], &[1, 0], &connected]);
    let said = vec![vec![5, 2, 0, 2], b"\x01\x04user\x04pass".to_vec(), REQUEST.to_vec()];
    assert_eq!(outcome, Outcome { said, result: Ok(Some(0)) });
    // A proxy that wants none gets none.
    let outcome = talk(proxy, &name("example.com"), &[&[5, 0], &connected]);
    assert_eq!(outcome, Outcome { said: vec![vec![5, 2, 0, 2], REQUEST.to_vec()], result: Ok(Some(0)) });
    let (user, password) = ("u".repeat(255), "p".repeat(255));
    let outcome = talk(&format!("socks5h://{user}:{password}@p"), &name("h"), &[&[5, 2], &[1, 0]]);
    assert_eq!(outcome.said[1], [&[1, 255], user.as_bytes(), &[255], password.as_bytes()].concat());
    let outcome = talk("socks5h://u@p", &name("h"), &[&[5, 2], &[1, 0]]);
    assert_eq!(outcome.said[1], b"\x01\x01u\x00");
}

#[test]
fn the_requests_of_socks5() {
    let requested = |proxy, target| talk(proxy, &target, &[&[5, 0]]).said[1].clone();
    assert_eq!(requested("socks5://p", address("192.0.2.1:80")), b"\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50");
    assert_eq!(requested("socks5h://p", name("192.0.2.1")), b"\x05\x01\x00\x01\xc0\x00\x02\x01\x01\xbb");
    let v6 = b"\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x01\xbb";
    assert_eq!(requested("socks5://p", address("[2001:db8::1]:443")), v6);
    assert_eq!(requested("socks5h://p", name("2001:db8::1")), v6);
}

#[test]
fn every_method_a_socks5_proxy_may_choose() {
    for method in 0..=255 {
        for (proxy, has_credentials) in [("socks5h://p", false), ("socks5h://u:p@p", true)] {
            match (method, talk(proxy, &name("h"), &[&[5, method]]).result) {
                (0, result) => assert_eq!(result, Ok(None)),
                (2, result) if has_credentials => assert_eq!(result, Ok(None)),
                (255, Err(error)) => assert_eq!(error.status, Status::PROXY_AUTHENTICATION),
                (_, Err(error)) => {
                    assert_eq!((error.status, error.position), (Status::INVALID_PROXY_MESSAGE, Some(1)));
                }
                (_, result) => panic!("{method}: {result:?}"),
            }
        }
    }
}

#[test]
fn every_answer_to_user_and_password() {
    for status in 0..=255 {
        let result = talk("socks5h://u:p@p", &name("h"), &[&[5, 2], &[1, status]]).result;
        match (status, result) {
            (0, result) => assert_eq!(result, Ok(None)),
            (_, Err(error)) => assert_eq!(error.status, Status::PROXY_AUTHENTICATION),
            (_, result) => panic!("{status}: {result:?}"),
        }
    }
}

#[test]
fn every_reply_of_socks5() {
    for code in 1..=255 {
        for length in 2..=10 {
            let answer = &[5, code, 0, 1, 0, 0, 0, 0, 0, 0][..length];
            let error = refused("socks5h://p", &[&[5, 0], answer]);
            assert_eq!((error.status, error.socks_reply), (Status::SOCKS_REPLY, Some(code)));
            assert!(!error.detail.is_empty());
        }
    }
    let meaning = |code| refused("socks5h://p", &[&[5, 0], &[5, code]]).detail.clone();
    assert_eq!((meaning(2).as_ref(), meaning(5).as_ref()), ("connection not allowed by ruleset", "connection refused"));
}

#[test]
fn a_bound_address_is_taken_exactly() {
    let mut bounds = vec![[&[1][..], &[9; 4]].concat(), [&[4][..], &[9; 16]].concat()];
    bounds.extend([0, 1, 254, 255].map(|len| [&[3, len][..], &vec![b'n'; usize::from(len)]].concat()));
    for bound in bounds {
        for behind in [&b""[..], b"\x05", b"HTTP/1.1 101"] {
            let answer = [&reply(&bound), behind].concat();
            assert_eq!(left_over("socks5h://p", &[&[5, 0], &answer]), behind.len(), "{bound:?}");
        }
        let short = reply(&bound);
        let outcome = talk("socks5h://p", &name("h"), &[&[5, 0], &short[..short.len() - 1]]);
        assert_eq!(outcome.result, Ok(None), "{bound:?}");
    }
}

#[test]
fn every_wrong_byte_of_socks5() {
    for byte in 0..=255u8 {
        let garbled = |answers: &[&[u8]], position| {
            let error = refused("socks5h://u:p@p", answers);
            assert_eq!((error.status, error.position), (Status::INVALID_PROXY_MESSAGE, Some(position)), "{answers:?}");
        };
        if byte != 5 {
            garbled(&[&[byte, 0]], 0);
            garbled(&[&[5, 0], &[byte, 0, 0, 1]], 0);
        }
        if byte != 1 {
            garbled(&[&[5, 2], &[byte, 0]], 0);
        }
        if ![1, 3, 4].contains(&byte) {
            garbled(&[&[5, 0], &[5, 0, 0, byte, 0, 0, 0, 0, 0, 0]], 3);
        }
        // The reserved byte means nothing.
        assert_eq!(left_over("socks5h://p", &[&[5, 0], &[5, 0, byte, 1, 0, 0, 0, 0, 0, 0]]), 0);
    }
}

// ---- All of them

#[test]
fn targets_that_a_proxy_cannot_be_told() {
    let (most, more) = ("n".repeat(255), "n".repeat(256));
    for proxy in ["http://p", "socks4a://p", "socks5h://p"] {
        assert!(tunnel(proxy, name(&most)).is_ok());
        let error = tunnel(proxy, name(&more)).unwrap_err();
        assert_eq!((error.status, error.size, error.max_size), (Status::INVALID_ARGUMENT, Some(256), Some(255)));
        assert_eq!((error.operation, &error.proxy), (Operation::Proxy, &Proxy::parse(proxy).unwrap().to_string()));
        for text in ["", "a b", "a\r\nX: y", "a\0", "a:80", "[::1]", "a/b", "u@h", "\u{e4}"] {
            assert_eq!(tunnel(proxy, name(text)).unwrap_err().status, Status::INVALID_ARGUMENT, "{text:?}");
        }
    }
    let outcome = talk("socks5h://p", &name(&most), &[&[5, 0]]);
    assert_eq!(outcome.said[1], [&[5, 1, 0, 3, 255], most.as_bytes(), &[1, 0xbb]].concat());
    for proxy in ["socks4://p", "socks5://p"] {
        assert_eq!(tunnel(proxy, name("h")).unwrap_err().status, Status::INVALID_ARGUMENT, "{proxy} looks up here");
        assert!(tunnel(proxy, name("192.0.2.1")).is_ok());
    }
    for proxy in ["socks4://p", "socks4a://p"] {
        for text in ["[::1]:443", "0.0.0.1:443", "0.0.0.255:443"] {
            let error = tunnel(proxy, address(text)).unwrap_err();
            assert_eq!(error.status, Status::INVALID_ARGUMENT, "{proxy} {text}");
        }
    }
}

#[test]
fn credentials_that_were_not_parsed_are_judged_too() {
    let put_together = |kind, user: &str, password: &str| {
        let user = Some((user.to_owned(), password.to_owned()));
        let proxy = Proxy { kind, host: "p".to_owned(), port: 1, user };
        Tunnel::new(&proxy, address("192.0.2.1:1"), HEAD_MAX, BODY_MAX)
    };
    assert!(put_together(Kind::Socks5, "u", &"p".repeat(255)).is_ok());
    for (kind, user, password) in [
        (Kind::Socks5, "u", "p".repeat(256)),
        (Kind::Socks4, "u\0", String::new()),
        (Kind::Http, "u\r\n", String::new()),
        (Kind::Https, "u:v", String::new()),
    ] {
        let error = put_together(kind, user, &password).unwrap_err();
        assert_eq!((error.status, error.operation), (Status::INVALID_PROXY, Operation::Proxy));
        assert_eq!(error.proxy, format!("{}://p:1", kind.scheme()));
    }
}

#[test]
fn the_end_of_the_connection_is_told_as_the_cause() {
    let connected = reply(&[3, 1, b'x']);
    let conversations: &[(&str, &[&[u8]])] = &[
        ("http://p", &[b"HTTP/1.1 200 OK\r\n\r"]),
        ("socks4a://p", &[&[0, 90, 0, 0, 0, 0, 0]]),
        ("socks5h://p", &[&[5, 0], &connected[..connected.len() - 1]]),
        ("socks5h://u:p@p", &[&[5, 2], &[1]]),
    ];
    for (proxy, answers) in conversations {
        let (last, before) = answers.split_last().unwrap();
        for length in 0..=last.len() {
            let mut tunnel = tunnel(proxy, name("example.com")).unwrap();
            for answer in before.iter().copied().chain([&last[..length]]) {
                tunnel.take_output();
                assert_eq!(tunnel.receive(answer), Ok(Progress::NeedMore));
            }
            assert_eq!(tunnel.timed_out(), None);
            let error = tunnel.eof();
            assert_eq!((error.status, error.operation), (Status::INVALID_PROXY_MESSAGE, Operation::Proxy));
            assert_eq!(error.cause.as_ref().map(|c| c.status), Some(Status::UNEXPECTED_EOF));
            assert_eq!(error.current_size, Some(length as u64));
            assert_eq!(error.detail.contains("password"), proxy.contains('@'));
            assert_ne!(error.retry(), crate::error::Retry::No);
        }
    }
}

#[test]
fn an_answer_comes_after_its_question() {
    // Before the greeting was sent.
    let mut eager = tunnel("socks5h://p", name("h")).unwrap();
    assert_eq!(eager.receive(&[5]), Ok(Progress::NeedMore));
    assert_eq!(eager.receive(&[0]).unwrap_err().status, Status::INVALID_PROXY_MESSAGE);
    assert_eq!(eager.take_output(), b"");
    // With the reply to a request that was not.
    let mut eager = tunnel("socks5h://p", name("h")).unwrap();
    eager.take_output();
    assert_eq!(eager.receive(&[5, 0, 5]).unwrap_err().status, Status::INVALID_PROXY_MESSAGE);
    for (proxy, answer) in [("http://p", &b"HTTP/1.1 200 OK\r\n\r\n"[..]), ("socks4a://p", &[0, 90, 0, 0, 0, 0, 0, 0])]
    {
        let mut eager = tunnel(proxy, name("h")).unwrap();
        assert_eq!(eager.receive(answer).unwrap_err().status, Status::INVALID_PROXY_MESSAGE);
    }
    // A refusal needs no question.
    let mut busy = tunnel("http://p", name("h")).unwrap();
    let error = busy.receive(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n").unwrap_err();
    assert_eq!(error.http_status, 503);
}

#[test]
fn gives_one_result() {
    let mut done = tunnel("socks4a://p", name("h")).unwrap();
    done.take_output();
    assert_eq!(done.receive(b""), Ok(Progress::NeedMore));
    assert_eq!(done.receive(&[0, 90, 0, 0, 0, 0, 0, 0]), Ok(Progress::Done { consumed: 8 }));
    assert_eq!(done.receive(b"x").unwrap_err().status, Status::INVALID_STATE);
    assert_eq!(done.eof().status, Status::INVALID_STATE);
    let mut failed = tunnel("socks4a://p", name("h")).unwrap();
    assert_eq!(failed.receive(b"x").unwrap_err().status, Status::INVALID_PROXY_MESSAGE);
    assert_eq!((failed.receive(b"x").unwrap_err().status, failed.take_output()), (Status::INVALID_STATE, vec![]));
}

#[test]
fn a_tunnel_does_not_show_its_credentials() {
    let shown = |proxy| format!("{:?}", tunnel(proxy, name("h")).unwrap());
    assert!(!shown("http://user:secret@p").contains("secret"));
    assert_eq!(shown("socks5h://user:secret@p"), "Tunnel { proxy: \"socks5h://p:1080\", .. }");
}

/// Marsaglia's xorshift64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

/// Conversations that lead to a tunnel, to damage.
const GOOD: &[(&str, &[&[u8]])] = &[
    ("http://p", &[b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.0 200 OK\r\nVia: x\r\n\r\n"]),
    ("http://u:p@p", &[b"HTTP/1.1 407 No\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nt: x\r\n\r\n"]),
    ("https://p", &[b"HTTP/1.1 502 No\r\nContent-Length: 12\r\n\r\nHello, world"]),
    ("socks4a://u@p", &[&[0, 90, 1, 2, 3, 4, 5, 6]]),
    ("socks5h://p", &[&[5, 0], &[5, 0, 0, 3, 2, b'a', b'b', 0, 0]]),
    ("socks5h://u:p@p", &[&[5, 2], &[1, 0], &[5, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80]]),
];

/// Changes some bytes of an answer, or puts noise in its place.
fn damaged(answer: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = answer.to_vec();
    let byte = |random: &mut Random| u8::try_from(random.below(256)).unwrap();
    match random.below(8) {
        0 => bytes = (0..random.below(300)).map(|_| byte(random)).collect(),
        1 => bytes.truncate(random.below(bytes.len() + 1)),
        2 => bytes.extend((0..random.below(40)).map(|_| byte(random)).collect::<Vec<_>>()),
        3..=5 => {
            let at = random.below(bytes.len());
            bytes[at] = byte(random);
        }
        _ => (),
    }
    bytes
}

#[test]
fn random_answers_neither_panic_nor_take_more_than_there_is() {
    let mut random = Random(0x6861_7773_6572);
    let (mut done, mut failed) = (0, 0);
    for round in 0..60_000 {
        let (proxy, answers) = GOOD[round % GOOD.len()];
        let mut tunnel = tunnel(proxy, name("example.com")).unwrap();
        'conversation: for answer in answers {
            if random.below(50) > 0 {
                tunnel.take_output();
            }
            let answer = damaged(answer, &mut random);
            let mut rest = answer.as_slice();
            while !rest.is_empty() {
                let (piece, behind) = rest.split_at(1 + random.below(rest.len()));
                rest = behind;
                match tunnel.receive(piece) {
                    Ok(Progress::NeedMore) => (),
                    Ok(Progress::Done { consumed }) => {
                        assert!(consumed <= piece.len());
                        done += 1;
                        break 'conversation;
                    }
                    Err(error) => {
                        assert_eq!((error.operation, error.proxy.is_empty()), (Operation::Proxy, false));
                        assert!(error.status.is_a(Status::PROXY) && error.body.len() <= BODY_MAX, "{error}");
                        failed += 1;
                        break 'conversation;
                    }
                }
            }
        }
        let _ = (tunnel.timed_out(), tunnel.eof());
    }
    assert!(done > 1000 && failed > 1000, "{done} and {failed}");
}
