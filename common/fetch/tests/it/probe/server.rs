//! Servers: one that is told what to do with a connection, and certificates of all kinds.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tenantry_fetch::{Attempt, Prober, Reach};
use time::OffsetDateTime;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

pub(crate) const HOST: &str = "portal.acme.test";
pub(crate) const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What a server does with a request.
#[derive(Clone, Copy)]
pub(crate) enum Does {
    /// Writes this, and closes.
    Answers(&'static [u8]),
    /// Writes this for ever.
    NeverStops(&'static [u8]),
    /// Writes this, and keeps the connection open.
    Begins(&'static [u8]),
    /// Reads and says nothing.
    Waits,
    /// Closes without a word.
    Closes,
}

/// A server on a port of its own, which keeps what it was asked.
pub(crate) struct Server {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn plain(does: Does) -> Self {
        Self::at(HERE, 0, does, None).await
    }

    pub(crate) async fn secured(does: Does, certificate: &Made) -> Self {
        Self::at(HERE, 0, does, Some(certificate)).await
    }

    /// Shows the first certificate to who comes first, and the second to everybody after that.
    pub(crate) async fn renewed(does: Does, certificates: [&Made; 2]) -> Self {
        let listener = TcpListener::bind((HERE, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::default();
        tokio::spawn(serve(listener, does, Some(acceptor(&certificates)), Arc::clone(&asked)));
        Self { port, asked }
    }

    pub(crate) async fn at(address: IpAddr, port: u16, does: Does, certificate: Option<&Made>) -> Self {
        let listener = TcpListener::bind((address, port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::default();
        let tls = certificate.map(Made::acceptor);
        tokio::spawn(serve(listener, does, tls, Arc::clone(&asked)));
        Self { port, asked }
    }

    /// The requests so far; in front of each, over TLS, the name that was asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, does: Does, tls: Option<TlsAcceptor>, asked: Arc<Mutex<Vec<String>>>) {
    while let Ok((socket, _)) = listener.accept().await {
        let (tls, asked) = (tls.clone(), Arc::clone(&asked));
        tokio::spawn(async move {
            match tls {
                None => converse(socket, does, String::new(), &asked).await,
                Some(tls) => {
                    let Ok(stream) = tls.accept(socket).await else { return };
                    let name = stream.get_ref().1.server_name().unwrap_or("no name").to_owned();
                    converse(stream, does, format!("{name}: "), &asked).await;
                }
            }
        });
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    does: Does,
    name: String,
    asked: &Mutex<Vec<String>>,
) {
    let mut request = vec![0; 4096];
    let Ok(read) = stream.read(&mut request).await else { return };
    asked.lock().unwrap().push(name + &String::from_utf8_lossy(&request[..read]));
    match does {
        Does::Answers(answer) => {
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
        }
        Does::NeverStops(answer) => while stream.write_all(answer).await.is_ok() {},
        Does::Begins(answer) => {
            let _ = stream.write_all(answer).await;
            let _ = stream.read(&mut request).await;
        }
        Does::Waits => {
            let _ = stream.read(&mut request).await;
        }
        Does::Closes => {}
    }
}

/// A port at which nothing listens.
pub(crate) async fn nobody() -> u16 {
    TcpListener::bind((HERE, 0)).await.unwrap().local_addr().unwrap().port()
}

/// A port that speaks something else than TLS, or closes as soon as it has heard something.
pub(crate) async fn no_tls(says: &'static [u8]) -> u16 {
    let listener = TcpListener::bind((HERE, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = hear(&mut socket).await;
            let _ = socket.write_all(says).await;
        }
    });
    port
}

async fn hear(socket: &mut TcpStream) -> std::io::Result<usize> {
    socket.read(&mut [0; 4096]).await
}

/// A certificate with its key.
pub(crate) struct Made {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

/// Shows one certificate after the other, the last one from then on; whether or not the key is the certificate's.
#[derive(Debug)]
struct Shows(Vec<Arc<CertifiedKey>>, AtomicUsize);

impl ResolvesServerCert for Shows {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let turn = self.1.fetch_add(1, Ordering::Relaxed).min(self.0.len() - 1);
        Some(Arc::clone(&self.0[turn]))
    }
}

impl Made {
    pub(crate) fn der(&self) -> &[u8] {
        &self.chain[0]
    }

    /// The same certificate in the hands of somebody who does not have its key.
    pub(crate) fn borrowed(&self) -> Self {
        Self { chain: self.chain.clone(), key: KeyPair::generate().unwrap() }
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        acceptor(&[self])
    }
}

fn acceptor(certificates: &[&Made]) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let shown = certificates.iter().map(|made| {
        let key = PrivateKeyDer::try_from(made.key.serialize_der()).unwrap();
        Arc::new(CertifiedKey::new(made.chain.clone(), provider.key_provider.load_private_key(key).unwrap()))
    });
    let shows = Shows(shown.collect(), AtomicUsize::new(0));
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_cert_resolver(Arc::new(shows))))
}

/// A certificate authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for these names, which begins and ends so many days from now.
    pub(crate) fn issue(&self, names: &[&str], from: i64, until: i64) -> Made {
        let key = KeyPair::generate().unwrap();
        let certificate = params(names, from, until).signed_by(&key, &self.0).unwrap();
        Made { chain: vec![certificate.der().clone()], key }
    }
}

/// A certificate that is signed with its own key.
pub(crate) fn self_signed(names: &[&str]) -> Made {
    let key = KeyPair::generate().unwrap();
    let certificate = params(names, -1, 90).self_signed(&key).unwrap();
    Made { chain: vec![certificate.der().clone()], key }
}

fn params(names: &[&str], from: i64, until: i64) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    let now = OffsetDateTime::now_utc();
    params.not_before = now + time::Duration::days(from);
    params.not_after = now + time::Duration::days(until);
    params.distinguished_name.push(DnType::CommonName, "a portal");
    params
}

/// A prober of this machine that has the patience of a test.
pub(crate) fn prober(http: u16, https: u16, authorities: Option<&str>) -> Prober {
    Prober::new(Reach::for_tests(http, https, authorities)).unwrap().within(Duration::from_secs(5))
}

/// The one attempt there is.
pub(crate) fn only<T>(mut attempts: Vec<Attempt<T>>) -> Attempt<T> {
    assert_eq!(attempts.len(), 1);
    attempts.remove(0)
}

/// A port that is free at both addresses, and a server at the second of them only.
pub(crate) async fn at_second(second: IpAddr, does: Does) -> (u16, Server) {
    let server = Server::at(second, 0, does, None).await;
    let first = SocketAddr::from((HERE, server.port));
    assert!(TcpStream::connect(first).await.is_err(), "nothing may listen at {first}");
    (server.port, server)
}
