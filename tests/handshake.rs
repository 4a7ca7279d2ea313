//! The opening handshake as both sides meet it: what is granted, what is refused, with which code and which reply.

use hawser::error::{Error, Operation, Retry, Status};
use hawser::handshake::{
    Answer, ClientHandshake, ClientProgress, ClientRequest, Handshake, Response, Route, ServerHandshake, ServerPolicy,
    ServerProgress, Site, timed_out_reply, turned_away, undecided,
};
use hawser::http::Uri;

const NONCE: [u8; 16] = *b"the sample nonce";
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|s| (*s).to_owned()).collect()
}

// ---- the server's half

/// The request of RFC 6455 §1.3, with `edit`s: "Name: value" replaces the field of that name, "Name" removes it,
/// "+Name: value" adds one.
fn request(edits: &[&str]) -> Vec<u8> {
    request_with("GET /chat?room=1 HTTP/1.1", edits)
}

fn request_with(line: &str, edits: &[&str]) -> Vec<u8> {
    let key = format!("Sec-WebSocket-Key: {KEY}");
    let mut fields = strings(&[
        "Host: server.example.com",
        "Upgrade: websocket",
        "Connection: Upgrade",
        &key,
        "Sec-WebSocket-Version: 13",
    ]);
    for edit in edits {
        match (edit.strip_prefix('+'), edit.split_once(':')) {
            (Some(added), _) => fields.push(added.to_owned()),
            (None, Some((name, _))) => {
                fields.iter_mut().filter(|f| f.starts_with(&format!("{name}:"))).for_each(|f| *f = (*edit).to_owned());
            }
            (None, None) => fields.retain(|f| !f.starts_with(&format!("{edit}:"))),
        }
    }
    format!("{line}\r\n{}\r\n\r\n", fields.join("\r\n")).into_bytes()
}

fn serve(policy: &ServerPolicy, bytes: &[u8]) -> ServerProgress {
    ServerHandshake::new().receive(&Site::from(policy.clone()), bytes)
}

fn granted(policy: &ServerPolicy, bytes: &[u8]) -> (usize, String, Handshake) {
    match serve(policy, bytes) {
        ServerProgress::Open { consumed, reply, handshake } => (consumed, String::from_utf8(reply).unwrap(), handshake),
        other => panic!("{}: {other:?}", String::from_utf8_lossy(bytes)),
    }
}

fn refused(policy: &ServerPolicy, bytes: &[u8]) -> (String, Error) {
    match serve(policy, bytes) {
        ServerProgress::Refused { reply, error } => (String::from_utf8(reply).unwrap(), error),
        other => panic!("{}: {other:?}", String::from_utf8_lossy(bytes)),
    }
}

/// The reply is a whole response that keeps its own word, and says of the error what it should.
fn check_reply(reply: &str, error: &Error) {
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with(&format!("HTTP/1.1 {} ", error.http_status)), "{reply}");
    for line in ["\r\nConnection: close", "\r\nContent-Type: text/plain; charset=utf-8", "\r\nServer: hawser/"] {
        assert!(head.contains(line), "{reply}");
    }
    assert!(head.contains(&format!("\r\nContent-Length: {}", body.len())), "{reply}");
    assert!(body.ends_with(".\n") && body.lines().count() == 1 && body.len() > 20, "{reply}");
    assert_eq!(head.contains("\r\nAllow: GET"), error.http_status == 405);
    assert_eq!(head.contains("\r\nUpgrade: websocket"), error.http_status == 426);
    assert_eq!(head.contains("\r\nSec-WebSocket-Version: 13"), error.http_status == 426);
    assert_eq!(error.operation, Operation::Handshake);
    assert_eq!(error.retry(), Retry::No);
}

#[test]
fn a_plain_request_is_granted() {
    let (consumed, reply, handshake) = granted(&ServerPolicy::default(), &request(&[]));
    assert_eq!(consumed, request(&[]).len());
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {ACCEPT}\r\nServer: hawser/{version}\r\n\r\n"
    );
    assert_eq!(reply, expected);
    assert_eq!((handshake.http_status, handshake.method.as_str()), (101, "GET"));
    assert_eq!((handshake.target.as_str(), handshake.host.as_str()), ("/chat?room=1", "server.example.com"));
    assert_eq!(handshake.headers.len(), 5);
    assert_eq!(handshake.headers[1], ("Upgrade".to_owned(), "websocket".to_owned()));
}

/// RFC 9112 §3.2.2: as proxies get it, and a server has to take it, too. The target then says which host is meant.
#[test]
fn a_whole_uri_is_a_target() {
    let policy = ServerPolicy { hosts: strings(&["example.com"]), ..ServerPolicy::default() };
    for (target, path) in [
        ("http://example.com/chat?room=1", "/chat?room=1"),
        ("HTTPS://Example.com:8443", "/"),
        ("http://example.com?a=b://c", "/?a=b://c"),
    ] {
        let (_, _, handshake) = granted(&policy, &request_with(&format!("GET {target} HTTP/1.1"), &[]));
        assert_eq!(handshake.target, path);
        assert!(handshake.host.eq_ignore_ascii_case(target.split(['/', '?']).nth(2).unwrap()));
    }
    for (target, edits, status) in [
        ("http://server.example.com/", &["Host: example.com"][..], 421),
        ("http://example.com/", &["Host"], 400),
        ("http://example.com/", &["+Host: example.com"], 400),
        ("http://user@example.com/", &[], 400),
        ("http:///chat", &[], 400),
        ("http://example.com/#f", &[], 400),
        ("ws://example.com/", &[], 400),
        ("example.com:80", &[], 400),
        ("*", &[], 400),
    ] {
        let (reply, error) = refused(&policy, &request_with(&format!("GET {target} HTTP/1.1"), edits));
        assert_eq!(error.http_status, status, "{target}: {error}");
        check_reply(&reply, &error);
    }
}

#[test]
fn odd_but_legal_requests_are_granted() {
    let edits: &[&[&str]] = &[
        &["Upgrade: h2c, WebSocket"],
        &["Upgrade: h2c", "+upgrade: websocket"],
        &["Connection: keep-alive, UPGRADE"],
        &["Connection: keep-alive", "+Connection: ,upgrade,"],
        &["+Content-Length: 0"],
        &["+Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x; y=\"z\""],
        &["+Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99; server_max_window_bits"],
        &["+Sec-WebSocket-Protocol: chat, superchat"],
        &["+Origin: https://anywhere.example"],
        &["+X: \u{e9}", "Host: [::1]:8080"],
        &["Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC=="],
    ];
    for edit in edits {
        let (_, reply, handshake) = granted(&ServerPolicy::default(), &request(edit));
        assert!(!reply.contains("Extensions") && !reply.contains("Protocol:"), "{edit:?}");
        assert!(handshake.subprotocol.is_empty() && handshake.extensions.is_empty());
    }
    let mut latin = request(&["+X: ?"]);
    let at = latin.iter().rposition(|b| *b == b'?').unwrap();
    latin[at] = 0xe9;
    assert_eq!(granted(&ServerPolicy::default(), &latin).2.headers[5].1, "\u{fffd}");
}

#[test]
fn refusals_of_a_request() {
    use Status as S;
    let long = "a".repeat(9000);
    let many = vec!["+X: y"; 130];
    let (long_target, long_header) = (format!("GET /{long} HTTP/1.1"), format!("+X: {long}"));
    let line = "GET / HTTP/1.1";
    #[rustfmt::skip]
    let table: &[(&str, &[&str], u16, Status, &str)] = &[
        ("POST / HTTP/1.1", &[], 405, S::INVALID_METHOD, ""),
        ("get / HTTP/1.1", &[], 405, S::INVALID_METHOD, ""),
        ("OPTIONS * HTTP/1.1", &[], 405, S::INVALID_METHOD, ""),
        ("CONNECT h:1 HTTP/1.1", &[], 405, S::INVALID_METHOD, ""),
        ("GET / HTTP/1.0", &[], 505, S::INVALID_HTTP_VERSION, ""),
        ("GET / HTTP/1.10", &[], 505, S::INVALID_HTTP_VERSION, ""),
        ("GET / HTTP/2", &[], 505, S::INVALID_HTTP_VERSION, ""),
        ("PRI * HTTP/2.0", &[], 505, S::INVALID_HTTP_VERSION, ""),
        ("GET /", &[], 400, S::INVALID_MESSAGE, ""),
        ("GET / HTTP/1.x", &[], 400, S::INVALID_MESSAGE, ""),
        ("GET ws://h/ HTTP/1.1", &[], 400, S::INVALID_MESSAGE, ""),
        ("GET /#f HTTP/1.1", &[], 400, S::INVALID_MESSAGE, ""),
        ("GET * HTTP/1.1", &[], 400, S::INVALID_MESSAGE, ""),
        (line, &["Host"], 400, S::INVALID_HEADER, "Host"),
        (line, &["+Host: b"], 400, S::INVALID_HEADER, "Host"),
        (line, &["Host: "], 400, S::INVALID_HEADER_VALUE, "Host"),
        (line, &["Host: a b"], 400, S::INVALID_HEADER_VALUE, "Host"),
        (line, &["Host: u@h"], 400, S::INVALID_HEADER_VALUE, "Host"),
        (line, &["Upgrade"], 426, S::INVALID_UPGRADE, "Upgrade"),
        (line, &["Upgrade: "], 426, S::INVALID_UPGRADE, "Upgrade"),
        (line, &["Upgrade: websockets"], 426, S::INVALID_UPGRADE, "Upgrade"),
        (line, &["Upgrade: websocket/13"], 426, S::INVALID_UPGRADE, "Upgrade"),
        (line, &["Upgrade: web socket"], 400, S::INVALID_HEADER_FORMAT, "Upgrade"),
        (line, &["Connection"], 426, S::INVALID_UPGRADE, "Connection"),
        (line, &["Connection: keep-alive"], 426, S::INVALID_UPGRADE, "Connection"),
        (line, &["Connection: not-upgrade"], 426, S::INVALID_UPGRADE, "Connection"),
        (line, &["Connection: Upgrade;"], 400, S::INVALID_HEADER_FORMAT, "Connection"),
        (line, &["Sec-WebSocket-Key"], 400, S::INVALID_HEADER, "Sec-WebSocket-Key"),
        (line, &["Sec-WebSocket-Key: "], 400, S::INVALID_HEADER_VALUE, "Sec-WebSocket-Key"),
        (line, &["+Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA=="], 400, S::INVALID_HEADER, "Sec-WebSocket-Key"),
        (line, &["Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA"], 400, S::INVALID_HEADER_VALUE, "Sec-WebSocket-Key"),
        (line, &["Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4P"], 400, S::INVALID_HEADER_VALUE, "Sec-WebSocket-Key"),
        (line, &["Sec-WebSocket-Version"], 426, S::INVALID_HEADER, "Sec-WebSocket-Version"),
        (line, &["Sec-WebSocket-Version: 8"], 426, S::INVALID_HEADER_VALUE, "Sec-WebSocket-Version"),
        (line, &["Sec-WebSocket-Version: 013"], 426, S::INVALID_HEADER_VALUE, "Sec-WebSocket-Version"),
        (line, &["Sec-WebSocket-Version: 13, 8"], 426, S::INVALID_HEADER_VALUE, "Sec-WebSocket-Version"),
        (line, &["Sec-WebSocket-Version: x"], 426, S::INVALID_HEADER_VALUE, "Sec-WebSocket-Version"),
        (line, &["+Sec-WebSocket-Version: 13"], 400, S::INVALID_HEADER, "Sec-WebSocket-Version"),
        (line, &["+X : y"], 400, S::INVALID_MESSAGE, "X"),
        (line, &["+X: y\r\n folded"], 400, S::INVALID_MESSAGE, ""),
        (line, &["Upgrade", "+X: y\rUpgrade: websocket"], 400, S::INVALID_MESSAGE, "X"),
        (line, &["Upgrade", "+X: y\nUpgrade: websocket"], 400, S::INVALID_MESSAGE, "X"),
        (line, &["+X: \0"], 400, S::INVALID_MESSAGE, "X"),
        (line, &["+X: \x08"], 400, S::INVALID_MESSAGE, "X"),
        (line, &["+: x"], 400, S::INVALID_MESSAGE, ""),
        (line, &["+X y: z"], 400, S::INVALID_MESSAGE, "X y"),
        (line, &["+Xy"], 400, S::INVALID_MESSAGE, ""),
        (line, &["+Content-Length: 5"], 400, S::INVALID_MESSAGE, "Content-Length"),
        (line, &["+Content-Length: -0"], 400, S::INVALID_MESSAGE, "Content-Length"),
        (line, &["+Content-Length: +0"], 400, S::INVALID_MESSAGE, "Content-Length"),
        (line, &["+Content-Length: 0", "+Content-Length: 0"], 400, S::INVALID_MESSAGE, "Content-Length"),
        (line, &["+Transfer-Encoding: chunked"], 400, S::INVALID_MESSAGE, "Transfer-Encoding"),
        (line, &["+Transfer-Encoding: identity"], 400, S::INVALID_MESSAGE, "Transfer-Encoding"),
        (line, &["+Content-Length: 0", "+Transfer-Encoding: chunked"], 400, S::INVALID_MESSAGE, "Transfer-Encoding"),
        (&long_target, &[], 414, S::REQUEST_LINE_TOO_LONG, ""),
        (line, &[&long_header], 431, S::HEADER_LINE_TOO_LONG, "X"),
        (line, &many, 431, S::TOO_MANY_HEADERS, ""),
        (line, &["+Sec-WebSocket-Protocol: a b"], 400, S::INVALID_HEADER_FORMAT, "Sec-WebSocket-Protocol"),
        (line, &["+Sec-WebSocket-Protocol: "], 400, S::INVALID_HEADER_FORMAT, "Sec-WebSocket-Protocol"),
        (line, &["+Sec-WebSocket-Protocol: ,"], 400, S::INVALID_HEADER_FORMAT, "Sec-WebSocket-Protocol"),
        (line, &["+Sec-WebSocket-Extensions: a;"], 400, S::INVALID_HEADER_FORMAT, "Sec-WebSocket-Extensions"),
        (line, &["+Sec-WebSocket-Extensions: "], 400, S::INVALID_HEADER_FORMAT, "Sec-WebSocket-Extensions"),
        (line, &["+Sec-WebSocket-Extensions: a; b=\"c d\""], 400, S::INVALID_HEADER_FORMAT, "Sec-WebSocket-Extensions"),
        (line, &["+Origin: https://a", "+Origin: https://a"], 403, S::INVALID_ORIGIN, "Origin"),
    ];
    for (line, edits, http_status, status, name) in table {
        let bytes = request_with(line, edits);
        let (reply, error) = refused(&ServerPolicy::default(), &bytes);
        let what = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!((error.http_status, error.status), (*http_status, *status), "{what}\n{error}");
        assert_eq!(error.header_name, *name, "{what}");
        assert!(!error.detail.is_empty(), "{what}");
        check_reply(&reply, &error);
    }
}

/// RFC 9110 §9.3.2, §8.6.
#[test]
fn a_head_has_no_body_and_a_304_no_length() {
    let (reply, error) = refused(&ServerPolicy::default(), &request_with("HEAD / HTTP/1.1", &[]));
    assert_eq!((error.status, error.http_status), (Status::INVALID_METHOD, 405));
    assert!(reply.ends_with("\r\n\r\n") && !reply.contains("Content-Length: 0"), "{reply}");

    for (status, has_length) in [(200, true), (204, false), (205, true), (304, false)] {
        let page = Response { status, headers: Vec::new(), body: Vec::new() };
        page.validate().unwrap();
        let route = Route { pattern: "*".to_owned(), answer: Answer::Response(page), user: 0 };
        let site = Site::with_routes(ServerPolicy::default(), vec![route]).unwrap();
        let ServerProgress::Answered { reply, .. } = ServerHandshake::new().receive(&site, &request(&[])) else {
            panic!("{status}");
        };
        assert_eq!(String::from_utf8_lossy(&reply).contains("Content-Length"), has_length, "{status}");
    }
}

#[test]
fn a_refusal_names_the_request_and_echoes_nothing() {
    let (reply, error) = refused(&ServerPolicy::default(), &request_with("PUT /secret HTTP/1.1", &[]));
    assert_eq!((error.http_method.as_str(), error.uri.as_str()), ("PUT", "/secret"));
    assert!(!reply.contains("secret"));
    let (_, error) = refused(&ServerPolicy::default(), b"GET /x HTTP/1.1\r\nBad Name: v\r\n");
    assert_eq!((error.http_method.as_str(), error.uri.as_str()), ("GET", "/x"));
    assert_eq!((error.header_name.as_str(), error.header_value.as_deref()), ("Bad Name", Some("v")));
    let (_, error) = refused(&ServerPolicy::default(), &request_with("GET / HTTP/1.0", &[]));
    assert_eq!(error.http_version, "HTTP/1.0");
    let (_, error) = refused(&ServerPolicy::default(), &request(&["Sec-WebSocket-Key"]));
    assert_eq!(error.header_value, None);
}

#[test]
fn origins() {
    let listed =
        ServerPolicy { origins: strings(&["https://example.com", "http://localhost:8080"]), ..Default::default() };
    let null = ServerPolicy { origins: strings(&["null"]), ..Default::default() };
    listed.validate().unwrap();
    for good in ["https://example.com", "HTTPS://EXAMPLE.com:443", "http://localhost:8080"] {
        assert_eq!(granted(&listed, &request(&[&format!("+Origin: {good}")])).2.origin, good);
    }
    for bad in [
        "http://example.com",
        "https://example.com:444",
        "https://example.com.evil.org",
        "https://evil-example.com",
        "https://sub.example.com",
        "https://example.co",
        "null",
        "",
        "https://example.com/",
        "https://example.com https://example.com",
        "https://example.com, https://example.com",
        "https://u@example.com",
        "http://localhost",
        "example.com",
    ] {
        let (reply, error) = refused(&listed, &request(&[&format!("+Origin: {bad}")]));
        assert_eq!((error.status, error.http_status, error.origin.as_str()), (Status::INVALID_ORIGIN, 403, bad));
        assert_eq!(error.header_value.as_deref(), Some(bad));
        check_reply(&reply, &error);
    }
    granted(&null, &request(&["+Origin: null"]));
    granted(&listed, &request(&[]));
    let strict = ServerPolicy { origin_required: true, ..listed };
    let (_, error) = refused(&strict, &request(&[]));
    assert_eq!((error.status, error.http_status, &error.header_value), (Status::INVALID_ORIGIN, 403, &None));
}

#[test]
fn subprotocols_on_the_server() {
    let mut policy = ServerPolicy { subprotocols: strings(&["v2", "v1"]), ..Default::default() };
    let (_, reply, handshake) =
        granted(&policy, &request(&["+Sec-WebSocket-Protocol: v0, v1", "+Sec-WebSocket-Protocol: v2"]));
    assert!(reply.contains("\r\nSec-WebSocket-Protocol: v2\r\n"), "the server's preference: {reply}");
    assert_eq!((handshake.subprotocol.as_str(), handshake.subprotocols_offered.len()), ("v2", 3));
    let (_, reply, handshake) = granted(&policy, &request(&["+Sec-WebSocket-Protocol: V1"]));
    assert!(!reply.contains("Protocol:") && handshake.subprotocol.is_empty(), "case counts");
    policy.subprotocol_required = true;
    for edits in [&["+Sec-WebSocket-Protocol: v9"][..], &[]] {
        let (reply, error) = refused(&policy, &request(edits));
        assert_eq!((error.status, error.http_status), (Status::SUBPROTOCOL, 400));
        check_reply(&reply, &error);
    }
}

#[test]
fn policies_are_validated() {
    let policy = |set: fn(&mut ServerPolicy)| {
        let mut policy = ServerPolicy::default();
        set(&mut policy);
        policy.validate().map_err(|e| e.status)
    };
    assert_eq!(policy(|_| ()), Ok(()));
    assert_eq!(policy(|p| p.server = Some("a\r\nb".into())), Err(Status::INVALID_HEADER_VALUE));
    assert_eq!(policy(|p| p.subprotocols = strings(&["a b"])), Err(Status::INVALID_HEADER_VALUE));
    assert_eq!(policy(|p| p.subprotocols = strings(&["a", "a"])), Err(Status::INVALID_ARGUMENT));
    assert_eq!(policy(|p| p.subprotocol_required = true), Err(Status::INVALID_ARGUMENT));
    assert_eq!(policy(|p| p.origins = strings(&["*"])), Err(Status::INVALID_ARGUMENT));
    assert_eq!(policy(|p| p.origins = strings(&["https://example.com/"])), Err(Status::INVALID_ARGUMENT));
    assert_eq!(policy(|p| p.origins = strings(&["null", "app://x"])), Ok(()));
}

#[test]
fn a_request_is_the_same_however_it_is_cut_and_what_follows_is_left() {
    let mut bytes = request(&[]);
    let head_len = bytes.len();
    bytes.extend_from_slice(b"\x81\x80masked");
    for size in 1..=bytes.len() {
        let mut handshake = ServerHandshake::new();
        let mut fed = 0;
        for chunk in bytes.chunks(size) {
            match handshake.receive(&Site::default(), chunk) {
                ServerProgress::NeedMore => fed += chunk.len(),
                ServerProgress::Open { consumed, .. } => {
                    fed += consumed;
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(fed, head_len, "chunks of {size}");
    }
}

#[test]
fn the_ends_of_a_server_handshake() {
    let (policy, site) = (ServerPolicy::default(), Site::default());
    let mut handshake = ServerHandshake::new();
    assert_eq!(handshake.eof().status, Status::INVALID_MESSAGE_EOF);
    assert!(matches!(handshake.receive(&site, b""), ServerProgress::NeedMore));
    assert!(matches!(handshake.receive(&site, b"GET /x HTTP/1.1\r\nHo"), ServerProgress::NeedMore));
    let error = handshake.eof();
    assert_eq!((error.status, error.uri.as_str(), error.current_size), (Status::INVALID_MESSAGE_EOF, "/x", Some(19)));
    assert!(matches!(handshake.receive(&site, b"\n"), ServerProgress::Refused { .. }));
    let ServerProgress::Refused { reply, error } = handshake.receive(&site, b"more") else { panic!("it was over") };
    assert!(
        reply.is_empty() && error.status == Status::INVALID_STATE && handshake.eof().status == Status::INVALID_STATE
    );
    let refusal = |status, http_status| Error::new(status, "").with(|e| e.http_status = http_status);
    let away = |status, http_status| turned_away(&policy, &refusal(status, http_status));
    for (reply, status) in [
        (away(Status::TOO_MANY_CONNECTIONS, 503), 503),
        (away(Status::TOO_MANY_CONNECTIONS, 429), 429),
        (away(Status::HANDSHAKE_ABORTED, 503), 503),
        (timed_out_reply(&policy), 408),
        (undecided(&policy), 503),
    ] {
        let error = Error::new(Status::ERROR, "").with(|e| {
            e.http_status = status;
            e.operation = Operation::Handshake;
        });
        check_reply(std::str::from_utf8(&reply).unwrap(), &error);
    }
    let nameless = ServerPolicy { server: Some(String::new()), ..policy };
    assert!(!String::from_utf8(undecided(&nameless)).unwrap().contains("Server"));
}

// ---- the client's half

fn client_request() -> ClientRequest {
    ClientRequest::new(Uri::parse("ws://server.example.com/chat?room=1").unwrap())
}

/// The response to the sample nonce, edited like `request`.
fn response(edits: &[&str]) -> Vec<u8> {
    let accept = format!("Sec-WebSocket-Accept: {ACCEPT}");
    let mut fields = strings(&["Upgrade: websocket", "Connection: Upgrade", &accept]);
    for edit in edits {
        match (edit.strip_prefix('+'), edit.split_once(':')) {
            (Some(added), _) => fields.push(added.to_owned()),
            (None, Some((name, _))) => {
                fields.iter_mut().filter(|f| f.starts_with(&format!("{name}:"))).for_each(|f| *f = (*edit).to_owned());
            }
            (None, None) => fields.retain(|f| !f.starts_with(&format!("{edit}:"))),
        }
    }
    format!("HTTP/1.1 101 Switching Protocols\r\n{}\r\n\r\n", fields.join("\r\n")).into_bytes()
}

/// Feeds a response in chunks, then the end of the connection.
fn answer(request: &ClientRequest, bytes: &[u8], size: usize) -> Result<(usize, Handshake), Error> {
    let mut client = ClientHandshake::new(request, NONCE).0;
    let mut fed = 0;
    for chunk in bytes.chunks(size) {
        match client.receive(chunk)? {
            ClientProgress::NeedMore => fed += chunk.len(),
            ClientProgress::Open { consumed, handshake } => return Ok((fed + consumed, handshake)),
        }
    }
    Err(client.eof())
}

fn failed(request: &ClientRequest, bytes: &[u8]) -> Error {
    let error = answer(request, bytes, usize::MAX).unwrap_err();
    assert_eq!(error.operation, Operation::Handshake);
    assert_eq!(error.uri, "ws://server.example.com/chat?room=1");
    assert!(!error.detail.is_empty());
    error
}

#[test]
fn a_client_says_what_it_was_told_to() {
    let mut request = client_request();
    let bytes = |request: &ClientRequest| String::from_utf8(ClientHandshake::new(request, NONCE).1).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let start =
        "GET /chat?room=1 HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    let key = format!("Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n");
    assert_eq!(bytes(&request), format!("{start}{key}User-Agent: hawser/{version}\r\n\r\n"));
    request.subprotocols = strings(&["a", "b"]);
    request.origin = Some("https://o".into());
    request.user_agent = Some("me".into());
    request.headers = vec![("Cookie".into(), "c=1".into()), ("cookie".into(), "d".into())];
    let rest =
        "Sec-WebSocket-Protocol: a, b\r\nOrigin: https://o\r\nUser-Agent: me\r\nCookie: c=1\r\ncookie: d\r\n\r\n";
    assert_eq!(bytes(&request), format!("{start}{key}{rest}"));
    request.validate().unwrap();
    let mut request = client_request();
    request.user_agent = Some(String::new());
    request.headers = vec![("X".into(), "y".into()), ("host".into(), "other:1".into())];
    assert_eq!(
        bytes(&request),
        format!("{}{key}X: y\r\n\r\n", start.replace("Host: server.example.com", "host: other:1"))
    );
    assert_eq!(answer(&request, &response(&[]), 9).unwrap().1.host, "other:1");
}

#[test]
fn what_a_client_may_not_ask_for() {
    use Status as S;
    let with_header = |name: &str, value: &str| {
        let mut request = client_request();
        request.headers = vec![(name.into(), value.into())];
        request.validate().map_err(|e| (e.status, e.header_name.clone(), e.header_value.clone()))
    };
    for (name, value, status) in [
        ("", "x", S::INVALID_HEADER_VALUE),
        ("a b", "x", S::INVALID_HEADER_VALUE),
        ("a:", "x", S::INVALID_HEADER_VALUE),
        ("a\r\nb", "x", S::INVALID_HEADER_VALUE),
        ("\u{e4}", "x", S::INVALID_HEADER_VALUE),
        ("X", "a\r\nb: c", S::INVALID_HEADER_VALUE),
        ("X", "\0", S::INVALID_HEADER_VALUE),
        ("X", "\x7f", S::INVALID_HEADER_VALUE),
        ("Host", "a/b", S::INVALID_HEADER_VALUE),
        ("connection", "x", S::INVALID_ARGUMENT),
        ("UPGRADE", "x", S::INVALID_ARGUMENT),
        ("Content-Length", "0", S::INVALID_ARGUMENT),
        ("Transfer-Encoding", "x", S::INVALID_ARGUMENT),
        ("sec-websocket-key", "x", S::INVALID_ARGUMENT),
        ("Sec-WebSocket-Anything", "x", S::INVALID_ARGUMENT),
        ("Sec-WebSocket-Protocol", "x", S::INVALID_ARGUMENT),
    ] {
        assert_eq!(with_header(name, value), Err((status, name.to_owned(), Some(value.to_owned()))));
    }
    for (name, value) in
        [("X", ""), ("X", "\t\u{e4} y"), ("Host", "h:1"), ("Origin", "https://o"), ("Sec-WebSocke\u{212a}", "x")]
    {
        assert_eq!(with_header(name, value).is_ok(), name.is_ascii(), "{name}");
    }
    let with = |set: fn(&mut ClientRequest)| {
        let mut request = client_request();
        set(&mut request);
        request.validate().map_err(|e| e.status)
    };
    assert_eq!(with(|r| r.origin = Some("a\r\nb".into())), Err(S::INVALID_HEADER_VALUE));
    assert_eq!(with(|r| r.user_agent = Some("a\nb".into())), Err(S::INVALID_HEADER_VALUE));
    assert_eq!(with(|r| r.subprotocols = strings(&["a,b"])), Err(S::INVALID_HEADER_VALUE));
    assert_eq!(with(|r| r.subprotocols = strings(&[""])), Err(S::INVALID_HEADER_VALUE));
    assert_eq!(with(|r| r.subprotocols = strings(&["a", "b", "a"])), Err(S::INVALID_ARGUMENT));
    assert_eq!(with(|r| r.subprotocol_required = true), Err(S::INVALID_ARGUMENT));
    assert_eq!(
        with(|r| {
            r.origin = Some("https://o".into());
            r.headers = vec![("origin".into(), "https://o".into())];
        }),
        Err(S::INVALID_ARGUMENT)
    );
}

#[test]
fn a_response_is_the_same_however_it_is_cut_and_what_follows_is_left() {
    let mut bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".to_vec();
    bytes.extend(response(&["+Set-Cookie: a", "+Set-Cookie: b"]));
    let head_len = bytes.len();
    bytes.extend_from_slice(b"\x81\x05hello");
    for size in 1..=bytes.len() {
        let (consumed, handshake) = answer(&client_request(), &bytes, size).unwrap();
        assert_eq!(consumed, head_len, "chunks of {size}");
        assert_eq!((handshake.http_status, handshake.headers.len()), (101, 5));
        assert_eq!(handshake.host, "server.example.com");
    }
}

#[test]
fn refusals_of_a_response() {
    use Status as S;
    let (upgrade, connection, accept) = ("Upgrade", "Connection", "Sec-WebSocket-Accept");
    let (protocol, extensions) = ("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions");
    let other_case = format!("Sec-WebSocket-Accept: {}", ACCEPT.to_lowercase());
    let twice = format!("+Sec-WebSocket-Accept: {ACCEPT}");
    #[rustfmt::skip]
    let table: &[(&[&str], Status, &str)] = &[
        (&["Upgrade"], S::INVALID_UPGRADE, upgrade),
        (&["Upgrade: h2c"], S::INVALID_UPGRADE, upgrade),
        (&["Upgrade: websocket, h2c"], S::INVALID_UPGRADE, upgrade),
        (&["Upgrade: ;"], S::INVALID_HEADER_FORMAT, upgrade),
        (&["Connection"], S::INVALID_UPGRADE, connection),
        (&["Connection: close"], S::INVALID_UPGRADE, connection),
        (&["Sec-WebSocket-Accept"], S::INVALID_HEADER, accept),
        (&[&twice], S::INVALID_HEADER, accept),
        (&["Sec-WebSocket-Accept: "], S::INVALID_HEADER_VALUE, accept),
        (&[&other_case], S::INVALID_HEADER_VALUE, accept),
        (&["Sec-WebSocket-Accept: x"], S::INVALID_HEADER_VALUE, accept),
        (&["+Sec-WebSocket-Protocol: other"], S::NEGOTIATION, protocol),
        (&["+Sec-WebSocket-Protocol: CHAT"], S::NEGOTIATION, protocol),
        (&["+Sec-WebSocket-Protocol: chat, talk"], S::INVALID_HEADER, protocol),
        (&["+Sec-WebSocket-Protocol: chat", "+Sec-WebSocket-Protocol: chat"], S::INVALID_HEADER, protocol),
        (&["+Sec-WebSocket-Protocol: "], S::INVALID_HEADER_FORMAT, protocol),
        (&["+Sec-WebSocket-Protocol: a b"], S::INVALID_HEADER_FORMAT, protocol),
        (&["+Sec-WebSocket-Extensions: permessage-deflate"], S::NEGOTIATION, extensions),
        (&["+Sec-WebSocket-Extensions: ;"], S::INVALID_HEADER_FORMAT, extensions),
        (&["+Sec-WebSocket-Extensions: "], S::INVALID_HEADER_FORMAT, extensions),
    ];
    let mut request = client_request();
    request.subprotocols = strings(&["chat", "talk"]);
    for (edits, status, name) in table {
        let error = failed(&request, &response(edits));
        assert_eq!((error.status, error.header_name.as_str()), (*status, *name), "{edits:?}: {error}");
        assert_eq!((error.http_status, error.headers.is_empty()), (101, false));
    }
    assert_eq!(answer(&request, &response(&["+Sec-WebSocket-Protocol: talk"]), 7).unwrap().1.subprotocol, "talk");
    assert_eq!(answer(&request, &response(&[]), 7).unwrap().1.subprotocol, "");
    request.subprotocol_required = true;
    assert_eq!(failed(&request, &response(&[])).status, S::SUBPROTOCOL);
}

#[test]
fn what_is_no_response() {
    use Status as S;
    let long = "a".repeat(9000);
    let many = "X: y\r\n".repeat(129);
    let cases: &[(&str, Status)] = &[
        ("", S::INVALID_MESSAGE_EOF),
        ("HTTP/1.1 101 Switch", S::INVALID_MESSAGE_EOF),
        ("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n", S::INVALID_MESSAGE_EOF),
        ("SSH-2.0-OpenSSH_9.2\r\n", S::INVALID_MESSAGE),
        ("\x15\x03\x01", S::INVALID_MESSAGE),
        ("\r\nHTTP/1.1 101 x\r\n", S::INVALID_MESSAGE),
        ("HTTP/1.1 999 x\r\n", S::INVALID_MESSAGE),
        ("HTTP/1.1 101 x\nA: b\n", S::INVALID_MESSAGE),
        ("HTTP/1.1 101 x\r\nA : b\r\n", S::INVALID_MESSAGE),
        ("HTTP/1.1 101 x\r\nA: b\r\n c\r\n", S::INVALID_MESSAGE),
        ("HTTP/1.0 101 x\r\n\r\n", S::INVALID_HTTP_VERSION),
        ("HTTP/2 101 x\r\n\r\n", S::INVALID_HTTP_VERSION),
        (&long, S::STATUS_LINE_TOO_LONG),
        (&format!("HTTP/1.1 101 {long}"), S::STATUS_LINE_TOO_LONG),
        (&format!("HTTP/1.1 101 x\r\nX: {long}"), S::HEADER_LINE_TOO_LONG),
        (&format!("HTTP/1.1 101 x\r\n{many}"), S::TOO_MANY_HEADERS),
        (&"HTTP/1.1 100 x\r\n\r\n".repeat(5000), S::HEADER_LINE_TOO_LONG),
        ("HTTP/1.1 404 x\r\nContent-Length: x\r\n\r\n", S::INVALID_MESSAGE),
        ("HTTP/1.1 404 x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", S::INVALID_MESSAGE),
        ("HTTP/1.1 404 x\r\nContent-Length: 2000000\r\n\r\nabc", S::BODY_TOO_LARGE),
    ];
    for (bytes, status) in cases {
        let error = failed(&client_request(), bytes.as_bytes());
        let start = &bytes[..bytes.len().min(60)];
        assert_eq!(error.status, *status, "{start:?}: {error}");
        assert_eq!(error.retry() == Retry::Yes, *status == S::INVALID_MESSAGE_EOF, "{start:?}");
        if bytes.contains(" 404 ") {
            assert_eq!((error.http_status, error.headers.len(), error.body_truncated), (404, 1, true));
        }
    }
    let error = failed(&client_request(), cases[cases.len() - 1].0.as_bytes());
    assert_eq!((error.body.as_slice(), error.size, error.max_size), (&b"abc"[..], Some(2_000_000), Some(1 << 20)));
}

#[test]
fn a_refused_handshake_brings_its_body() {
    let head = "HTTP/1.1 503 Busy\r\nSet-Cookie: a\r\nRetry-After: 7\r\nset-cookie: b\r\n";
    let framings = [
        "Content-Length: 5\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "\r\nhello",
    ];
    for framing in framings {
        let bytes = format!("{head}{framing}").into_bytes();
        for size in 1..=bytes.len() {
            let error = answer(&client_request(), &bytes, size).unwrap_err();
            assert_eq!(
                (error.status, error.http_status, error.http_reason.as_str()),
                (Status::INVALID_STATUS, 503, "Busy")
            );
            assert_eq!((error.body.as_slice(), error.body_truncated), (&b"hello"[..], false), "{framing:?} by {size}");
            assert_eq!(error.headers[2], ("set-cookie".to_owned(), "b".to_owned()));
            assert_eq!(error.retry(), Retry::After(7000));
        }
    }
    for cut in ["Content-Length: 9\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n9\r\nhello"] {
        let error = failed(&client_request(), format!("{head}{cut}").as_bytes());
        assert_eq!((error.status, error.body_truncated), (Status::INVALID_STATUS, true));
        assert_eq!(error.body, b"hello");
    }
    for none in [
        "HTTP/1.1 204 No\r\n\r\n",
        "HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ] {
        let mut client = ClientHandshake::new(&client_request(), NONCE).0;
        assert_eq!(client.receive(none.as_bytes()).unwrap_err().status, Status::INVALID_STATUS, "{none}");
    }
}

#[test]
fn time_runs_out_for_the_body_only() {
    let mut client = ClientHandshake::new(&client_request(), NONCE).0;
    assert_eq!(client.timed_out(), None);
    assert!(matches!(client.receive(b"HTTP/1.1 401 No\r\n"), Ok(ClientProgress::NeedMore)));
    assert_eq!(client.timed_out(), None);
    assert!(matches!(client.receive(b"\r\npart"), Ok(ClientProgress::NeedMore)));
    let error = client.timed_out().unwrap();
    assert_eq!((error.status, error.http_status), (Status::INVALID_STATUS, 401));
    assert_eq!((error.body.as_slice(), error.body_truncated), (&b"part"[..], true));
    assert_eq!((client.eof().body_truncated, client.eof().status), (false, Status::INVALID_STATE));
    assert_eq!(client.receive(b"x").unwrap_err().status, Status::INVALID_STATE);
}

#[test]
fn redirects_and_waits() {
    let seen = |status: &str, fields: &str| {
        failed(&client_request(), format!("HTTP/1.1 {status} x\r\n{fields}Content-Length: 0\r\n\r\n").as_bytes())
    };
    for status in ["300", "301", "302", "303", "307", "308"] {
        let error = seen(status, "Location: wss://elsewhere/x\r\n");
        assert_eq!((error.status, error.location.as_str()), (Status::REDIRECT, "wss://elsewhere/x"));
    }
    for (status, fields) in
        [("302", ""), ("302", "Location: a\r\nLocation: b\r\n"), ("304", "Location: a\r\n"), ("201", "Location: a\r\n")]
    {
        assert_eq!(seen(status, fields).status, Status::INVALID_STATUS, "{status} {fields}");
    }
    let wait = |value: &str| seen("503", &format!("Retry-After: {value}\r\n")).retry_after_ms;
    assert_eq!(wait("0"), Some(0));
    assert_eq!(wait("120"), Some(120_000));
    assert_eq!(wait("99999999999999999999999"), Some(i64::MAX as u64));
    for none in ["", "-1", "+1", "1.5", "Fri, 31 Dec 1999 23:59:59 GMT"] {
        assert_eq!(wait(none), None, "{none}");
    }
}

// ---- both together

#[test]
fn a_client_and_a_server_agree() {
    let mut request = client_request();
    request.subprotocols = strings(&["v1", "v2"]);
    request.origin = Some("https://example.com".into());
    request.headers = vec![("Cookie".into(), "caf\u{e9}=1".into())];
    let policy = ServerPolicy {
        subprotocols: strings(&["v2"]),
        origins: strings(&["https://example.com"]),
        ..Default::default()
    };
    request.validate().and(policy.validate()).unwrap();
    let (mut client, bytes) = ClientHandshake::new(&request, [7; 16]);
    let (_, reply, on_server) = granted(&policy, &bytes);
    let Ok(ClientProgress::Open { consumed, handshake: on_client }) = client.receive(reply.as_bytes()) else {
        panic!("{reply}")
    };
    assert_eq!(consumed, reply.len());
    assert_eq!(on_client.subprotocol, "v2");
    assert_eq!(Handshake { headers: Vec::new(), ..on_client }, Handshake { headers: Vec::new(), ..on_server.clone() });
    assert!(on_server.headers.contains(&("Cookie".to_owned(), "caf\u{e9}=1".to_owned())));
}

#[test]
fn a_client_understands_every_refusal() {
    let policy =
        ServerPolicy { origins: strings(&["https://example.com"]), origin_required: true, ..Default::default() };
    let (mut client, bytes) = ClientHandshake::new(&client_request(), NONCE);
    let (reply, refusal) = refused(&policy, &bytes);
    let error = client.receive(reply.as_bytes()).unwrap_err();
    assert_eq!((error.status, error.http_status), (Status::INVALID_STATUS, refusal.http_status));
    assert_eq!(
        (error.http_reason.as_str(), error.body.as_slice()),
        ("Forbidden", &b"Forbidden: an Origin header is required.\n"[..])
    );
}

// ---- what nobody would send

/// Knuth's MMIX generator; the same numbers in every run.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound.max(1)
    }

    /// Cuts, copies, flips and inserts.
    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        let interesting = b"\r\n\0\t :;,=\"\\/%\x7f\x80\xff0aZ";
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            match self.below(5) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes.insert(at, interesting[self.below(interesting.len())]),
                2 if at < bytes.len() => bytes[at] = self.below(256) as u8,
                3 if at < bytes.len() => drop(bytes.remove(at)),
                _ => {
                    let end = (at + self.below(40)).min(bytes.len());
                    bytes.extend_from_within(at..end);
                }
            }
        }
    }
}

#[test]
fn mutated_requests_and_responses_never_panic() {
    let mut random = Lcg(2026);
    let requests =
        [request(&["+Origin: https://a", "+Sec-WebSocket-Protocol: a, b", "+Sec-WebSocket-Extensions: a; b=\"c\""])];
    let responses = [
        response(&["+Sec-WebSocket-Protocol: a"]),
        b"HTTP/1.1 100 x\r\n\r\nHTTP/1.1 302 x\r\nLocation: ws://a\r\nContent-Length: 4\r\n\r\nabcd".to_vec(),
        b"HTTP/1.1 500 x\r\nRetry-After: 1\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nA: b\r\n\r\n"
            .to_vec(),
    ];
    let policy = ServerPolicy { subprotocols: strings(&["b"]), origins: strings(&["https://a"]), ..Default::default() };
    let site = Site::from(policy);
    let mut client_request = client_request();
    client_request.subprotocols = strings(&["a"]);
    for round in 0..20_000 {
        let mut bytes = requests[0].clone();
        random.mutate(&mut bytes);
        let mut server = ServerHandshake::new();
        let size = random.below(bytes.len()) + 1;
        for chunk in bytes.chunks(size) {
            match server.receive(&site, chunk) {
                ServerProgress::NeedMore => continue,
                ServerProgress::Open { consumed, .. } => assert!(consumed <= chunk.len()),
                ServerProgress::Refused { reply, error } => assert!(!reply.is_empty() && error.http_status >= 400),
                other => panic!("{other:?}"),
            }
            break;
        }
        assert_ne!(server.eof().status, Status::OK);

        let mut bytes = responses[round % responses.len()].clone();
        random.mutate(&mut bytes);
        let size = random.below(bytes.len()) + 1;
        match answer(&client_request, &bytes, size) {
            Ok((consumed, handshake)) => assert!(consumed <= bytes.len() && handshake.http_status == 101),
            Err(error) => assert!(error.status.is_a(Status::HANDSHAKE), "{error}"),
        }
    }
}

#[test]
fn mutated_uris_never_panic_and_what_is_accepted_is_fit_for_a_request() {
    let mut random = Lcg(6455);
    let base = Uri::parse("ws://[fe80::1%eth0]/a/b?c").unwrap();
    for _ in 0..20_000 {
        let seeds =
            ["wss://us:er@[fe80::1%25eth0]:443/p%20\u{e4}?q=1", "ws://b\u{fc}cher.example:80/a/../b", "//h/?#f"];
        let mut bytes = seeds[random.below(seeds.len())].as_bytes().to_vec();
        random.mutate(&mut bytes);
        let text = String::from_utf8_lossy(&bytes);
        for uri in [Uri::parse(&text), base.resolve(&text)].into_iter().flatten() {
            assert!(uri.target.bytes().chain(uri.host.bytes()).all(|b| b.is_ascii_graphic()));
            let shown = Uri::parse(&uri.to_string()).unwrap();
            let host = uri.host_without_zone().to_owned();
            assert_eq!(shown, Uri { user: None, host, ..uri });
        }
    }
}
