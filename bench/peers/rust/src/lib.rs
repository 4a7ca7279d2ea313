//! What the peers have in common: arguments, the listener, TLS by rustls, and the loop of those that batch.
//!
//! PEER [--tls CERTIFICATE KEY] [--deflate]

use std::{env, fs::File, future::Future, io::BufReader, pin::pin, sync::Arc};

use futures_util::{FutureExt, Sink, SinkExt, Stream, StreamExt};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// More than any message of the benchmark.
pub const MOST_BYTES: usize = 16 << 20;

/// Ready messages that are answered together. yawc's own benchmark takes as many.
const BATCH: usize = 32;

pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin + 'static {}
impl<W: AsyncRead + AsyncWrite + Send + Unpin + 'static> Wire for W {}

/// A server by one of the libraries on tokio.
pub trait Peer: Copy + Send + 'static {
    fn connection(self, wire: impl Wire) -> impl Future<Output = ()> + Send;
}

pub struct Arguments {
    pub tls: Option<Arc<ServerConfig>>,
    pub deflate: bool,
}

pub fn arguments() -> Arguments {
    let mut arguments = Arguments { tls: None, deflate: false };
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--deflate" => arguments.deflate = true,
            "--tls" => {
                let mut path = || words.next().expect("--tls CERTIFICATE KEY");
                arguments.tls = Some(tls(&path(), &path()));
            }
            other => panic!("{other} is not an option"),
        }
    }
    arguments
}

fn tls(certificate: &str, key: &str) -> Arc<ServerConfig> {
    let read = |path| BufReader::new(File::open(path).expect(path));
    let chain = CertificateDer::pem_reader_iter(read(certificate)).collect::<Result<_, _>>().expect(certificate);
    let key = PrivateKeyDer::from_pem_reader(read(key)).expect("a private key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS13]);
    let config = versions.expect("TLS 1.3").with_no_client_auth().with_single_cert(chain, key);
    Arc::new(config.expect("a certificate and its key"))
}

/// The benchmark waits for this line.
pub fn announce(port: u16) {
    println!("listening on 127.0.0.1:{port}");
}

/// With a queue as long as the others have.
pub fn listener() -> std::net::TcpListener {
    let listener = mio::net::TcpListener::bind(([127, 0, 0, 1], 0).into()).expect("bind");
    announce(listener.local_addr().expect("an address").port());
    listener.into()
}

/// Serves all connections on this one thread.
pub fn serve(peer: impl Peer) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let acceptor = arguments().tls.map(TlsAcceptor::from);
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener()).expect("a listener");
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            match acceptor.clone() {
                None => tokio::spawn(tokio::task::unconstrained(peer.connection(stream))),
                Some(acceptor) => tokio::spawn(tokio::task::unconstrained(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        peer.connection(stream).await;
                    }
                })),
            };
        }
    });
}

/// What is ready is answered together: all of it is read, then `feed` for each, then one `flush`. Reading in between would
/// make tokio-websockets write at once.
pub async fn echo_batches<M, E, S>(socket: S, is_data: impl Fn(&M) -> bool)
where
    S: Stream<Item = Result<M, E>> + Sink<M>,
{
    let mut socket = pin!(socket);
    let mut ready = Vec::new();
    while let Some(Ok(first)) = socket.next().await {
        ready.push(first);
        let ended = loop {
            if ready.len() == BATCH {
                break false;
            }
            match socket.next().now_or_never() {
                None => break false,
                Some(Some(Ok(more))) => ready.push(more),
                Some(_) => break true,
            }
        };
        for message in ready.drain(..) {
            if is_data(&message) && socket.feed(message).await.is_err() {
                return;
            }
        }
        if socket.flush().await.is_err() || ended {
            return;
        }
    }
}
