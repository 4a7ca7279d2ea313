//! Servers with routes: what is put to the host, what is answered for it, and what becomes of a request meanwhile.

use std::sync::Arc;

use hawser::error::{Operation, Status};
use hawser::handshake::{Answer, Gate, Grant, Places, Response, Route, ServerPolicy, Site};
use hawser::protocol::Limits;
use hawser::session::{Fate, Settings, State, Terms};

use crate::pair::*;

const REQUEST: &str = "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

fn gate(decide: bool, places: Option<Places>) -> Answer {
    let policy = ServerPolicy { subprotocols: vec!["a".into(), "b".into()], ..ServerPolicy::default() };
    Answer::WebSocket(Arc::new(Gate { policy, places, decide }))
}

fn page() -> Response {
    Response { status: 200, headers: Vec::new(), body: b"ahoy".to_vec() }
}

/// `/ask` is the host's to decide, `/one` has a single place and short messages, `/page` is a page.
fn terms() -> Arc<Terms> {
    let usual = Arc::new(Settings::default());
    let short = Limits { message_max: 5, frame_max: 5, ..usual.limits.clone() };
    let short = Arc::new(Settings { limits: short, ..Settings::default() });
    let answers =
        [("/ask", gate(true, None)), ("/one", gate(false, Some(Places::new(1)))), ("/page", Answer::Response(page()))];
    let routes = answers.map(|(pattern, answer)| Route { pattern: pattern.to_owned(), answer, user: 7 });
    let site = Site::with_routes(ServerPolicy::default(), routes.into()).unwrap();
    Arc::new(Terms { site, settings: Arc::clone(&usual), by_route: vec![Arc::clone(&usual), short, usual] })
}

/// A server that was asked for this path.
fn asked(terms: &Arc<Terms>, path: &str, chunk: usize) -> Peer {
    let mut server = Peer::server_on(terms, START);
    server.feed(format!("GET {path} HTTP/1.1\r\n{REQUEST}").as_bytes(), chunk);
    server
}

fn said(server: &mut Peer) -> String {
    server.flush();
    String::from_utf8_lossy(&server.wire).into_owned()
}

#[test]
fn a_request_is_put_to_the_host_however_it_comes() {
    let terms = terms();
    for chunk in chunkings() {
        let mut server = asked(&terms, "/ask?x", chunk);
        let [Seen::Asked(handshake, true)] = server.seen.as_slice() else { panic!("{:?}", server.seen) };
        assert_eq!((handshake.http_status, handshake.target.as_str()), (0, "/ask?x"));
        assert_eq!(handshake.route.as_ref().unwrap().route.user, 7);
        assert!(server.session.is_asked() && !server.session.wants_read() && server.wire.is_empty());
        assert_eq!((server.session.state(), server.session.fate()), (State::Connecting, Fate::Keep));
        let grant = Grant { subprotocol: None, headers: vec![("X".into(), "y".into())] };
        let handshake = server.with(|session, kit| session.grant(&grant, kit)).unwrap();
        assert_eq!((handshake.http_status, server.session.state()), (101, State::Open));
        assert!(said(&mut server).ends_with("\r\nX: y\r\n\r\n"));
        let error = server.with(|session, kit| session.answer(&page(), kit)).unwrap_err();
        assert_eq!(error.status, Status::INVALID_HANDLE, "it is decided");
    }
}

#[test]
fn a_request_is_answered() {
    let mut server = asked(&terms(), "/ask", WHOLE);
    server.with(|session, kit| session.answer(&page(), kit)).unwrap();
    assert!(said(&mut server).ends_with("\r\n\r\nahoy"));
    assert_eq!(server.session.fate(), Fate::HalfClose);
    let error = server.outcome();
    assert_eq!((error.status, error.http_status, error.uri.as_str()), (Status::HANDSHAKE_ABORTED, 200, "/ask"));
    assert_eq!(error.body, b"ahoy");
}

#[test]
fn a_request_waits_until_the_open_deadline_or_its_peer_ends() {
    let terms = terms();
    let mut late = asked(&terms, "/ask", WHOLE);
    assert_eq!(late.tick_on_time(), START + terms.settings.timers.open);
    assert!(said(&mut late).starts_with("HTTP/1.1 503 "));
    let error = late.outcome();
    assert_eq!((error.status, error.operation), (Status::HANDSHAKE_TIMEOUT, Operation::Handshake));
    let mut gone = asked(&terms, "/ask", WHOLE);
    gone.eof();
    assert_eq!((gone.outcome().status, gone.session.fate()), (Status::UNEXPECTED_EOF, Fate::Drop));
    for mut over in [late, gone] {
        let error = over.with(|session, kit| session.grant(&Grant::default(), kit)).unwrap_err();
        assert_eq!(error.status, Status::INVALID_HANDLE);
    }
}

#[test]
fn a_page_is_for_everybody() {
    for chunk in chunkings() {
        let mut server = asked(&terms(), "/page", chunk);
        assert_eq!(server.seen, [Seen::Answered]);
        assert!(said(&mut server).starts_with("HTTP/1.1 200 OK\r\n"));
        assert_eq!(server.session.fate(), Fate::HalfClose);
    }
}

#[test]
fn a_place_is_free_when_the_handshake_is_forgotten() {
    let terms = terms();
    let mut first = asked(&terms, "/one", WHOLE);
    let mut second = asked(&terms, "/one", WHOLE);
    assert!(said(&mut second).starts_with("HTTP/1.1 503 "));
    let error = second.outcome();
    assert_eq!((error.status, error.max_connections, error.in_use), (Status::TOO_MANY_CONNECTIONS, 1, 1));
    first.flush();
    first.wire.clear();
    first.feed(&frame_of_six(), WHOLE);
    assert_eq!(first.close_sent().unwrap().code, 1009, "its route has limits of its own");
    first.seen.clear();
    let mut third = asked(&terms, "/one", WHOLE);
    assert!(said(&mut third).starts_with("HTTP/1.1 101 "));
}

#[test]
fn elsewhere_there_is_nothing() {
    let mut server = asked(&terms(), "/", WHOLE);
    assert!(said(&mut server).starts_with("HTTP/1.1 404 "));
    assert_eq!((server.outcome().status, server.seen.len()), (Status::HANDSHAKE_ABORTED, 0));
}

/// Binary, masked with zeros.
fn frame_of_six() -> Vec<u8> {
    [&[0x82, 0x86, 0, 0, 0, 0][..], b"sixsix"].concat()
}
