//! Sessions that go on, and the contexts that hold them.

use super::*;

/// Whether the second connection of the two contexts resumes the first.
fn resumes(client: &ClientContext, server: &ServerContext) -> bool {
    let mut first = Ends::new(client, "localhost", server).shake();
    assert!(!first.client.info().resumed && !first.server.info().resumed);
    first.settle(1000); // tickets arrive
    let second = Ends::new(client, "localhost", server).shake();
    let (at_client, at_server) = (second.client.info(), second.server.info());
    assert_eq!(at_client.resumed, at_server.resumed);
    assert_eq!(at_client.peer_subject.as_deref(), Some("CN=ecdsa server"), "known from the session");
    assert_eq!(at_server.server_name.as_deref(), Some("localhost"));
    at_client.resumed
}

#[test]
fn sessions_resume_unless_either_side_does_not_want_that() {
    let never = ServerOptions { resumption: false, ..server_options(&["ecdsa"]) };
    assert!(resumes(&client(), &server(&["ecdsa"])));
    assert!(resumes(&old_client(), &server(&["ecdsa"])));
    assert!(!resumes(&client(), &ServerContext::new(&never).unwrap()));
    assert!(!resumes(&old_client(), &ServerContext::new(&never).unwrap()));
    let never = ClientOptions { resumption: false, ..client_options() };
    assert!(!resumes(&ClientContext::new(&never).unwrap(), &server(&["ecdsa"])));
}

#[test]
fn a_session_of_another_server_is_no_harm() {
    let client = client();
    Ends::new(&client, "localhost", &server(&["ecdsa"])).shake();
    let second = Ends::new(&client, "localhost", &server(&["rsa"])).shake();
    assert!(!second.client.info().resumed);
}

#[test]
fn equal_options_share_a_context() {
    let mut contexts = ClientContexts::default();
    let first = contexts.get(&client_options()).unwrap();
    assert!(contexts.get(&client_options()).unwrap().is(&first));
    assert!(resumes(&contexts.get(&client_options()).unwrap(), &server(&["ecdsa"])));
    let other = ClientOptions { alpn: vec!["x".into()], ..client_options() };
    assert!(!contexts.get(&other).unwrap().is(&first));
    assert!(contexts.get(&client_options()).unwrap().is(&first));
}

#[test]
fn the_context_that_was_not_used_for_longest_is_forgotten() {
    let mut contexts = ClientContexts::default();
    let numbered = |number: usize| ClientOptions { alpn: vec![number.to_string()], ..client_options() };
    let (zero, one) = (contexts.get(&numbered(0)).unwrap(), contexts.get(&numbered(1)).unwrap());
    for number in 2..9 {
        assert!(contexts.get(&numbered(0)).unwrap().is(&zero));
        contexts.get(&numbered(number)).unwrap();
    }
    assert!(contexts.get(&numbered(0)).unwrap().is(&zero));
    assert!(!contexts.get(&numbered(1)).unwrap().is(&one));
}

#[test]
fn a_file_that_was_replaced_takes_effect() {
    let path = scratch("replaced.pem");
    std::fs::write(&path, text("other-ca.pem")).unwrap();
    let options = ClientOptions { ca: vec![Pem::File(path.clone())], ..ClientOptions::default() };
    let mut contexts = ClientContexts::default();
    let server = server(&["ecdsa"]);
    let (error, _) = Ends::new(&contexts.get(&options).unwrap(), "localhost", &server).fail();
    assert!(error.unwrap().detail.starts_with("unknown issuer"));

    std::fs::write(path.with_extension("new"), text("ca.pem")).unwrap();
    std::fs::rename(path.with_extension("new"), &path).unwrap();
    Ends::new(&contexts.get(&options).unwrap(), "localhost", &server).shake();

    std::fs::remove_file(&path).unwrap();
    assert_eq!(contexts.get(&options).unwrap_err().os_error, 2);
}

#[test]
fn secrets_are_written_where_asked() {
    let path = scratch("keys.log");
    let _ = std::fs::remove_file(&path);
    let options = ClientOptions { key_log: Some(path.clone()), ..client_options() };
    Ends::new(&ClientContext::new(&options).unwrap(), "localhost", &server(&["ecdsa"])).shake();
    let log = std::fs::read_to_string(&path).unwrap();
    for label in ["CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"] {
        let line = log.lines().find(|line| line.starts_with(label)).unwrap();
        let words: Vec<_> = line.split(' ').collect();
        assert!(words.len() == 3 && words[1].len() == 64 && words[2].len() >= 64, "{line}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let options = ServerOptions { key_log: Some(path.clone()), ..server_options(&["ecdsa"]) };
    Ends::new(&old_client(), "localhost", &ServerContext::new(&options).unwrap()).shake();
    let more = std::fs::read_to_string(&path).unwrap();
    assert!(more.starts_with(&log) && more.contains("CLIENT_RANDOM "));
    std::fs::remove_file(&path).unwrap();
}
