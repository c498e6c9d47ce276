//! Down the tree, from the servers of the root to those that hold a name (RFC 1034 section 5.3.3).

use std::{
    hash::{BuildHasher, RandomState},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use futures::{
    FutureExt, StreamExt,
    future::{BoxFuture, join},
    stream::FuturesUnordered,
};
use tokio::time::timeout;

use super::{
    exchange::{Manner, Question},
    name::{ancestors, below, within},
    reply::{Heard, read},
    session::{Session, lock},
};
use crate::{Name, RecordType, Server, Trouble, Value};

/// Delegations that are followed one after the other.
const DEPTH: usize = 24;
/// Names of servers without addresses that are looked up to look up one.
const TRAIL: usize = 4;
/// Addresses of one server that are used.
const ADDRESSES: usize = 6;

/// A zone and those that its parent says hold it. Servers without addresses have to be looked up.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) name: Name,
    pub(super) servers: Vec<Server>,
}

impl Cut {
    pub(super) fn root(roots: &[SocketAddr]) -> Self {
        let server = |root: &SocketAddr| Server { name: root.ip().to_string(), addresses: vec![*root] };
        Self { name: Name::new(), servers: roots.iter().map(server).collect() }
    }
}

/// An answer, and who gave it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) cut: Arc<Cut>,
    pub(super) server: Name,
    pub(super) address: SocketAddr,
    pub(super) heard: Heard,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Lost {
    /// Every server of this zone says that it does not hold it, or has no address.
    Lame(Arc<Cut>),
    /// Somebody could not be asked.
    Unknown(Trouble),
}

/// Why one server gave nothing.
enum Miss {
    /// It does not hold the zone, or has no address.
    Lame,
    /// It could not be asked.
    Trouble(Trouble),
}

impl Session<'_> {
    /// Walks from the lowest zone known so far to the servers that hold the name, and asks them. `trail`: the name servers
    /// whose addresses this walk is for.
    pub(super) fn descend<'a>(
        &'a self,
        name: &'a str,
        kind: RecordType,
        trail: &'a [Name],
    ) -> BoxFuture<'a, Result<Found, Lost>> {
        async move {
            let mut cut = self.lowest(name);
            for _ in 0..DEPTH {
                let (server, address, heard) = match self.ask_any(&cut, name, kind, trail).await {
                    Ok(found) => found,
                    Err(Miss::Lame) => return Err(Lost::Lame(cut)),
                    Err(Miss::Trouble(trouble)) => return Err(Lost::Unknown(trouble)),
                };
                let Heard::Referral { zone, servers } = heard else { return Ok(Found { cut, server, address, heard }) };
                // Addresses are believed of names that the zone above may speak for; others are looked up.
                let servers = servers.into_iter().map(|(server, glue)| {
                    let glue = if within(&server, &cut.name) { glue } else { Vec::new() };
                    Server { name: server, addresses: self.usable(glue) }
                });
                cut = Arc::new(Cut { name: zone.clone(), servers: servers.collect() });
                lock(&self.cuts).insert(zone, Arc::clone(&cut));
            }
            Err(Lost::Unknown(Trouble::Malformed))
        }
        .boxed()
    }

    fn lowest(&self, name: &str) -> Arc<Cut> {
        let cuts = lock(&self.cuts);
        ancestors(name).chain([""]).find_map(|name| cuts.get(name).cloned()).unwrap_or_else(|| Arc::new(Cut::root(&[])))
    }

    /// Asks the servers of a zone, the next one where one takes long or fails; the first good answer counts.
    async fn ask_any(
        &self,
        cut: &Cut,
        name: &str,
        kind: RecordType,
        trail: &[Name],
    ) -> Result<(Name, SocketAddr, Heard), Miss> {
        let random = RandomState::new();
        let mut servers: Vec<&Server> = cut.servers.iter().collect();
        // Those with an IPv4 address first, those without any last, otherwise by chance.
        servers.sort_by_cached_key(|server| {
            let first = server.addresses.first();
            (first.is_none(), first.is_some_and(SocketAddr::is_ipv6), random.hash_one(&server.name))
        });
        let mut waiting = servers.into_iter();
        let mut asked: FuturesUnordered<_> =
            waiting.next().map(|server| self.ask_one(cut, server, name, kind, trail)).into_iter().collect();
        let stagger = self.places.time_out / 4;
        let mut miss = Miss::Lame;
        while !asked.is_empty() {
            let answer = match timeout(stagger.max(Duration::from_millis(1)), asked.next()).await {
                Ok(Some(answer)) => Some(answer),
                Ok(None) => break,
                Err(_) => None,
            };
            match answer {
                Some(Ok(found)) => return Ok(found),
                Some(Err(Miss::Trouble(trouble))) => miss = Miss::Trouble(trouble),
                Some(Err(Miss::Lame)) | None => {}
            }
            asked.extend(waiting.next().map(|server| self.ask_one(cut, server, name, kind, trail)));
        }
        Err(miss)
    }

    async fn ask_one(
        &self,
        cut: &Cut,
        server: &Server,
        name: &str,
        kind: RecordType,
        trail: &[Name],
    ) -> Result<(Name, SocketAddr, Heard), Miss> {
        let found;
        let mut addresses = &server.addresses;
        if addresses.is_empty() {
            found = self.addresses(&server.name, trail).await?;
            addresses = &found;
        }
        let mut miss = Miss::Lame;
        for &address in addresses {
            let answer = self.ask(address, Question { name, kind, manner: Manner::Authority }).await;
            match answer.map_or_else(Heard::Failed, |message| read(&message, name, kind, true)) {
                Heard::Failed(Trouble::Refused) => return Err(Miss::Lame),
                Heard::Failed(trouble @ (Trouble::TimeOut | Trouble::Unreachable)) => miss = Miss::Trouble(trouble),
                Heard::Failed(trouble) => return Err(Miss::Trouble(trouble)),
                // Upwards or to itself: it does not hold the zone.
                Heard::Referral { zone, .. } if !below(&zone, &cut.name) => return Err(Miss::Lame),
                heard => return Ok((server.name.clone(), address, heard)),
            }
        }
        Err(miss)
    }

    /// A name server's addresses, found by another walk; none where it has none that may be asked.
    ///
    /// # Errors
    /// Why that is not known.
    pub(super) async fn addresses_of(&self, server: &str) -> Result<Vec<SocketAddr>, Trouble> {
        match self.addresses(server, &[]).await {
            Ok(addresses) => Ok(addresses),
            Err(Miss::Lame) => Ok(Vec::new()),
            Err(Miss::Trouble(trouble)) => Err(trouble),
        }
    }

    async fn addresses(&self, server: &str, trail: &[Name]) -> Result<Vec<SocketAddr>, Miss> {
        if let Some(known) = lock(&self.hosts).get(server) {
            return if known.is_empty() { Err(Miss::Lame) } else { Ok(known.clone()) };
        }
        if trail.len() >= TRAIL || trail.iter().any(|above| above == server) {
            return Err(Miss::Lame);
        }
        let trail = [trail, &[server.to_owned()]].concat();
        let (v4, v6) =
            join(self.descend(server, RecordType::A, &trail), self.descend(server, RecordType::Aaaa, &trail)).await;
        let (mut addresses, mut trouble) = (Vec::new(), None);
        for found in [v4, v6] {
            match found {
                Ok(Found { heard: Heard::Records { values, .. }, .. }) => {
                    addresses.extend(values.into_iter().filter_map(|value| match value {
                        Value::Address(address) => Some(address),
                        _ => None,
                    }));
                }
                // A name server's name is no alias (RFC 2181 section 10.3).
                Ok(_) | Err(Lost::Lame(_)) => {}
                Err(Lost::Unknown(why)) => trouble = Some(why),
            }
        }
        let addresses = self.usable(addresses);
        match trouble {
            Some(trouble) if addresses.is_empty() => return Err(Miss::Trouble(trouble)),
            // What a walk in circles did not find may be there all the same.
            None if addresses.is_empty() && trail.len() > 1 => return Err(Miss::Lame),
            _ => {}
        }
        lock(&self.hosts).insert(server.to_owned(), addresses.clone());
        if addresses.is_empty() { Err(Miss::Lame) } else { Ok(addresses) }
    }

    /// Those addresses that may be asked, with the port, IPv4 first.
    fn usable(&self, addresses: Vec<std::net::IpAddr>) -> Vec<SocketAddr> {
        let mut addresses: Vec<SocketAddr> = addresses
            .into_iter()
            .filter(|address| self.allowed(*address))
            .map(|address| SocketAddr::new(address, self.places.port))
            .collect();
        addresses.sort_by_key(SocketAddr::is_ipv6);
        addresses.dedup();
        addresses.truncate(ADDRESSES);
        addresses
    }
}
