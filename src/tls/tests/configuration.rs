//! Options that cannot be meant.

use super::*;

fn client_error(options: ClientOptions) -> Error {
    ClientContext::new(&options).expect_err("refused")
}

fn identity_error(chain: Pem, key: Pem) -> Error {
    let identities = vec![Identity { chain, key }];
    ServerContext::new(&ServerOptions { identities, ..ServerOptions::default() }).expect_err("refused")
}

fn bytes(text: &str) -> Pem {
    Pem::Bytes(text.as_bytes().to_vec())
}

/// INVALID_ARGUMENT with these words.
fn assert_wrong(error: &Error, words: &str) {
    assert_eq!((error.status, error.operation), (Status::INVALID_ARGUMENT, Operation::Tls), "{error}");
    assert!(error.detail.contains(words), "{error} has no {words:?}");
}

#[test]
fn files_that_cannot_be_read() {
    let missing = Pem::File("no/such/file.pem".into());
    let error = client_error(ClientOptions { ca: vec![missing.clone()], ..ClientOptions::default() });
    assert_eq!((error.status, error.os_error, error.operation), (Status::IO, 2, Operation::Tls));
    assert!(error.detail.contains("no/such/file.pem"));
    let error = identity_error(missing, file("ecdsa.key"));
    assert_eq!((error.status, error.os_error), (Status::IO, 2));
    let error = client_error(ClientOptions { ca: vec![Pem::File(certs().into())], ..ClientOptions::default() });
    assert_eq!(error.status, Status::IO, "a directory");
    let error = client_error(ClientOptions { key_log: Some("no/such/keys".into()), ..client_options() });
    assert_eq!(error.os_error, 2);
}

#[test]
fn pem_that_is_none() {
    for (pem, words) in [
        (bytes(""), "is empty"),
        (bytes("hello\n"), "holds no certificate in PEM"),
        (file("ecdsa.key"), "holds no certificate in PEM"),
        (bytes("-----BEGIN CERTIFICATE-----\nAAAA\n"), "is damaged PEM"),
        (bytes("-----BEGIN CERTIFICATE-----\n*!*\n-----END CERTIFICATE-----\n"), "is damaged PEM"),
        (bytes("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "cannot be used as a root (number 1"),
    ] {
        assert_wrong(&client_error(ClientOptions { ca: vec![pem], ..ClientOptions::default() }), words);
    }
    assert_wrong(&identity_error(file("ecdsa.pem"), file("ca.pem")), "ca.pem holds no private key");
    assert_wrong(&identity_error(file("ecdsa.key"), file("ecdsa.key")), "ecdsa.key holds no certificate");
    let encrypted = bytes("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    assert_wrong(&identity_error(file("ecdsa.pem"), encrypted), "is encrypted");
    let garbage = bytes("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    assert_wrong(&identity_error(file("ecdsa.pem"), garbage.clone()), "no known kind");
    let garbage = bytes("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assert_wrong(&identity_error(garbage, file("ecdsa.key")), "cannot be parsed");
}

#[test]
fn one_bad_root_spoils_all() {
    let mut pem = text("ca.pem");
    pem.extend_from_slice(b"-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n");
    let options = ClientOptions { ca: vec![Pem::Bytes(pem)], ..ClientOptions::default() };
    assert_wrong(&client_error(options), "(number 2");
}

#[test]
fn pem_without_bound_is_not_read() {
    let path = scratch("large.pem");
    std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let error = client_error(ClientOptions { ca: vec![Pem::File(path.clone())], ..ClientOptions::default() });
    assert_wrong(&error, "large.pem is larger");
    assert_eq!(error.max_size, Some(16 << 20));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_key_must_belong_to_its_certificate() {
    let error = identity_error(file("ecdsa.pem"), file("one.key"));
    assert_wrong(&error, "one.key is not the private key to the certificate in");
    assert!(error.detail.contains("ecdsa.pem"));
    let options = ClientOptions {
        identity: Some(Identity { chain: file("client.pem"), key: file("rsa.key") }),
        ..client_options()
    };
    assert_wrong(&client_error(options), "rsa.key is not the private key");
}

#[test]
fn what_is_missing_is_named() {
    assert_wrong(&ServerContext::new(&ServerOptions::default()).unwrap_err(), "needs a certificate");
    let options = ServerOptions { client_auth: ClientAuth::Optional, ..server_options(&["ecdsa"]) };
    assert_wrong(&ServerContext::new(&options).unwrap_err(), "needs the roots");
    let options = ClientOptions { bundled_roots: Some(false), ..ClientOptions::default() };
    assert_wrong(&client_error(options), "no roots are trusted");
    let options = ClientOptions { bundled_roots: Some(false), skip_verification: true, ..ClientOptions::default() };
    assert!(ClientContext::new(&options).is_ok());
}

#[test]
fn names_that_are_none() {
    for host in ["", " ", "a b", "a..b", "[::1", "x/y"] {
        assert_wrong(&client().connect(host).unwrap_err(), "is no name or address");
    }
    let options = ClientOptions { server_name: Some("not a name".into()), ..client_options() };
    assert_wrong(&client_error(options), "is no name or address");
    for name in [String::new(), "x".repeat(256)] {
        assert_wrong(&client_error(ClientOptions { alpn: vec![name], ..client_options() }), "ALPN name");
    }
}

#[test]
fn options_do_not_tell_secrets() {
    let pem = Pem::Bytes(text("ecdsa.key"));
    let options =
        ClientOptions { identity: Some(Identity { chain: pem.clone(), key: pem }), ..ClientOptions::default() };
    let told = format!("{options:?}");
    assert!(!told.contains("PRIVATE") && !told.contains("45, 45"), "{told}");
}

#[test]
fn the_systems_roots_are_read_on_request() {
    // A machine without any says so; one that has some trusts none of ours.
    let options = ClientOptions { system_roots: true, bundled_roots: Some(false), ..ClientOptions::default() };
    match ClientContext::new(&options) {
        Ok(context) => {
            let (error, _) = Ends::new(&context, "localhost", &server(&["ecdsa"])).fail();
            assert!(error.unwrap().detail.starts_with("unknown issuer"));
        }
        Err(error) => assert_eq!(error.status, Status::IO, "{error}"),
    }
}
