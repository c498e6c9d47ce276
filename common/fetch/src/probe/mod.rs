//! Looks at a host from outside: what it answers, and with which certificate.

mod certificate;
mod dial;
mod exchange;
mod reach;
mod saw;
mod targets;

use std::{future::Future, net::IpAddr, sync::Arc, time::Duration};

use futures::future::join_all;
use rustls::ClientConfig;
use tokio::time::{Instant, timeout_at};

use crate::FetchError;
use certificate::Authorities;
pub use reach::Reach;
pub use saw::{Attempt, CertificateSaw, HttpSaw, HttpsSaw, ProbeTrouble, TlsTrouble, Trust};

/// How long one address may take in all; as long as Let's Encrypt waits.
const TOTAL: Duration = Duration::from_secs(10);

/// Looks at hosts from outside, at addresses that the caller has resolved: nothing is resolved here, so what was checked is
/// what is connected to. All addresses are tried at once, at most four, IPv6 and IPv4 in turn, and what each answers is kept:
/// a certificate authority and a visitor may take any of them. No redirect is followed, no cookie kept, no key shown. One
/// address out of [`Reach`] is enough for none to be tried.
///
/// Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Prober {
    reach: Reach,
    tls: Arc<ClientConfig>,
    authorities: Arc<Authorities>,
    total: Duration,
}

impl Prober {
    /// One that reaches so far, and waits 10 s for an address.
    ///
    /// # Errors
    /// [`FetchError::Client`]: TLS is not usable here, or an authority's certificate cannot be read.
    pub fn new(reach: Reach) -> Result<Self, FetchError> {
        let authorities = Arc::new(Authorities::new(&reach)?);
        let tls = certificate::client()?;
        Ok(Self { reach, tls, authorities, total: TOTAL })
    }

    /// Waits so long for an address, from connecting to the last byte.
    #[must_use]
    pub fn within(self, total: Duration) -> Self {
        Self { total, ..self }
    }

    /// What each address answers to `GET http://<host><path>`.
    pub async fn http(&self, host: &str, addresses: &[IpAddr], path: &str) -> Vec<Attempt<HttpSaw>> {
        let port = self.reach.ports().0;
        self.each(addresses, |at, deadline| async move {
            let request = exchange::request(host, path)?;
            by(deadline, async { exchange::ask(dial::tcp(at, port).await?, request, deadline).await }).await
        })
        .await
    }

    /// What each address answers to `GET https://<host><path>`, and with which certificate. A certificate that nobody would
    /// trust is a finding, not a trouble: the request, which has nothing secret in it, is made all the same.
    pub async fn https(&self, host: &str, addresses: &[IpAddr], path: &str) -> Vec<Attempt<HttpsSaw>> {
        self.each(addresses, |at, deadline| async move {
            let request = exchange::request(host, path)?;
            let (stream, certificate) = by(deadline, self.secure(host, at)).await?;
            // A server that shows its certificate and then says nothing has still shown its certificate.
            let answer = by(deadline, exchange::ask(stream, request, deadline)).await;
            Ok(HttpsSaw { certificate, answer })
        })
        .await
    }

    /// The certificate that each address shows for the host, whatever it is worth.
    pub async fn tls(&self, host: &str, addresses: &[IpAddr]) -> Vec<Attempt<CertificateSaw>> {
        self.each(addresses, |at, deadline| async move {
            let (_, certificate) = by(deadline, self.secure(host, at)).await?;
            Ok(certificate)
        })
        .await
    }

    async fn secure(&self, host: &str, at: IpAddr) -> Result<(dial::Secured, CertificateSaw), ProbeTrouble> {
        let name = exchange::name(host)?;
        let stream = dial::tls(&self.tls, dial::tcp(at, self.reach.ports().1).await?, name.clone()).await?;
        let certificate = self.authorities.read(&stream, &name).ok_or(ProbeTrouble::Tls(TlsTrouble::Unusable))?;
        Ok((stream, certificate))
    }

    /// Tries each address that may be tried, all at once.
    async fn each<T, F>(&self, addresses: &[IpAddr], probe: impl Fn(IpAddr, Instant) -> F) -> Vec<Attempt<T>>
    where
        F: Future<Output = Result<T, ProbeTrouble>>,
    {
        let (deadline, probe) = (Instant::now() + self.total, &probe);
        let attempts = targets::choose(&self.reach, addresses).into_iter().map(|(at, may)| async move {
            let outcome = match may {
                Ok(()) => probe(at, deadline).await,
                Err(trouble) => Err(trouble),
            };
            Attempt { at, outcome }
        });
        join_all(attempts).await
    }
}

async fn by<T>(deadline: Instant, work: impl Future<Output = Result<T, ProbeTrouble>>) -> Result<T, ProbeTrouble> {
    timeout_at(deadline, work).await.unwrap_or(Err(ProbeTrouble::TimedOut))
}
