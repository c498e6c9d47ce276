//! The zone that holds the domain, and its servers.

use std::net::SocketAddr;

use futures::future::join_all;

use super::{
    exchange::{Manner, Question},
    name::{ancestors, below, parent, registered, within},
    reply::{Heard, read},
    session::Session,
    walk::Lost,
};
use crate::{Delegation, Name, RecordType, Said, Server, Trouble, Value};

/// The zone, as far as it is known.
#[derive(Debug)]
pub(super) struct Zone {
    pub(super) delegation: Delegation,
    pub(super) name: Option<Name>,
    pub(super) servers: Vec<Server>,
}

impl Zone {
    fn lost(delegation: Delegation, name: Option<Name>, servers: Vec<Server>) -> Self {
        Self { delegation, name, servers }
    }
}

/// What a look for the start of authority said.
struct Start {
    /// The zone that holds the name.
    zone: Name,
    /// There is no such name.
    missing: bool,
    /// The servers by which the walk ended, and the zone that they were named for.
    cut: Option<(Name, Vec<Server>)>,
}

impl Session<'_> {
    pub(super) async fn zone_of(&self, domain: &str) -> Zone {
        let start = match self.start_of(domain).await {
            Ok(start) => start,
            Err(lost) => return lost,
        };
        if start.missing
            && let Some(name) = self.unregistered(domain, &start.zone).await
        {
            return Zone::lost(Delegation::NotRegistered { name }, Some(start.zone), Vec::new());
        }
        let servers = match (self.places.server, start.cut) {
            (Some(server), _) => vec![only(server)],
            (None, Some((name, servers))) if name == start.zone => self.with_addresses(servers).await,
            // One server holds the zone and the one above it: it says itself who else holds it.
            _ => self.named(&start.zone).await,
        };
        if servers.is_empty() {
            return Zone::lost(Delegation::Lame, Some(start.zone), servers);
        }
        Zone { delegation: Delegation::Found, name: Some(start.zone), servers }
    }

    /// The zone that holds the name, by its SOA. An alias has none, and some resolvers leave it out of a "no": then it is
    /// looked for one label higher.
    async fn start_of(&self, domain: &str) -> Result<Start, Zone> {
        let (mut name, mut missing) = (domain, false);
        loop {
            let (heard, cut) = self.soa(name, domain).await?;
            let top = cut.as_ref().map_or("", |(top, _)| top.as_str());
            let found = |zone: Option<Name>| zone.filter(|zone| within(name, zone) && within(zone, top));
            let zone = match heard {
                Heard::Records { aliases, .. } if aliases.is_empty() => Some(name.to_owned()),
                Heard::Nothing { said, zone, aliases } if aliases.is_empty() => {
                    missing |= name == domain && matches!(said, Said::NxDomain { .. });
                    found(zone)
                }
                _ => None,
            };
            if let Some(zone) = zone {
                return Ok(Start { zone, missing, cut });
            }
            if name.is_empty() || name == top {
                return Ok(Start { zone: top.to_owned(), missing, cut });
            }
            name = parent(name);
        }
    }

    async fn soa(&self, name: &str, domain: &str) -> Result<(Heard, Option<(Name, Vec<Server>)>), Zone> {
        if let Some(server) = self.places.server {
            let question = Question { name, kind: RecordType::Soa, manner: Manner::Resolver };
            let answer = self.ask(server, question).await;
            return match answer.map_or_else(Heard::Failed, |message| read(&message, name, RecordType::Soa, false)) {
                // It is the only one, and does not hold the domain.
                Heard::Failed(Trouble::Refused) => Err(Zone::lost(Delegation::Lame, None, vec![only(server)])),
                Heard::Failed(trouble) => Err(Zone::lost(Delegation::Unknown(trouble), None, vec![only(server)])),
                heard => Ok((heard, None)),
            };
        }
        match self.descend(name, RecordType::Soa, &[]).await {
            Ok(found) => Ok((found.heard, Some((found.cut.name.clone(), found.cut.servers.clone())))),
            // Only what was delegated to somebody can be lame: the root and the registries are just not to be asked now.
            Err(Lost::Lame(cut)) if within(&cut.name, registered(domain)) => {
                let servers = self.with_addresses(cut.servers.clone()).await;
                Err(Zone::lost(Delegation::Lame, Some(cut.name.clone()), servers))
            }
            Err(Lost::Lame(_)) => Err(Zone::lost(Delegation::Unknown(Trouble::Refused), None, Vec::new())),
            Err(Lost::Unknown(trouble)) => Err(Zone::lost(Delegation::Unknown(trouble), None, Vec::new())),
        }
    }

    /// The highest name from the registered domain upwards that the zone above does not know.
    async fn unregistered(&self, domain: &str, zone: &str) -> Option<Name> {
        let registered = registered(domain);
        if !below(registered, zone) {
            return None;
        }
        let mut names: Vec<&str> = ancestors(registered).take_while(|name| below(name, zone)).collect();
        names.reverse();
        for name in names {
            let (heard, _) = self.soa(name, domain).await.ok()?;
            if matches!(&heard, Heard::Nothing { said: Said::NxDomain { .. }, aliases, .. } if aliases.is_empty()) {
                return Some(name.to_owned());
            }
        }
        None
    }

    /// The servers that the zone itself names.
    async fn named(&self, zone: &str) -> Vec<Server> {
        let Ok(found) = self.descend(zone, RecordType::Ns, &[]).await else { return Vec::new() };
        match found.heard {
            Heard::Records { values, .. } => self.with_addresses(servers(values)).await,
            _ => vec![Server { name: found.server, addresses: vec![found.address] }],
        }
    }

    /// Looks up the addresses of those that have none.
    pub(super) async fn with_addresses(&self, servers: Vec<Server>) -> Vec<Server> {
        join_all(servers.into_iter().map(|server| async move {
            if !server.addresses.is_empty() {
                return server;
            }
            // What is not known here shows when the server is asked: it cannot be reached.
            let addresses = self.addresses_of(&server.name).await.unwrap_or_default();
            Server { addresses, ..server }
        }))
        .await
    }
}

/// The servers of an NS set, without their addresses.
pub(super) fn servers(values: impl IntoIterator<Item = Value>) -> Vec<Server> {
    let names = values.into_iter().filter_map(|value| match value {
        Value::Ns(name) => Some(name),
        _ => None,
    });
    names.map(|name| Server { name, addresses: Vec::new() }).collect()
}

/// The server that stands for all.
pub(super) fn only(server: SocketAddr) -> Server {
    Server { name: server.ip().to_string(), addresses: vec![server] }
}
