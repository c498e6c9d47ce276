//! A small Internet on loopback: a root, a registry and the servers of domains, one address each, all on one port.

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tenantry_dns::{Answers, Places, Purpose, RecordType, Resolver, Said, Seen, Value, Wanted};
use tenantry_standins::dns::{Dns, Options};

/// The root's and the registry's addresses; those of domains come after.
pub(crate) const ROOT: u8 = 1;
pub(crate) const REGISTRY: u8 = 2;
pub(crate) const ACME: u8 = 3;
pub(crate) const OTHER: u8 = 4;
pub(crate) const PUBLIC: u8 = 9;

/// A root that delegates `test` to a registry that delegates `acme.test`, with glue, to two names at one server.
pub(crate) struct Net {
    pub(crate) port: u16,
    pub(crate) root: Dns,
    pub(crate) registry: Dns,
    pub(crate) acme: Dns,
}

impl Net {
    pub(crate) async fn start() -> Self {
        let root = Dns::start(Options { zones: vec![".".into()], ..Options::default() }).await.unwrap();
        let port = root.addr().port();
        let (registry, acme) = (server(port, REGISTRY, "test").await, server(port, ACME, "acme.test").await);
        delegate(&root, "test", &[("ns1.test", REGISTRY)]);
        delegate(&registry, "acme.test", &[("ns1.acme.test", ACME)]);
        Self { port, root, registry, acme }
    }

    /// One more server of `acme.test`, which the registry and the first one know.
    pub(crate) async fn second(&self) -> Dns {
        let second = server(self.port, OTHER, "acme.test").await;
        delegate(&self.registry, "acme.test", &[("ns1.acme.test", ACME), ("ns2.acme.test", OTHER)]);
        for dns in [&self.acme, &second] {
            delegate(dns, "acme.test", &[("ns1.acme.test", ACME), ("ns2.acme.test", OTHER)]);
        }
        second
    }

    pub(crate) fn places(&self) -> Places {
        places(self.port)
    }

    pub(crate) async fn gather(&self, domain: &str, wanted: &[Wanted]) -> Seen {
        Resolver::new(self.places()).gather(domain, wanted).await
    }
}

/// Places below one root, with no public resolver.
pub(crate) fn places(port: u16) -> Places {
    Places {
        roots: vec![at(ROOT, port)],
        public: Vec::new(),
        port,
        time_out: Duration::from_millis(500),
        tries: 2,
        ..Places::default()
    }
}

pub(crate) fn at(host: u8, port: u16) -> SocketAddr {
    (Ipv4Addr::new(127, 0, 0, host), port).into()
}

pub(crate) async fn server(port: u16, host: u8, zone: &str) -> Dns {
    let address = Ipv4Addr::new(127, 0, 0, host);
    let options = Options { address, port: Some(port), zones: vec![zone.to_owned()], ..Options::default() };
    free(async || Dns::start(options.clone()).await).await
}

/// Takes a port as soon as it is free: a question of another test may be using it for a moment.
pub(crate) async fn free<T>(take: impl AsyncFn() -> std::io::Result<T>) -> T {
    for _ in 0..200 {
        match take().await {
            Err(error) if error.kind() == ErrorKind::AddrInUse => tokio::time::sleep(Duration::from_millis(10)).await,
            taken => return taken.unwrap(),
        }
    }
    panic!("the port is never free")
}

/// Gives a zone to these servers, with their addresses.
pub(crate) fn delegate(dns: &Dns, zone: &str, servers: &[(&str, u8)]) {
    dns.set(zone, "NS", 300, servers.iter().map(|(name, _)| *name)).unwrap();
    for (name, host) in servers {
        dns.set(name, "A", 300, [format!("127.0.0.{host}")]).unwrap();
    }
}

pub(crate) fn wanted(purpose: Purpose, kind: RecordType, name: &str) -> Wanted {
    Wanted { purpose, kind, name: name.into(), value: "x".into(), priority: None, ttl: None, required: true }
}

/// The ownership record of a domain.
pub(crate) fn token(domain: &str) -> Wanted {
    wanted(Purpose::Ownership, RecordType::Txt, &format!("_tenantry.{domain}"))
}

pub(crate) fn answers<'a>(seen: &'a Seen, name: &str, kind: RecordType) -> &'a Answers {
    seen.answers.get(&(name.to_owned(), kind)).unwrap_or_else(|| panic!("{name} was not asked for: {seen:#?}"))
}

/// What each authoritative server said.
pub(crate) fn said<'a>(seen: &'a Seen, name: &str, kind: RecordType) -> Vec<&'a Said> {
    answers(seen, name, kind).authoritative.iter().map(|answer| &answer.said).collect()
}

pub(crate) fn text(value: &str, ttl: u32) -> Said {
    Said::Records { values: vec![Value::Txt(vec![value.into()])], ttl }
}

/// The stand-in's "no such name" and "not of this type".
pub(crate) const NO_NAME: Said = Said::NxDomain { negative_ttl: Some(60) };
pub(crate) const NO_DATA: Said = Said::NoData { negative_ttl: Some(60) };
