//! An authoritative DNS server over UDP and TCP, whose zones change while it runs.
//!
//! What it knows of, it answers as the zone's own server (the SOA goes with every "no", RFC 2308); a name of no zone is
//! REFUSED, but for the CAA records above its zones, of which there are none. Each zone starts with its SOA, one NS (`ns1.<zone>`) and that server's address, which is this one's.
//!
//! NS records below a zone's top delegate: questions at or below them are answered with a referral, and with the addresses
//! that the zone has for those servers. A zone of that name here is nearer, and answers itself. So a second server, on
//! another loopback address and the same port, is what a delegation leads to:
//!
//! ```rust,no_run
//! # use tenantry_standins::dns::{Dns, Options};
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let top = Dns::start(Options { zones: vec!["test".into()], ..Options::default() }).await?;
//! let (address, port) = ([127, 0, 0, 2].into(), Some(top.addr().port()));
//! let below = Dns::start(Options { address, port, zones: vec!["acme.test".into()], ..Options::default() }).await?;
//! top.set("acme.test", "NS", 300, ["ns1.acme.test"])?;
//! top.set("ns1.acme.test", "A", 300, ["127.0.0.2"])?; // glue
//! below.set("acme.test", "SOA", 300, ["ns1.acme.test hostmaster.acme.test 1 3600 600 604800 30"])?;
//! # Ok(()) }
//! ```
//!
//! The zones over HTTP. Refusals are problem documents whose `detail` says what to do.
//!
//! | route | body | answer |
//! |---|---|---|
//! | `GET /zones` | | `{"data": ["acme.test"]}` |
//! | `PUT /zones/{zone}` | | 204; makes a zone, one that exists stays |
//! | `DELETE /zones/{zone}` | | 204 |
//! | `GET /zones/{zone}` | | the zone as a BIND file |
//! | `PUT /zones/{zone}/file` | a BIND file | 204; the zone is this and nothing else; 422 says what is wrong |
//! | `GET /zones/{zone}/records` | | `{"data": [{"name", "type", "ttl", "values"}]}` |
//! | `GET /records/{name}/{type}` | | `{"name", "type", "ttl", "values"}`, or 404 |
//! | `PUT /records/{name}/{type}` | `{"ttl": 300, "values": ["..."]}` | 204; these instead of those there were |
//! | `POST /records/{name}/{type}` | as above | 204; these besides those there were |
//! | `DELETE /records/{name}/{type}` | | 204; all of them |
//! | `DELETE /records/{name}/{type}?value=...` | | 204; this one value, or 404 |
//!
//! `ttl` may be left out. 404: no zone holds the name (`detail` names the zones there are); 409: a CNAME beside other
//! records; 422: no name, type or value.

mod course;
mod error;
mod file;
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
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
pub use zone::RecordSet;
use zones::Zones;

/// How the server is to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address it listens at: a loopback one, 127.0.0.1 unless told otherwise.
    pub address: Ipv4Addr,
    /// The port, UDP and TCP; `None` takes a free one.
    pub port: Option<u16>,
    /// The zones there are from the start, next to those that were kept.
    pub zones: Vec<String>,
    /// The folder the zones are kept in (`zones.json`); `None` keeps them in memory.
    pub folder: Option<PathBuf>,
}

impl Default for Options {
    /// A free port of 127.0.0.1, no zones, nothing kept.
    fn default() -> Options {
        Options { address: Ipv4Addr::LOCALHOST, port: None, zones: Vec::new(), folder: None }
    }
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
    /// When the port is taken, the address is no loopback one, a zone's name is none, or the folder cannot be read or made.
    pub async fn start(options: Options) -> std::io::Result<Dns> {
        if !options.address.is_loopback() {
            return Err(std::io::Error::other("the DNS stand-in listens on loopback only: 127.0.0.0/8"));
        }
        let zones = Arc::new(Zones::open(options.folder.as_deref(), options.address)?);
        for zone in &options.zones {
            zones.add(zone).map_err(std::io::Error::other)?;
        }
        let listening = Listening::start(options.address, options.port, Arc::clone(&zones)).await?;
        Ok(Dns { zones, listening })
    }

    /// Where it listens, by UDP and TCP.
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
    /// that has quotation marks inside is made by `"\"v=spf1 -all\""`. NS below the zone's top delegates; SOA at its top
    /// (`ns1.a.example hostmaster.a.example 1 3600 600 604800 60`) takes the place of the zone's own until it is removed; a
    /// name like `*.a.example` is a wildcard (RFC 4592).
    ///
    /// # Errors
    /// [`Wrong::Zone`] when no zone holds the name, [`Wrong::Name`], [`Wrong::Kind`], [`Wrong::Value`],
    /// [`Wrong::Cname`] for a CNAME beside other records, [`Wrong::Soa`] for one elsewhere, [`Wrong::Kept`].
    pub fn set(
        &self,
        name: &str,
        kind: &str,
        ttl: u32,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<(), Wrong> {
        self.zones.set(name, kind, ttl, values.into_iter().map(Into::into).collect())
    }

    /// Adds a value to those of a name and type, however many there are; one that is there already stays. All of them get
    /// this TTL, in seconds.
    ///
    /// # Errors
    /// As [`Dns::set`].
    pub fn add(&self, name: &str, kind: &str, ttl: u32, value: &str) -> Result<(), Wrong> {
        self.zones.add_values(name, kind, ttl, &[value.to_owned()])
    }

    /// Removes one value of a name and type, however it was written; true where it was there.
    ///
    /// # Errors
    /// As [`Dns::set`].
    pub fn remove_value(&self, name: &str, kind: &str, value: &str) -> Result<bool, Wrong> {
        self.zones.remove_value(name, kind, value)
    }

    /// Makes a zone of a BIND file (RFC 1035 section 5), instead of the one there was: it holds these records and nothing
    /// else, besides an SOA where the file has none.
    ///
    /// # Errors
    /// [`Wrong::File`], and as [`Dns::set`].
    pub fn load(&self, zone: &str, text: &str) -> Result<(), Wrong> {
        self.zones.load(zone, text)
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
