//! Certificates that are not good enough, by what is said about them.

use super::*;

/// What the client says of this server, and the server of the alert it gets.
fn refused(name: &str, host: &str, client: &ClientContext) -> (Error, Error) {
    let (at_client, at_server) = Ends::new(client, host, &server(&[name])).fail();
    (at_client.expect("the client refuses"), at_server.expect("the server hears of it"))
}

#[test]
fn every_fault_of_a_certificate_has_its_words_and_its_alert() {
    let stranger = r#"wrong name: it is for "stranger.example", not for "localhost""#;
    for (name, words, alert) in [
        ("expired", "expired on 2020-06-01T00:00:00Z", 45),
        ("early", "not yet valid, only from 2119-01-01T00:00:00Z", 45),
        ("stranger", stranger, 42),
        ("usage", "wrong usage: it is for client authentication, not for server authentication", 43),
        ("nosan", "no subjectAltName", 42),
        ("forged", "bad signature", 51),
        ("selfsigned", "unknown issuer", 48),
    ] {
        for client in [client(), old_client()] {
            let (at_client, at_server) = refused(name, "localhost", &client);
            assert_eq!((at_client.status, at_client.operation), (Status::TLS_CERTIFICATE, Operation::Tls), "{name}");
            assert!(at_client.detail.starts_with(words), "{name}: {}", at_client.detail);
            assert_eq!((at_server.status, at_server.tls_alert), (Status::TLS_ALERT, Some(alert)), "{name}");
        }
    }
}

#[test]
fn a_root_that_is_not_trusted_is_an_unknown_issuer() {
    let options = ClientOptions { ca: vec![file("other-ca.pem")], ..ClientOptions::default() };
    let (error, _) = refused("ecdsa", "localhost", &ClientContext::new(&options).unwrap());
    assert!(error.detail.starts_with("unknown issuer"), "{error}");
    let (error, _) = refused("ecdsa", "localhost", &ClientContext::new(&ClientOptions::default()).unwrap());
    assert!(error.detail.starts_with("unknown issuer"), "{error}");
    // So is one whose intermediate is missing.
    let mut options = server_options(&["ecdsa"]);
    options.identities[0].chain = file("ecdsa.leaf.pem");
    let (error, _) = Ends::new(&client(), "localhost", &ServerContext::new(&options).unwrap()).fail();
    assert!(error.unwrap().detail.starts_with("unknown issuer"));
}

#[test]
fn a_certification_authority_is_no_server() {
    let mut options = server_options(&["ca"]);
    options.identities[0].chain = file("ca.pem");
    let (error, _) = Ends::new(&client(), "localhost", &ServerContext::new(&options).unwrap()).fail();
    let error = error.unwrap();
    assert_eq!(error.status, Status::TLS_CERTIFICATE);
    assert!(error.detail.contains("certification authority"), "{error}");
}

#[test]
fn addresses_are_names_too() {
    for host in ["127.0.0.1", "::1", "[::1]"] {
        Ends::new(&client(), host, &server(&["ecdsa"])).shake();
    }
    let (error, _) = refused("ecdsa", "127.0.0.2", &client());
    assert!(error.detail.contains(r#"not for "127.0.0.2""#), "{error}");
}

#[test]
fn without_verification_anything_goes_but_a_missing_key() {
    let options = ClientOptions { skip_verification: true, ..ClientOptions::default() };
    let context = ClientContext::new(&options).unwrap();
    for name in ["expired", "early", "stranger", "usage", "nosan", "forged", "selfsigned"] {
        let ends = Ends::new(&context, "localhost", &server(&[name])).shake();
        assert!(ends.client.info().peer_certificate.is_some());
    }
}

#[test]
fn clients_that_must_show_a_certificate() {
    let options =
        ServerOptions { client_auth: ClientAuth::Required, ca: vec![file("ca.pem")], ..server_options(&["ecdsa"]) };
    let server = ServerContext::new(&options).unwrap();
    let showing = |name: &str| ClientOptions { identity: Some(identity(name)), ..client_options() };

    let ends = Ends::new(&ClientContext::new(&showing("client")).unwrap(), "localhost", &server).shake();
    assert_eq!(ends.server.info().peer_subject.as_deref(), Some("CN=Anna Client,O=Hawser Tests"));
    let old = Ends::new(&ClientContext::old(&showing("client")), "localhost", &server).shake();
    assert_eq!(old.server.info().peer_subject.as_deref(), Some("CN=Anna Client,O=Hawser Tests"));

    let (at_client, at_server) = Ends::new(&client(), "localhost", &server).fail();
    let (at_client, at_server) = (at_client.unwrap(), at_server.unwrap());
    assert_eq!((at_server.status, at_server.detail.as_ref()), (Status::TLS_CERTIFICATE, "the peer shows none"));
    assert_eq!((at_client.status, at_client.tls_alert), (Status::TLS_ALERT, Some(116)));
    assert_eq!(at_client.detail, "certificate_required");

    let (_, at_server) = Ends::new(&ClientContext::new(&showing("one")).unwrap(), "localhost", &server).fail();
    assert!(at_server.unwrap().detail.starts_with("wrong usage"));
    let (_, at_server) = Ends::new(&ClientContext::new(&showing("selfsigned")).unwrap(), "localhost", &server).fail();
    assert!(at_server.unwrap().detail.starts_with("unknown issuer"));
}

#[test]
fn clients_that_may_show_a_certificate() {
    let options =
        ServerOptions { client_auth: ClientAuth::Optional, ca: vec![file("ca.pem")], ..server_options(&["ecdsa"]) };
    let server = ServerContext::new(&options).unwrap();
    assert_eq!(Ends::new(&client(), "localhost", &server).shake().server.info().peer_subject, None);
    let showing = ClientOptions { identity: Some(identity("client")), ..client_options() };
    let ends = Ends::new(&ClientContext::new(&showing).unwrap(), "localhost", &server).shake();
    assert!(ends.server.info().peer_subject.unwrap().starts_with("CN=Anna Client"));
    let showing = ClientOptions { identity: Some(identity("selfsigned")), ..client_options() };
    let (_, error) = Ends::new(&ClientContext::new(&showing).unwrap(), "localhost", &server).fail();
    assert_eq!(error.unwrap().status, Status::TLS_CERTIFICATE);
}
