//! Basic authentication from both sides, and that no secret gets into what may be logged.

use hawser::error::{Error, Operation, Retry, Status};
use hawser::handshake::{
    ClientHandshake, ClientRequest, Handshake, Redirects, ServerHandshake, ServerPolicy, ServerProgress, Site,
};
use hawser::http::{Credentials, Uri};

fn credentials(user: &str, password: &str) -> Credentials {
    Credentials::new(user, password).unwrap()
}

fn policy(known: &[(&str, &str)]) -> ServerPolicy {
    let policy = ServerPolicy {
        credentials: known.iter().map(|(user, password)| credentials(user, password)).collect(),
        ..Default::default()
    };
    policy.validate().unwrap();
    policy
}

fn request(uri: &str, headers: &[(&str, &str)]) -> ClientRequest {
    let mut request = ClientRequest::new(Uri::parse(uri).unwrap());
    request.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    request
}

fn serve(policy: &ServerPolicy, request: &[u8]) -> Result<Handshake, (String, Error)> {
    match ServerHandshake::new().receive(&Site::from(policy.clone()), request) {
        ServerProgress::Open { handshake, .. } => Ok(handshake),
        ServerProgress::Refused { reply, error } => Err((String::from_utf8(reply).unwrap(), error)),
        other => panic!("{other:?}"),
    }
}

fn sent(request: &ClientRequest) -> Vec<u8> {
    ClientHandshake::new(request, [7; 16]).1
}

#[test]
fn a_client_says_who_it_is() {
    let authorization = |request: &ClientRequest| {
        request.validate().unwrap();
        let sent = String::from_utf8(sent(request)).unwrap();
        assert!(!sent.contains('@'), "{sent}");
        let values: Vec<_> = sent.lines().filter_map(|line| line.strip_prefix("Authorization: ")).collect();
        values.join(" and ")
    };
    assert_eq!(authorization(&request("ws://h/", &[])), "");
    let mut asked = request("ws://u:p%3A%20%C3%A4@h/", &[]);
    assert_eq!(authorization(&asked), credentials("u", "p: \u{e4}").basic());
    asked.credentials = Some(credentials("option", ""));
    assert_eq!(authorization(&asked), "Basic b3B0aW9uOg==", "an option is the later word");
    assert_eq!(authorization(&request("ws://h/", &[("Authorization", "Bearer x")])), "Bearer x");
}

#[test]
fn a_client_says_so_once() {
    let mut asked = request("ws://h/", &[("authorization", "Bearer cret")]);
    asked.credentials = Some(credentials("me", "cret"));
    let twice = request("ws://h/", &[("Authorization", "a cret"), ("Authorization", "a cret")]);
    for request in [asked, request("ws://u:cret@h/", &[("AUTHORIZATION", "Bearer cret")]), twice] {
        let error = request.validate().unwrap_err();
        assert_eq!((error.status, error.detail.as_ref()), (Status::INVALID_ARGUMENT, "headers: this one is set twice"));
        assert!(error.header_name.eq_ignore_ascii_case("authorization") && error.header_value.is_some());
        assert!(!format!("{error:?}").contains("cret"), "{error:?}");
    }
    let mut unsayable = request("ws://h/", &[]);
    unsayable.credentials = Some(Credentials { user: "a:b".into(), password: String::new() });
    assert_eq!(unsayable.validate().unwrap_err().status, Status::INVALID_ARGUMENT);
}

#[test]
fn a_server_lets_in_whom_it_knows() {
    let open = policy(&[]);
    let closed = policy(&[("me", "old"), ("me", "new"), ("j\u{fc}rgen", "se:cret"), ("", "")]);
    for (user, password) in [("me", "old"), ("me", "new"), ("j\u{fc}rgen", "se:cret"), ("", "")] {
        let mut asked = request("ws://h/", &[]);
        asked.credentials = Some(credentials(user, password));
        let handshake = serve(&closed, &sent(&asked)).unwrap();
        assert_eq!(handshake.user, user);
        let own = ("Authorization".to_owned(), credentials(user, password).basic());
        assert!(handshake.headers.contains(&own), "the host may look");
        assert!(!format!("{handshake:?}").contains(&own.1), "a log may not");
        assert_eq!(serve(&open, &sent(&asked)).unwrap().user, "", "nobody asked");
    }
    for value in ["basic bWU6bmV3", "BASIC   bWU6bmV3"] {
        assert_eq!(serve(&closed, &sent(&request("ws://h/", &[("Authorization", value)]))).unwrap().user, "me");
    }
}

#[test]
fn everybody_else_is_asked_for_credentials() {
    use Status as S;
    let closed = policy(&[("me", "secret")]);
    let basic = |user, password| credentials(user, password).basic();
    #[rustfmt::skip]
    let table: &[(&str, Status, Option<u64>)] = &[
        (&basic("me", "wrong"), S::INVALID_HEADER_VALUE, None),
        (&basic("me", "secre"), S::INVALID_HEADER_VALUE, None),
        (&basic("me", "secrets"), S::INVALID_HEADER_VALUE, None),
        (&basic("ME", "secret"), S::INVALID_HEADER_VALUE, None),
        (&basic("you", "secret"), S::INVALID_HEADER_VALUE, None),
        ("Basic bWU6//8=", S::INVALID_HEADER_VALUE, None),
        ("Bearer bWU6c2VjcmV0", S::INVALID_HEADER_VALUE, None),
        ("bWU6c2VjcmV0", S::INVALID_HEADER_VALUE, None),
        ("", S::INVALID_HEADER_VALUE, None),
        ("Basic", S::INVALID_HEADER_FORMAT, Some(5)),
        ("Basic ", S::INVALID_HEADER_FORMAT, Some(5)),
        ("Basic bWU6c2VjcmV", S::INVALID_HEADER_FORMAT, Some(6)),
        ("Basic bWU6c2VjcmV0 x", S::INVALID_HEADER_FORMAT, Some(6)),
        ("Basic  me:secret", S::INVALID_HEADER_FORMAT, Some(7)),
        ("Basic bWVzZWNyZXQ=", S::INVALID_HEADER_FORMAT, Some(6)),
    ];
    for (value, status, position) in table {
        let (reply, error) = serve(&closed, &sent(&request("ws://h/", &[("Authorization", value)]))).unwrap_err();
        assert_eq!((error.status, error.position), (*status, *position), "{value}: {error}");
        assert_eq!(error.header_value.as_deref(), Some("***"));
        check_challenge(&reply, &error);
    }
    let (reply, error) = serve(&closed, &sent(&request("ws://h/", &[]))).unwrap_err();
    assert_eq!((error.status, &error.header_value), (S::INVALID_HEADER, &None));
    check_challenge(&reply, &error);
    let twice = [("Authorization", basic("me", "secret")), ("Authorization", basic("me", "secret"))];
    let twice = twice.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (reply, error) = serve(&closed, &sent(&request("ws://h/", &twice))).unwrap_err();
    assert_eq!((error.status, error.header_value.as_deref()), (S::INVALID_HEADER, Some("***, ***")));
    check_challenge(&reply, &error);
}

fn check_challenge(reply: &str, error: &Error) {
    assert!(reply.starts_with("HTTP/1.1 401 Unauthorized\r\n"), "{reply}");
    assert!(reply.contains("\r\nWWW-Authenticate: Basic realm=\"hawser\", charset=\"UTF-8\"\r\n"), "{reply}");
    assert_eq!((error.http_status, error.header_name.as_str()), (401, "Authorization"));
    assert_eq!((error.operation, error.retry()), (Operation::Handshake, Retry::No));
}

#[test]
fn a_realm_stays_inside_its_quotes() {
    let mut closed = policy(&[("me", "secret")]);
    closed.realm = r#"the "inner" \ circle"#.to_owned();
    closed.validate().unwrap();
    let (reply, _) = serve(&closed, &sent(&request("ws://h/", &[]))).unwrap_err();
    assert!(reply.contains(r#"Basic realm="the \"inner\" \\ circle", charset="#), "{reply}");
    closed.realm = "a\r\nX: y".to_owned();
    let error = closed.validate().unwrap_err();
    assert_eq!((error.status, error.header_name.as_str()), (Status::INVALID_HEADER_VALUE, "WWW-Authenticate"));
    closed = policy(&[]);
    closed.credentials.push(Credentials { user: "a:b".into(), password: "cret".into() });
    let error = closed.validate().unwrap_err();
    assert_eq!(error.status, Status::INVALID_ARGUMENT);
    assert!(!format!("{error:?} {closed:?}").contains("cret"));
}

#[test]
fn a_bad_request_comes_first_then_the_page_then_the_user_then_the_talk() {
    let mut strict = policy(&[("me", "secret")]);
    strict.origins = vec!["https://page.example".into()];
    strict.subprotocols = vec!["chat".into()];
    strict.subprotocol_required = true;
    let status = |origin: &str, user: Option<&str>, edit: (&str, &str)| {
        let mut asked = request("ws://h/", &[]);
        asked.origin = Some(origin.to_owned());
        asked.credentials = user.map(|user| credentials(user, "secret"));
        let bytes = String::from_utf8(sent(&asked)).unwrap().replace(edit.0, edit.1);
        serve(&strict, bytes.as_bytes()).unwrap_err().1.http_status
    };
    let (good, version) = ("https://page.example", ("Version: 13", "Version: x"));
    assert_eq!(status("https://evil.example", None, version), 426);
    assert_eq!(status("https://evil.example", None, ("", "")), 403);
    assert_eq!(status(good, None, ("", "")), 401);
    assert_eq!(status(good, Some("me"), ("", "")), 400);
}

// ---- secrets

/// Everything a log could hold of an error.
fn assert_silent(error: &Error) {
    let shown = format!("{error:?} {error} {}", error.message());
    assert!(!shown.contains("cret") && !shown.contains("Y3JldA"), "{shown}");
}

#[test]
fn errors_of_a_client_hold_no_secret() {
    for uri in ["ws://u:cret@h:x/", "ws://cret@h/", "http://u:cret@h/", "ws://u:cr%zzcret@h", "ws://a%3A:cret@h/"] {
        assert_silent(&Uri::parse(uri).unwrap_err());
    }
    for header in [
        ("Authorization", "Basic cret\n"),
        ("Proxy-Authorization", "cret\0"),
        ("Cookie", "a=cret\r"),
        ("Authorization: Basic cret", ""),
        ("Authorization Basic cret", "x"),
    ] {
        let request = request("ws://u:cret@h/", &[header]);
        assert_silent(&request.validate().unwrap_err());
        assert!(!format!("{request:?}").contains("cret"), "{request:?}");
    }
    let asked = request("ws://u:cret@h/", &[("Cookie", "cret")]);
    let echo = "Authorization: Basic cret\r\nProxy-Authorization: Basic cret\r\nCookie: cret\r\n";
    for head in [
        "101 x\r\n".to_owned(),
        "401 x\r\nContent-Length: 0\r\n".to_owned(),
        "302 x\r\nContent-Length: 0\r\nLocation: ws://u:cret@h/\r\n".to_owned(),
        "404 x\r\nContent-Length: x\r\n".to_owned(),
        "404 x\r\nContent-Length: 9999999\r\n".to_owned(),
    ] {
        let (mut client, _) = ClientHandshake::new(&asked, [7; 16]);
        let error = client.receive(format!("HTTP/1.1 {head}{echo}\r\n").as_bytes()).unwrap_err();
        assert_silent(&error);
        assert_eq!(error.headers.iter().filter(|(_, value)| value == "***").count(), 3, "{error:?}");
        assert_silent(&Redirects::new(3).follow(&asked, error).map_or_else(|error| error, |_| panic!("a loop")));
        assert!(!format!("{client:?}").contains("cret"), "{client:?}");
    }
}

#[test]
fn errors_of_a_server_hold_no_secret() {
    let closed = policy(&[("me", "cret")]);
    assert!(!format!("{closed:?}").contains("cret"));
    let long = format!("Authorization: Basic cret{}", "x".repeat(9000));
    for lines in [
        "GET ws://u:cret@h/ HTTP/1.1",
        "GET ws://u:cret@h/ HTTP/x",
        "CONNECT u:cret@h:1 HTTP/1.1",
        "GET / HTTP/1.1\r\nAuthorization : Basic cret",
        "GET / HTTP/1.1\r\nAuthorization x: Basic cret",
        "GET / HTTP/1.1\r\nAuthorization: Basic cret\0",
        "GET / HTTP/1.1\r\nProxy-Authorization: Basic cret\x07",
        "GET / HTTP/1.1\r\nCookie: a=cret\n",
        "GET / HTTP/1.1\r\nAuthorization Basic cret",
        "GET / HTTP/1.1\r\n Authorization: Basic cret",
        &format!("GET / HTTP/1.1\r\n{long}"),
    ] {
        let (reply, error) = serve(&closed, format!("{lines}\r\n\r\n").as_bytes()).unwrap_err();
        assert_silent(&error);
        assert!(!reply.contains("cret"), "{reply}");
    }
}
