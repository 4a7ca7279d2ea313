//! TLS in TLS: a proxy's and, inside of it, the server's.

use super::*;

/// A client of both layers with the two servers that belong to them.
struct Tunnel {
    client: Tls,
    proxy: Tls,
    server: Tls,
}

impl Tunnel {
    fn new() -> Self {
        let (context, outer) = (client(), Ends::new(&client(), "127.0.0.1", &server(&["rsa"])).shake());
        let inner = context.connect("localhost").unwrap();
        Self { client: inner.over(outer.client), proxy: outer.server, server: server(&["ecdsa"]).accept().unwrap() }
    }

    /// Carries everything, in reads of `size`, until nothing is left. What came out at both ends.
    fn settle(&mut self, size: usize) -> (Heard, Heard) {
        let (mut at_client, mut at_server) = (Heard::default(), Heard::default());
        for _ in 0..20 {
            let up = feed(&mut self.proxy, &drain(&mut self.client), size);
            assert_eq!(up.error, None);
            join(&mut at_server, feed(&mut self.server, &up.plain, size));
            let down = drain(&mut self.server);
            if !down.is_empty() {
                self.proxy.seal(&down).unwrap();
            }
            let down = drain(&mut self.proxy);
            if up.plain.is_empty() && down.is_empty() {
                break;
            }
            join(&mut at_client, feed(&mut self.client, &down, size));
        }
        (at_client, at_server)
    }
}

#[test]
fn one_connection_runs_inside_another() {
    for size in [1, 2, 3, 7, 22, 100, 1000, 16500, 1 << 17] {
        let mut tunnel = Tunnel::new();
        assert!(tunnel.client.is_handshaking());
        tunnel.settle(size);
        assert!(!tunnel.client.is_handshaking() && !tunnel.server.is_handshaking(), "reads of {size}");
        assert_eq!(tunnel.client.info().peer_subject.as_deref(), Some("CN=ecdsa server"), "the inner one");
        let message: Vec<u8> = (0..40_000).map(|at| at as u8).collect();
        tunnel.client.seal(&message).unwrap();
        tunnel.server.seal(&message[7..]).unwrap();
        let (at_client, at_server) = tunnel.settle(size);
        assert!(at_server.plain == message && at_client.plain == message[7..], "reads of {size}");
        tunnel.client.close();
        assert!(tunnel.settle(size).1.ended);
    }
}

#[test]
fn an_end_of_the_outer_layer_inside_the_inner_handshake_is_told() {
    let mut tunnel = Tunnel::new();
    tunnel.proxy.close();
    let error = feed(&mut tunnel.client, &drain(&mut tunnel.proxy), 1 << 16).error.unwrap();
    assert_eq!((error.status, error.cause.as_ref().unwrap().status), (Status::TLS_PROTOCOL, Status::UNEXPECTED_EOF));
    let mut tunnel = Tunnel::new();
    assert_eq!(tunnel.client.eof().unwrap().status, Status::TLS_PROTOCOL);
}

#[test]
fn an_end_of_the_outer_layer_ends_the_inner_one() {
    let mut tunnel = Tunnel::new();
    tunnel.settle(1 << 16);
    tunnel.server.seal(b"last").unwrap();
    tunnel.proxy.seal(&drain(&mut tunnel.server)).unwrap();
    tunnel.proxy.close();
    let heard = feed(&mut tunnel.client, &drain(&mut tunnel.proxy), 1 << 16);
    assert_eq!((heard.plain.as_slice(), heard.ended, heard.error), (&b"last"[..], true, None));
}

#[test]
fn the_alert_of_the_inner_layer_goes_through_the_outer_one() {
    let mut tunnel = Tunnel::new();
    tunnel.server = server(&["expired"]).accept().unwrap();
    let (at_client, at_server) = tunnel.settle(1 << 16);
    assert_eq!(at_client.error.unwrap().status, Status::TLS_CERTIFICATE);
    assert_eq!(at_server.error.unwrap().tls_alert, Some(45));
}

#[test]
fn damage_below_ends_both_after_the_plaintext_before_it() {
    let mut tunnel = Tunnel::new();
    tunnel.settle(1 << 16);
    tunnel.server.seal(b"good").unwrap();
    tunnel.proxy.seal(&drain(&mut tunnel.server)).unwrap();
    let good = tunnel.proxy.pending().len();
    tunnel.proxy.seal(b"bad").unwrap();
    let mut wire = drain(&mut tunnel.proxy);
    wire[good + 6] ^= 1;
    let heard = feed(&mut tunnel.client, &wire, 1 << 16);
    assert_eq!((heard.plain.as_slice(), heard.error.unwrap().status), (&b"good"[..], Status::TLS_PROTOCOL));
}
