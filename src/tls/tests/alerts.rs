//! What the other side gave as its reason.

use super::*;

#[test]
fn alerts_come_with_number_and_name_at_both_ends() {
    for (number, name) in
        [(40, "handshake_failure"), (48, "unknown_ca"), (112, "unrecognized_name"), (80, "internal_error")]
    {
        let wire = [0x15, 3, 3, 0, 2, 2, number];
        for mut tls in [server(&["ecdsa"]).accept().unwrap(), client().connect("localhost").unwrap()] {
            drain(&mut tls);
            let error = feed(&mut tls, &wire, 3).error.unwrap();
            assert_eq!((error.status, error.tls_alert), (Status::TLS_ALERT, Some(number)));
            assert_eq!((error.detail.as_ref(), error.operation), (name, Operation::Tls));
            assert!(tls.pending().is_empty(), "an alert is not answered");
        }
    }
}

#[test]
fn an_unknown_alert_keeps_its_number() {
    let mut tls = client().connect("localhost").unwrap();
    let error = feed(&mut tls, &[0x15, 3, 3, 0, 2, 2, 199], 7).error.unwrap();
    assert_eq!(error.tls_alert, Some(199));
}

#[test]
fn versions_without_overlap() {
    let options = ServerOptions { min_version: Version::Tls13, ..server_options(&["ecdsa"]) };
    let server13 = ServerContext::new(&options).unwrap();
    let (at_client, at_server) = Ends::new(&old_client(), "localhost", &server13).fail();
    let (at_client, at_server) = (at_client.unwrap(), at_server.unwrap());
    assert_eq!(at_server.status, Status::TLS_PROTOCOL);
    assert_eq!(at_server.detail, "no version of TLS in common");
    assert_eq!((at_client.status, at_client.tls_alert), (Status::TLS_ALERT, Some(70)));

    let options = ClientOptions { min_version: Version::Tls13, ..client_options() };
    let ends = Ends::new(&ClientContext::new(&options).unwrap(), "localhost", &server13).shake();
    assert_eq!(ends.server.info().version, "TLSv1.3");
}

#[test]
fn a_server_that_is_too_old_for_the_client() {
    let options = ClientOptions { min_version: Version::Tls13, ..client_options() };
    let mut client = ClientContext::new(&options).unwrap().connect("localhost").unwrap();
    // A ServerHello of TLS 1.2 with nothing in it.
    let mut hello = vec![3, 3];
    hello.extend([9; 32]);
    hello.extend([0, 0xc0, 0x2b, 0]);
    let len = hello.len() as u8;
    let mut wire = vec![0x16, 3, 3, 0, len + 4, 2, 0, 0, len];
    wire.extend(hello);
    let error = feed(&mut client, &wire, 1 << 16).error.unwrap();
    assert_eq!((error.status, error.detail.as_ref()), (Status::TLS_PROTOCOL, "no version of TLS in common"));
}

#[test]
fn protocols_without_overlap() {
    let options = ServerOptions { alpn: vec!["h2".into()], ..server_options(&["ecdsa"]) };
    let server = ServerContext::new(&options).unwrap();
    let options = ClientOptions { alpn: vec!["http/1.1".into()], ..client_options() };
    let (at_client, at_server) = Ends::new(&ClientContext::new(&options).unwrap(), "localhost", &server).fail();
    assert_eq!(at_server.unwrap().status, Status::TLS_PROTOCOL);
    let error = at_client.unwrap();
    assert_eq!((error.tls_alert, error.detail.as_ref()), (Some(120), "no_application_protocol"));
}
