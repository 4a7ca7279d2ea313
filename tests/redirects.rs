//! Redirects: which a client follows, what it takes along, and what it says about those it does not follow.

use hawser::error::{Error, Operation, Retry, Status};
use hawser::handshake::{ClientHandshake, ClientProgress, ClientRequest, Redirects};
use hawser::http::{Credentials, Uri};

/// A request that says everything a request can say.
fn request(uri: &str) -> ClientRequest {
    let mut request = ClientRequest::new(Uri::parse(uri).unwrap());
    request.origin = Some("https://page.example".into());
    request.user_agent = Some("me".into());
    request.subprotocols = vec!["chat".into()];
    request.headers =
        [("Cookie", "c=1"), ("Host", "virtual"), ("X", "y"), ("Proxy-Authorization", "Basic eA==")].map(own).to_vec();
    request
}

fn own((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn bytes(request: &ClientRequest) -> String {
    request.validate().unwrap();
    String::from_utf8(ClientHandshake::new(request, [7; 16]).1).unwrap()
}

/// What the client makes of such an answer.
fn refusal(request: &ClientRequest, status: u16, fields: &str) -> Error {
    let (mut client, _) = ClientHandshake::new(request, [7; 16]);
    let response = format!("HTTP/1.1 {status} x\r\n{fields}Content-Length: 0\r\n\r\n");
    match client.receive(response.as_bytes()) {
        Err(error) => error,
        Ok(ClientProgress::NeedMore | ClientProgress::Open { .. }) => panic!("{response}"),
    }
}

fn redirect(redirects: &mut Redirects, request: &ClientRequest, location: &str) -> Result<ClientRequest, Error> {
    redirects.follow(request, refusal(request, 302, &format!("Location: {location}\r\n")))
}

fn statuses(error: &Error) -> Vec<&str> {
    error.chain().map(|e| e.status.name()).collect()
}

#[test]
fn every_status_that_names_one_place_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let request = request("ws://a.example/x/y?z");
        let next = Redirects::new(1).follow(&request, refusal(&request, status, "Location: ../b?c#d\r\n")).unwrap();
        assert_eq!(next.uri.to_string(), "ws://a.example/b?c", "{status}");
    }
}

#[test]
fn what_leads_nowhere_stays_the_error_that_it_is() {
    let request = request("ws://a.example/");
    for (max, status, fields, code) in [
        (0, 302, "Location: /b\r\n", Status::REDIRECT),
        (9, 300, "Location: /b\r\n", Status::REDIRECT),
        (9, 302, "", Status::INVALID_STATUS),
        (9, 302, "Location: \r\n", Status::INVALID_STATUS),
        (9, 302, "Location: /b\r\nLocation: /b\r\n", Status::INVALID_STATUS),
        (9, 304, "Location: /b\r\n", Status::INVALID_STATUS),
        (9, 201, "Location: /b\r\n", Status::INVALID_STATUS),
        (9, 404, "Location: /b\r\n", Status::INVALID_STATUS),
    ] {
        let error = Redirects::new(max).follow(&request, refusal(&request, status, fields)).unwrap_err();
        assert_eq!((error.status, error.http_status, error.uri.as_str()), (code, status, "ws://a.example/"));
        assert_eq!((error.location == "/b", &error.cause), (code == Status::REDIRECT, &None), "{status} {fields}");
    }
    let timeout = Error::new(Status::HANDSHAKE_TIMEOUT, "");
    assert_eq!(Redirects::new(9).follow(&request, timeout.clone()), Err(timeout));
}

#[test]
fn to_the_same_origin_everything_goes_along() {
    let mut before = request("ws://u:p@a.example/x");
    for location in ["/y", "//a.example/y", "ws://A.example:80/y"] {
        let next = redirect(&mut Redirects::new(1), &before, location).unwrap();
        let moved = Uri { target: "/y".to_owned(), ..before.uri.clone() };
        assert_eq!(next, ClientRequest { uri: moved, ..before.clone() }, "{location}");
    }
    before.credentials = Some(Credentials::new("option", "secret").unwrap());
    let next = redirect(&mut Redirects::new(1), &before, "//a.example/y").unwrap();
    assert_eq!((&next.credentials, &next.headers), (&before.credentials, &before.headers));
}

#[test]
fn credentials_of_a_location_take_the_place_of_all_others() {
    let expected = Credentials::new("new", "s3cret").unwrap();
    let mut with_option = request("ws://u:p@a.example/x");
    with_option.credentials = Some(Credentials::new("option", "secret").unwrap());
    let mut with_header = request("ws://a.example/x");
    with_header.headers.push(own(("authorization", "Bearer secret")));
    for before in [with_option, with_header] {
        for location in ["ws://new:s3cret@a.example/y", "ws://new:s3cret@b.example/"] {
            let next = redirect(&mut Redirects::new(1), &before, location).unwrap();
            assert_eq!((&next.uri.user, &next.credentials), (&Some(expected.clone()), &None));
            let sent = bytes(&next);
            assert_eq!(sent.to_lowercase().matches("\r\nauthorization:").count(), 1, "{sent}");
            assert!(sent.contains(&expected.basic()), "{sent}");
        }
    }
}

#[test]
fn to_another_origin_nothing_goes_that_was_meant_for_the_first() {
    for location in ["ws://b.example/", "wss://a.example/", "ws://a.example:81/", "//sub.a.example/", "//a.example./"] {
        let mut before = request("ws://u:p@a.example/");
        before.credentials = Some(Credentials::new("option", "secret").unwrap());
        let next = redirect(&mut Redirects::new(1), &before, location).unwrap();
        assert_eq!((&next.uri.user, &next.credentials, next.headers.len()), (&None, &None, 0), "{location}");
        let sent = bytes(&next);
        for gone in ["uthorization", "ookie", "virtual", "X: y"] {
            assert!(!sent.contains(gone), "{location}: {sent}");
        }
        for kept in ["Origin: https://page.example\r\n", "User-Agent: me\r\n", "Sec-WebSocket-Protocol: chat\r\n"] {
            assert!(sent.contains(kept), "{location}: {sent}");
        }
        assert!(sent.contains(&format!("\r\nHost: {}\r\n", next.uri.host_header())), "{sent}");
    }
}

#[test]
fn what_was_dropped_on_the_way_does_not_come_back() {
    let mut redirects = Redirects::new(9);
    let first = request("ws://u:p@a.example/");
    let away = redirect(&mut redirects, &first, "ws://b.example/").unwrap();
    let back = redirect(&mut redirects, &away, "ws://a.example/again").unwrap();
    assert_eq!((&back.uri.user, back.headers.len()), (&None, 0));
}

#[test]
fn redirects_that_are_not_followed_say_why() {
    use Status as S;
    #[rustfmt::skip]
    let table: &[(&str, &str, Status, &str, &str)] = &[
        ("wss://a.example/", "ws://a.example/", S::REDIRECT_DOWNGRADE, "ws://a.example/", "nothing would be encrypted any more"),
        ("wss://a.example/", "ws://b.example/", S::REDIRECT_DOWNGRADE, "ws://b.example/", "nothing would be encrypted any more"),
        ("wss://a.example/", "http://b.example/", S::INVALID_URI, "http://b.example/", "a redirect to another scheme"),
        ("ws://a.example/", "https://b.example/", S::INVALID_URI, "https://b.example/", "a redirect to another scheme"),
        ("ws://a.example/", "data:,x", S::INVALID_URI, "data:,x", "a redirect to another scheme"),
        ("ws://a.example/", "//b.example:x/", S::INVALID_URI, "//b.example:x/", "the port is not a number from 1 to 65535"),
        ("ws://a.example/", "ws://u:p@/", S::INVALID_URI, "ws://***@/", "the host is missing"),
        ("ws://a.example/", "/a b", S::INVALID_URI, "/a b", "a space: write it as %20"),
        ("ws://a.example/", "/", S::TOO_MANY_REDIRECTS, "/", "a loop"),
        ("ws://a.example/", "#here", S::TOO_MANY_REDIRECTS, "#here", "a loop"),
    ];
    for (uri, location, status, shown, detail) in table {
        let error = redirect(&mut Redirects::new(5), &request(uri), location).unwrap_err();
        assert_eq!((error.status, error.detail.as_ref()), (*status, *detail), "{location}: {error}");
        assert_eq!((error.location.as_str(), error.uri.as_str()), (*shown, *uri), "{location}");
        assert_eq!((error.http_status, error.operation, error.retry()), (302, Operation::Handshake, Retry::No));
        assert_eq!(statuses(&error), [status.name(), "REDIRECT"]);
        assert_eq!(error.position.is_some(), *status == S::INVALID_URI, "{location}");
    }
}

#[test]
fn there_is_an_end_to_redirects() {
    let mut redirects = Redirects::new(2);
    let mut request = request("ws://a.example/0");
    for hop in 1..=2 {
        request = redirect(&mut redirects, &request, &format!("/{hop}")).unwrap();
    }
    let error = redirect(&mut redirects, &request, "/3").unwrap_err();
    assert_eq!((error.status, error.attempts, error.max_attempts), (Status::TOO_MANY_REDIRECTS, 2, 2));
    assert_eq!((error.location.as_str(), error.uri.as_str()), ("/3", "ws://a.example/2"));
    assert_eq!(statuses(&error), ["TOO_MANY_REDIRECTS", "REDIRECT", "REDIRECT", "REDIRECT"]);
    let story: Vec<_> = error.chain().skip(1).map(|e| (e.uri.as_str(), e.location.as_str(), &*e.detail)).collect();
    assert_eq!(
        story,
        [
            ("ws://a.example/2", "/3", "not followed"),
            ("ws://a.example/1", "/2", "followed"),
            ("ws://a.example/0", "/1", "followed")
        ]
    );
    assert_eq!(redirects.explain(error.clone()), error, "told once");
}

#[test]
fn a_loop_is_noticed_wherever_it_closes() {
    let mut redirects = Redirects::new(9);
    let a = request("ws://u:p@a.example/");
    let b = redirect(&mut redirects, &a, "/b").unwrap();
    let c = redirect(&mut redirects, &b, "ws://a.example/c").unwrap();
    let error = redirect(&mut redirects, &c, "ws://a.example:80/b#x").unwrap_err();
    assert_eq!((error.status, error.detail.as_ref()), (Status::TOO_MANY_REDIRECTS, "a loop"));
    assert_eq!((error.attempts, error.max_attempts), (2, 9));
}

#[test]
fn an_error_further_on_tells_where_it_all_began() {
    let mut redirects = Redirects::new(9);
    let first = request("ws://a.example/");
    let alone = Error::new(Status::CONNECT_FAILED, "").because(Error::new(Status::CONNECTION_REFUSED, ""));
    assert_eq!(redirects.explain(alone.clone()), alone);
    let second = redirect(&mut redirects, &first, "//b.example").unwrap();
    let third = redirect(&mut redirects, &second, "//c.example").unwrap();
    let error = redirects.explain(alone);
    assert_eq!(statuses(&error), ["CONNECT_FAILED", "CONNECTION_REFUSED", "REDIRECT", "REDIRECT"]);
    let root = error.chain().last().unwrap();
    assert_eq!((root.uri.as_str(), root.location.as_str()), ("ws://a.example/", "//b.example"));
    let refused = redirects.follow(&third, refusal(&third, 503, "")).unwrap_err();
    assert_eq!(statuses(&refused), ["INVALID_STATUS", "REDIRECT", "REDIRECT"]);
    assert_eq!(refused.retry(), Retry::Yes, "the story changes nothing");
}

#[test]
fn no_credentials_are_in_any_story_about_redirects() {
    let mut redirects = Redirects::new(2);
    let first = request("ws://u:cret1@a.example/");
    let second = redirect(&mut redirects, &first, "ws://u:cret2@b.example/").unwrap();
    for location in ["http://u:cret3@c.example/", "ws://u:cr/et3@c.example/", "ws://cret3@c.example/"] {
        let refused = refusal(&second, 302, &format!("Location: {location}\r\nX: y\r\n"));
        assert!(!format!("{refused:?}").contains("et3"), "{refused:?}");
        let error = redirects.clone().follow(&second, refused).unwrap_err();
        assert!(!format!("{error:?} {error} {redirects:?} {second:?}").contains("cret"), "{error:?}");
        assert!(error.location.contains("***@c.example"), "{error:?}");
    }
    let third = redirect(&mut redirects, &second, "ws://u:cret3@c.example/").unwrap();
    assert_eq!(third.uri.user.as_ref().map(|user| user.password.as_str()), Some("cret3"), "but it is used");
    assert!(!format!("{redirects:?} {:?}", redirects.explain(Error::new(Status::IO, ""))).contains("cret"));
}
