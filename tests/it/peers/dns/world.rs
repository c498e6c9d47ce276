//! A small Internet: the root and `test` on 127.0.0.1, everybody's zones on 127.0.0.2 and 127.0.0.3.

use std::{fmt::Write as _, net::Ipv4Addr, time::Duration};

use tenantry_dns::{Places, Purpose, RecordType, Resolver, Wanted};
use tenantry_tests::nameserver::NameServer;

use super::rows::{KEY, Row, TOKEN, strings};

pub(super) const TOP: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 1);
pub(super) const FIRST: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
pub(super) const SECOND: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// The mail service's own zone.
const SERVICE: &str = "amazonses.com";

/// Everything that is in force.
pub(super) struct World {
    servers: Vec<NameServer>,
}

/// What stands on one server: names and texts of zones.
pub(super) type Zones = Vec<(String, Option<String>)>;

impl World {
    /// A world with a zone for each row, each on the first server; `None` when the peers are left out.
    pub(super) async fn start(rows: &[Row]) -> Option<Self> {
        let zones: Zones = rows.iter().map(|row| (format!("{}.test", row.label), Some(zone(row)))).collect();
        let delegations = zones.iter().map(|(name, _)| (name.clone(), vec![(format!("ns1.{name}"), FIRST)])).collect();
        Self::with(delegations, zones, Vec::new()).await
    }

    /// A world with these delegations below `test`, and these zones on the first and the second server.
    pub(super) async fn with(
        mut delegations: Vec<(String, Vec<(String, Ipv4Addr)>)>,
        mut first: Zones,
        second: Zones,
    ) -> Option<Self> {
        let nsd = crate::peers::nsd()?;
        first.push((SERVICE.to_owned(), Some(service())));
        delegations.push((SERVICE.to_owned(), vec![(format!("ns1.{SERVICE}"), FIRST)]));
        let within = |top: &str| {
            let delegations = delegations.iter().filter(|(name, _)| name.ends_with(".test") == (top == "test"));
            delegations.map(|(name, servers)| delegation(name, servers)).collect::<String>()
        };
        let root = head("", &[("a.root".to_owned(), TOP)]) + &delegation("test", &[("ns.nic.test".to_owned(), TOP)]);
        let test = head("test", &[("ns.nic.test".to_owned(), TOP)]);
        let top = [(".".to_owned(), Some(root + &within("."))), ("test".to_owned(), Some(test + &within("test")))];
        let servers = [(TOP, &top[..]), (FIRST, &first[..]), (SECOND, &second[..])];
        let servers = if second.is_empty() { &servers[..2] } else { &servers[..] };
        Some(Self { servers: NameServer::start(&nsd, servers).await })
    }

    /// Looks from the root.
    pub(super) fn walking(&self) -> Resolver {
        Resolver::new(Places { roots: vec![self.servers[0].address()], ..self.places() })
    }

    /// Asks the first server for everything.
    pub(super) fn asking(&self) -> Resolver {
        Resolver::new(Places { server: Some(self.servers[1].address()), ..self.places() })
    }

    /// Nowhere but on its port.
    pub(super) fn places(&self) -> Places {
        Places {
            roots: Vec::new(),
            public: Vec::new(),
            port: self.servers[0].address().port(),
            time_out: Duration::from_secs(2),
            ..Places::default()
        }
    }
}

/// What the first server holds for the rows, as names and texts.
pub(super) fn zones(rows: &[Row]) -> Vec<(String, String)> {
    let rows = rows.iter().map(|row| (format!("{}.test", row.label), zone(row)));
    rows.chain([(SERVICE.to_owned(), service())]).collect()
}

fn service() -> String {
    let own = "@ TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n*.dkim TXT \"p=\"\none.dkim A 192.0.2.77\n";
    head(SERVICE, &[(format!("ns1.{SERVICE}"), FIRST)]) + own
}

/// SOA and name servers of a zone, with the addresses of those that are below it.
pub(super) fn head(zone: &str, servers: &[(String, Ipv4Addr)]) -> String {
    let names: String = servers.iter().map(|(name, _)| format!("@ NS {name}.\n")).collect();
    let soa = format!("@ SOA {}. hostmaster.example.org. 1 3600 600 604800 60", servers[0].0);
    format!("$ORIGIN {zone}.\n$TTL 300\n{soa}\n{names}{}", glue(zone, servers))
}

fn delegation(zone: &str, servers: &[(String, Ipv4Addr)]) -> String {
    let names: String = servers.iter().map(|(name, _)| format!("{zone}. NS {name}.\n")).collect();
    names + &glue(zone, servers)
}

fn glue(zone: &str, servers: &[(String, Ipv4Addr)]) -> String {
    let below = |name: &str| zone.is_empty() || name.ends_with(&format!(".{zone}"));
    let own = servers.iter().filter(|(name, _)| below(name));
    own.map(|(name, address)| format!("{name}. A {address}\n")).collect()
}

/// The zone of a row.
pub(super) fn zone(row: &Row) -> String {
    let zone = format!("{}.test", row.label);
    let mut text = head(&zone, &[(format!("ns1.{zone}"), FIRST)]);
    let _ = writeln!(text, "$ORIGIN mail.{zone}.");
    let perfect = [
        ("own", format!("_tenantry TXT \"{TOKEN}\"")),
        ("mx", "send MX 10 feedback-smtp.eu-west-1.amazonses.com.".to_owned()),
        ("spf", "send TXT \"v=spf1 include:amazonses.com ~all\"".to_owned()),
        ("dkim", format!("resend._domainkey TXT {}", strings(&format!("p={KEY}")))),
        ("dmarc", "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:dmarc@example.org\"".to_owned()),
    ];
    let kept = perfect.into_iter().filter(|(word, _)| !row.without.contains(word)).map(|(_, line)| line);
    for line in kept.chain(row.with.iter().cloned()) {
        let _ = writeln!(text, "{}", line.replace("%Z", &zone));
    }
    text
}

/// What is wanted of every domain.
pub(super) fn wanted(domain: &str) -> Vec<Wanted> {
    let record = |purpose, kind, name: &str, value: &str| Wanted {
        purpose,
        kind,
        name: format!("{name}.{domain}"),
        value: value.to_owned(),
        priority: (kind == RecordType::Mx).then_some(10),
        ttl: None,
        required: purpose != Purpose::Dmarc,
    };
    vec![
        record(Purpose::Ownership, RecordType::Txt, "_tenantry", TOKEN),
        record(Purpose::ReturnPath, RecordType::Mx, "send", "feedback-smtp.eu-west-1.amazonses.com"),
        record(Purpose::Spf, RecordType::Txt, "send", "v=spf1 include:amazonses.com ~all"),
        record(Purpose::Dkim, RecordType::Txt, "resend._domainkey", &format!("p={KEY}")),
        record(Purpose::Dmarc, RecordType::Txt, "_dmarc", "v=DMARC1; p=none; rua=mailto:dmarc@example.org"),
    ]
}
