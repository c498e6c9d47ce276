//! The client.

use std::{error::Error, net::SocketAddr, sync::Arc, time::Duration};

use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use url::{Host, Url};

use crate::{FetchError, is_public};

/// How much and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that are taken.
    pub bytes: usize,
    /// How long it may take in all, from resolving the name to the last byte.
    pub total: Duration,
}

impl Default for Limits {
    /// 25 MiB in 10 s.
    fn default() -> Self {
        Self { bytes: 25 * 1024 * 1024, total: Duration::from_secs(10) }
    }
}

/// A client for URLs of others. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Guarded {
    pub(crate) client: Client,
    guard: Guard,
}

/// What is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// https to the public Internet.
    Public,
    /// The same; and servers of this machine, by http too.
    Loopback,
    /// Servers of a test: plain http to any address.
    Tests,
}

impl Guarded {
    /// Reaches the public Internet, and nothing else.
    ///
    /// # Errors
    /// [`FetchError::Client`]: TLS is not usable here.
    pub fn new() -> Result<Self, FetchError> {
        Self::with(Guard::Public)
    }

    /// Reaches the public Internet, and by http too the servers of this machine, which are named by a loopback address or as
    /// `localhost`. For the local stack and for tests; a deployment that asks for it is refused where settings are read.
    ///
    /// # Errors
    /// As [`Guarded::new`].
    pub fn with_loopback() -> Result<Self, FetchError> {
        Self::with(Guard::Loopback)
    }

    /// Reaches servers of a test too: http, any port, any address. For tests only; nothing in a deployment may call it.
    ///
    /// # Errors
    /// As [`Guarded::new`].
    pub fn for_tests() -> Result<Self, FetchError> {
        Self::with(Guard::Tests)
    }

    fn with(guard: Guard) -> Result<Self, FetchError> {
        let client = Client::builder()
            .https_only(guard == Guard::Public)
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
            .user_agent("Tenantry")
            .dns_resolver(Arc::new(guard))
            .build()
            .map_err(|_| FetchError::Client)?;
        Ok(Self { client, guard })
    }

    /// The URL, where it is one that could be reached: by its scheme, port and address. What its name leads to is seen when it is.
    ///
    /// # Errors
    /// [`FetchError::NotAUrl`], [`FetchError::NotAllowed`], [`FetchError::NotPublic`].
    pub fn check(&self, url: &str) -> Result<Url, FetchError> {
        self.guard.read(url)
    }

    /// What a GET of the URL answers with 200.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn get(&self, url: &str, limits: Limits) -> Result<Vec<u8>, FetchError> {
        let url = self.guard.read(url)?;
        tokio::time::timeout(limits.total, self.fetch(url, limits.bytes)).await.unwrap_or(Err(FetchError::TimedOut))
    }

    async fn fetch(&self, url: Url, most: usize) -> Result<Vec<u8>, FetchError> {
        let mut response = self.client.get(url).send().await.map_err(|error| explain(&error))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(FetchError::Redirected(status.as_u16()));
        }
        if status != 200 {
            return Err(FetchError::Status(status.as_u16()));
        }
        if response.content_length().is_some_and(|length| length > most as u64) {
            return Err(FetchError::TooLarge(most));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| explain(&error))? {
            if bytes.len() + chunk.len() > most {
                return Err(FetchError::TooLarge(most));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

impl Guard {
    /// Names are checked where they are resolved; an address stands in the URL itself and is resolved by nobody.
    fn read(self, url: &str) -> Result<Url, FetchError> {
        let url = Url::parse(url.trim()).map_err(|_| FetchError::NotAUrl)?;
        let Some(host) = url.host() else { return Err(FetchError::NotAUrl) };
        let plain = url.username().is_empty() && url.password().is_none();
        if self == Self::Tests {
            return if plain { Ok(url) } else { Err(FetchError::NotAllowed) };
        }
        if self == Self::Loopback && plain && is_this_machine(&host) && matches!(url.scheme(), "http" | "https") {
            return Ok(url);
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if url.scheme() != "https" || !plain || !(port == 443 || port >= 1024) {
            return Err(FetchError::NotAllowed);
        }
        let address = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        };
        if address.is_some_and(|address| !is_public(address)) {
            return Err(FetchError::NotPublic);
        }
        Ok(url)
    }
}

impl Resolve for Guard {
    /// The addresses of a name, which are those that are connected to: nobody resolves it a second time.
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let addresses: Vec<SocketAddr> = found.map_err(|_| FetchError::NotResolved)?.collect();
            if addresses.is_empty() {
                return Err(FetchError::NotResolved.into());
            }
            let fine = match guard {
                Self::Tests => true,
                Self::Loopback if name.as_str() == LOCALHOST => {
                    addresses.iter().all(|address| address.ip().is_loopback())
                }
                Self::Public | Self::Loopback => addresses.iter().all(|address| is_public(address.ip())),
            };
            if !fine {
                return Err(FetchError::NotPublic.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// The one name of this machine.
const LOCALHOST: &str = "localhost";

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == LOCALHOST,
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Our own word where the resolver has given one, and else what kind of trouble it was.
pub(crate) fn explain(error: &reqwest::Error) -> FetchError {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(inner) = cause {
        if let Some(ours) = inner.downcast_ref::<FetchError>() {
            return ours.clone();
        }
        cause = inner.source();
    }
    if error.is_timeout() { FetchError::TimedOut } else { FetchError::Unreachable }
}
