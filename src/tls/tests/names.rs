//! Names that are asked for, and what was agreed on.

use super::*;

fn shown(client: &Tls) -> String {
    client.info().peer_subject.unwrap()
}

#[test]
fn the_certificate_is_chosen_by_the_name_asked_for() {
    let server = server(&["ecdsa", "one", "two"]);
    for (host, subject) in [
        ("localhost", "CN=ecdsa server"),
        ("one.example", "CN=one"),
        ("ONE.example", "CN=one"),
        ("two.example", "CN=two"),
        ("www.two.example", "CN=two"),
    ] {
        let ends = Ends::new(&client(), host, &server).shake();
        assert_eq!(shown(&ends.client), subject, "{host}");
        assert_eq!(ends.server.info().server_name, Some(host.to_ascii_lowercase()));
        assert!(ends.client.info().server_name.unwrap().eq_ignore_ascii_case(host));
    }
    let ends = Ends::new(&client(), "127.0.0.1", &server).shake();
    assert_eq!(shown(&ends.client), "CN=ecdsa server", "no name: the first");
    assert_eq!((ends.server.info().server_name, ends.client.info().server_name), (None, None));
    let (error, _) = Ends::new(&client(), "a.b.two.example", &server).fail();
    assert!(error.unwrap().detail.contains("wrong name"), "a wildcard is one label");
}

#[test]
fn a_name_that_was_asked_for_twice_is_no_other_connections() {
    let again = ServerContext::asking_again(&server_options(&["ecdsa"]));
    let ends = Ends::new(&client(), "localhost", &again).shake();
    assert_eq!(ends.server.info().server_name.as_deref(), Some("localhost"));
    for (host, name) in [("127.0.0.1", None), ("one.example", Some("one.example"))] {
        Ends::new(&client(), "localhost", &again).shake();
        let ends = Ends::new(&client(), host, &server(&["ecdsa", "one"])).shake();
        assert_eq!(ends.server.info().server_name.as_deref(), name);
    }
}

#[test]
fn among_equal_names_the_key_decides() {
    let server = server(&["ed25519", "rsa"]);
    assert_eq!(shown(&Ends::new(&client(), "localhost", &server).shake().client), "CN=ed25519 server");
}

#[test]
fn another_name_than_the_hosts_can_be_asked_for_and_verified() {
    let options = ClientOptions { server_name: Some("one.example".into()), ..client_options() };
    let context = ClientContext::new(&options).unwrap();
    let ends = Ends::new(&context, "10.1.2.3", &server(&["ecdsa", "one"])).shake();
    assert_eq!(ends.server.info().server_name.as_deref(), Some("one.example"));
    let (error, _) = Ends::new(&context, "localhost", &server(&["ecdsa"])).fail();
    assert!(error.unwrap().detail.contains(r#"not for "one.example""#));
}

#[test]
fn every_kind_of_key_in_every_format() {
    for (name, key) in [
        ("rsa", "rsa.key"),
        ("rsa", "rsa.pkcs1.key"),
        ("ecdsa", "ecdsa.key"),
        ("ecdsa", "ecdsa.sec1.key"),
        ("p384", "p384.key"),
        ("p384", "p384.sec1.key"),
        ("ed25519", "ed25519.key"),
    ] {
        let chain = Pem::Bytes(text(&format!("{name}.pem")));
        let identities = vec![Identity { chain, key: Pem::Bytes(text(key)) }];
        let server = ServerContext::new(&ServerOptions { identities, ..ServerOptions::default() }).unwrap();
        for client in [client(), old_client()] {
            let ends = Ends::new(&client, "localhost", &server).shake();
            assert_eq!(shown(&ends.client), format!("CN={name} server"), "{key}");
        }
    }
}

#[test]
fn info_tells_what_was_agreed_on() {
    let options = ServerOptions { alpn: vec!["b".into(), "http/1.1".into()], ..server_options(&["ecdsa"]) };
    let server = ServerContext::new(&options).unwrap();
    let options = ClientOptions { alpn: vec!["http/1.1".into(), "c".into()], ..client_options() };
    let ends = Ends::new(&ClientContext::new(&options).unwrap(), "localhost", &server);
    assert_eq!(ends.server.info(), Info::default());
    let ends = ends.shake();
    for tls in [&ends.client, &ends.server] {
        let info = tls.info();
        assert_eq!((info.version, info.alpn.as_deref(), info.resumed), ("TLSv1.3", Some("http/1.1"), false));
        assert!(info.cipher_suite.starts_with("TLS_AES_") || info.cipher_suite.starts_with("TLS_CHACHA20_"));
    }
    let old = Ends::new(&old_client(), "localhost", &server).shake();
    assert!(old.client.info().cipher_suite.starts_with("TLS_ECDHE_ECDSA_WITH_"));
    assert_eq!(old.client.info().alpn, None);
}
