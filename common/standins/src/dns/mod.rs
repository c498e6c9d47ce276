//! An authoritative DNS server over UDP and TCP, whose zones change while it runs.
//!
//! What it knows of, it answers as the zone's own server (the SOA goes with every "no", RFC 2308); a name of no zone is
//! REFUSED. Each zone starts with its SOA, one NS (`ns1.<zone>`) and that server's address, 127.0.0.1.
//!
//! | route | answer |
//! |---|---|
//! | `GET /zones` | the zones' names |
//! | `PUT`, `DELETE /zones/{zone}` | makes or drops a zone |
//! | `GET /zones/{zone}` | the zone as a BIND file |
//! | `GET`, `PUT`, `DELETE /records/{name}/{type}` | one record set: `{"ttl": 300, "values": ["..."]}` |

mod error;
mod handler;
mod misbehave;
mod routes;
mod server;
mod store;
mod value;
mod zone;
mod zones;

pub use error::Wrong;
pub use misbehave::{Fault, Rule};
use server::Listening;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
pub use zone::RecordSet;
use zones::Zones;

/// How the server is to run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port on 127.0.0.1, UDP and TCP; `None` takes a free one.
    pub port: Option<u16>,
    /// The zones there are from the start, next to those that were kept.
    pub zones: Vec<String>,
    /// The folder the zones are kept in (`zones.json`); `None` keeps them in memory.
    pub folder: Option<PathBuf>,
}

/// The running server; stops when dropped.
#[derive(Debug)]
pub struct Dns {
    zones: Arc<Zones>,
    listening: Listening,
}

impl Dns {
    /// Starts it; it answers when this returns.
    ///
    /// # Errors
    /// When the port is taken, a zone's name is none, or the folder cannot be read or made.
    pub async fn start(options: Options) -> std::io::Result<Dns> {
        let zones = Arc::new(Zones::open(options.folder.as_deref())?);
        for zone in &options.zones {
            zones.add(zone).map_err(std::io::Error::other)?;
        }
        let listening = Listening::start(options.port, Arc::clone(&zones)).await?;
        Ok(Dns { zones, listening })
    }

    /// Where it listens, by UDP and TCP: 127.0.0.1 and its port.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.listening.address()
    }

    /// Makes a zone with its SOA, NS and that server's address; one that exists stays as it is.
    ///
    /// # Errors
    /// [`Wrong::Name`]; [`Wrong::Kept`] when it could not be written to the folder.
    pub fn add_zone(&self, zone: &str) -> Result<(), Wrong> {
        self.zones.add(zone)
    }

    /// Drops a zone with all its records; true where there was one. Its names are REFUSED from then on, or answered by
    /// the zone above it.
    ///
    /// # Errors
    /// [`Wrong::Name`]; [`Wrong::Kept`].
    pub fn remove_zone(&self, zone: &str) -> Result<bool, Wrong> {
        self.zones.drop_zone(zone)
    }

    /// Sets all records of a name and type, instead of those there were; in force when this returns.
    ///
    /// `ttl` is in seconds. Values are written as in a zone file (`10 mx.a.example` for MX; names are absolute, with or
    /// without the last dot). A TXT value is taken as it is and cut into strings of 255 bytes; one that begins with a
    /// quotation mark is read as the zone file writes it (`"one" "two"`), for those who care where it is cut. A value
    /// that has quotation marks inside is made by `"\"v=spf1 -all\""`.
    ///
    /// # Errors
    /// [`Wrong::Zone`] when no zone holds the name, [`Wrong::Name`], [`Wrong::Kind`], [`Wrong::Value`],
    /// [`Wrong::Cname`] for a CNAME beside other records, [`Wrong::Kept`].
    pub fn set(
        &self,
        name: &str,
        kind: &str,
        ttl: u32,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<(), Wrong> {
        self.zones.set(name, kind, ttl, values.into_iter().map(Into::into).collect())
    }

    /// Removes all records of a name and type; true where there were any.
    ///
    /// # Errors
    /// As [`Dns::set`].
    pub fn remove(&self, name: &str, kind: &str) -> Result<bool, Wrong> {
        self.zones.remove(name, kind)
    }

    /// The records of a name and type as they were set.
    #[must_use]
    pub fn get(&self, name: &str, kind: &str) -> Option<RecordSet> {
        self.zones.get(name, kind)
    }

    /// The zone as a BIND file; `None` for an unknown zone.
    #[must_use]
    pub fn dump(&self, zone: &str) -> Option<String> {
        self.zones.dump(zone)
    }

    /// How often this name and type were asked for so far, over UDP and TCP.
    #[must_use]
    pub fn asked(&self, name: &str, kind: &str) -> u64 {
        self.zones.asked(name, kind)
    }

    /// Puts these rules in force instead of all earlier ones. The first that strikes decides.
    pub fn misbehave(&self, rules: impl IntoIterator<Item = Rule>) {
        self.zones.misbehave(rules.into_iter().collect());
    }

    /// Behaves again.
    pub fn behave(&self) {
        self.misbehave([]);
    }

    /// The zones over HTTP, as listed above.
    pub fn routes(&self) -> axum::Router {
        routes::router(Arc::clone(&self.zones))
    }

    /// Closes both sockets and all connections, and returns when that is done.
    pub async fn stop(self) {
        self.listening.stop().await;
    }
}
