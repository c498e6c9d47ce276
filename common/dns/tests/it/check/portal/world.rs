//! A hostname at which everything is right, to break one thing.

use std::collections::{BTreeMap, BTreeSet};

use tenantry_dns::{
    Answer, Answers, Delegation, HostReport, HostSeen, HostWanted, RecordType, Said, Seen, Server, Severity, Trouble,
    Value, check_host, ownership,
};

use crate::check::world::{no_data, records};

pub(crate) const HOST: &str = "portal.acme.com";
pub(crate) const TARGET: &str = "a1b2c3d.portal.example.com";
pub(crate) const OWNER: &str = "_tenantry.portal.acme.com";
pub(crate) const TEXT: &str = "tenantry-verify=Abc123def456Ghi789";
pub(crate) const V4: &str = "192.0.2.10";
pub(crate) const V6: &str = "2001:db8::10";
pub(crate) const ACCOUNT: &str = "https://ca.example/acct/7";
pub(crate) const CA: &str = "letsencrypt.org";

pub(crate) const NOBODY: Said = Said::NxDomain { negative_ttl: Some(900) };

/// What a row of a table says: the fault, the finding, and what else cannot but be found with it.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) zone: fn(&mut World),
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) saw: &'static str,
    pub(crate) advice: &'static str,
    pub(crate) also: &'static [&'static str],
}

impl Row {
    pub(crate) const fn new(what: &'static str, zone: fn(&mut World), code: &'static str, severity: Severity) -> Self {
        Self { what, zone, code, severity, saw: "", advice: "", also: &[] }
    }

    pub(crate) const fn saw(self, saw: &'static str) -> Self {
        Self { saw, ..self }
    }

    pub(crate) const fn advice(self, advice: &'static str) -> Self {
        Self { advice, ..self }
    }

    pub(crate) const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    /// Breaks the zone, looks, and compares.
    pub(crate) fn run(&self) {
        let mut world = World::new();
        (self.zone)(&mut world);
        let report = world.check();
        let found: BTreeSet<&str> = report.findings.iter().map(|finding| finding.code.as_str()).collect();
        let meant: BTreeSet<&str> = self.also.iter().copied().chain([self.code]).collect();
        assert_eq!(found, meant, "{}: {:#?}", self.what, report.findings);
        let finding = report.findings.iter().find(|finding| finding.code == self.code).unwrap();
        assert_eq!(finding.severity, self.severity, "{}: {finding:#?}", self.what);
        assert!(finding.saw.contains(self.saw), "{}: {finding:#?}", self.what);
        assert!(finding.advice.contains(self.advice), "{}: {finding:#?}", self.what);
        assert!(!report.observed.is_empty() && !report.observed.contains('\n'), "{}", self.what);
        for finding in &report.findings {
            for words in [&finding.saw, &finding.advice] {
                assert!(words.ends_with('.') && words.len() > 20 && !words.contains("  "), "{}: {words:?}", self.what);
            }
        }
    }
}

pub(crate) struct World {
    pub(crate) wanted: HostWanted,
    pub(crate) seen: HostSeen,
}

impl World {
    /// Two servers, the CNAME, and nothing else.
    pub(crate) fn new() -> Self {
        let server = |index: u8| Server {
            name: format!("ns{index}.example.net"),
            addresses: vec![format!("198.51.100.{index}:53").parse().unwrap()],
        };
        let seen = Seen {
            delegation: Delegation::Found,
            zone: Some("acme.com".to_owned()),
            servers: vec![server(1), server(2)],
            answers: BTreeMap::new(),
            dnssec_bogus: false,
            wildcard: Vec::new(),
        };
        let wanted = HostWanted {
            host: HOST.to_owned(),
            target: TARGET.to_owned(),
            ownership: ownership(HOST, "Abc123def456Ghi789"),
            ca: CA.to_owned(),
            ca_account: Some(ACCOUNT.to_owned()),
        };
        let mut world = Self { wanted, seen: HostSeen { seen, target_bogus: false } };
        for kind in [RecordType::Txt, RecordType::Cname, RecordType::Ns] {
            world.say(&format!("_acme-challenge.{HOST}"), kind, NOBODY);
        }
        for kind in [RecordType::Txt, RecordType::Cname] {
            world.say(OWNER, kind, NOBODY);
        }
        world.say("acme.com", RecordType::Caa, no_data());
        world.say("com", RecordType::Caa, no_data());
        world.say(TARGET, RecordType::A, addresses(&[V4]));
        world.say(TARGET, RecordType::Aaaa, addresses(&[V6]));
        world.cname(&[TARGET]);
        world.end(addresses(&[V4]), addresses(&[V6]));
        world
    }

    pub(crate) fn check(&self) -> HostReport {
        check_host(&self.wanted, &self.seen)
    }

    /// Every server says that.
    pub(crate) fn say(&mut self, name: &str, kind: RecordType, said: Said) {
        self.say_through(name, kind, said, &[]);
    }

    /// Every server says that, after these aliases.
    pub(crate) fn say_through(&mut self, name: &str, kind: RecordType, said: Said, aliases: &[&str]) {
        let answer = |server: &Server| Answer {
            server: server.name.clone(),
            address: server.addresses.first().copied().unwrap_or(([198, 51, 100, 9], 53).into()),
            said: said.clone(),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        };
        let authoritative = self.seen.seen.servers.iter().map(answer).collect();
        self.seen.seen.answers.insert((name.to_owned(), kind), Answers { authoritative, public: None });
    }

    /// The hostname is an alias of these, one of the other; the last has nothing.
    pub(crate) fn cname(&mut self, chain: &[&str]) {
        self.say(HOST, RecordType::Cname, records(vec![Value::Cname(chain[0].to_owned())]));
        for kind in [RecordType::A, RecordType::Aaaa, RecordType::Txt, RecordType::Mx, RecordType::Caa] {
            self.say_through(HOST, kind, NOBODY, chain);
        }
    }

    /// The addresses at the end of the chain.
    pub(crate) fn end(&mut self, v4: Said, v6: Said) {
        for (kind, said) in [(RecordType::A, v4), (RecordType::Aaaa, v6)] {
            for answer in &mut self.answers(HOST, kind).authoritative {
                answer.said = said.clone();
            }
        }
    }

    /// No CNAME; these addresses.
    pub(crate) fn addresses(&mut self, v4: &[&str], v6: &[&str]) {
        self.gone(no_data());
        self.end(addresses(v4), addresses(v6));
    }

    /// No CNAME, no address.
    pub(crate) fn gone(&mut self, said: Said) {
        use RecordType::{A, Aaaa, Caa, Cname, Mx, Txt};
        for kind in [A, Aaaa, Cname, Txt, Mx, Caa] {
            self.say(HOST, kind, said.clone());
        }
    }

    /// One server says this of the hostname's addresses of both kinds, after these aliases.
    pub(crate) fn at(&mut self, server: usize, said: Said, aliases: &[&str]) {
        for kind in [RecordType::A, RecordType::Aaaa] {
            let answer = &mut self.answers(HOST, kind).authoritative[server];
            answer.said = said.clone();
            answer.aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
        }
    }

    /// A public resolver says this of the hostname's addresses of both kinds, after these aliases.
    pub(crate) fn public(&mut self, said: Said, aliases: &[&str]) {
        for kind in [RecordType::A, RecordType::Aaaa] {
            let aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
            let answer = Answer {
                server: "1.1.1.1".to_owned(),
                address: ([1, 1, 1, 1], 53).into(),
                said: said.clone(),
                aliases,
            };
            self.answers(HOST, kind).public = Some(answer);
        }
    }

    pub(crate) fn answers(&mut self, name: &str, kind: RecordType) -> &mut Answers {
        self.seen.seen.answers.get_mut(&(name.to_owned(), kind)).unwrap()
    }

    pub(crate) fn caa(&mut self, name: &str, set: &[(u8, &str, &str)]) {
        self.say(name, RecordType::Caa, caa(set));
    }

    pub(crate) fn proof(&mut self) {
        self.say(OWNER, RecordType::Txt, records(vec![Value::Txt(vec![TEXT.to_owned()])]));
    }

    /// The zone is held by servers of these names.
    pub(crate) fn hosted_by(&mut self, names: [&str; 2]) {
        for (server, name) in self.seen.seen.servers.iter_mut().zip(names) {
            server.name = name.to_owned();
        }
    }

    /// The hostname is the top of its zone.
    pub(crate) fn at_the_top(&mut self) {
        self.seen.seen.zone = Some(HOST.to_owned());
    }

    /// Nobody says anything of the hostname or what lies below it.
    pub(crate) fn fail(&mut self, trouble: Trouble) {
        for ((name, _), answers) in &mut self.seen.seen.answers {
            for answer in answers.authoritative.iter_mut().filter(|_| name.ends_with(HOST)) {
                (answer.said, answer.aliases) = (Said::Failed(trouble), Vec::new());
            }
        }
    }
}

/// Nothing where there is none.
pub(crate) fn addresses(texts: &[&str]) -> Said {
    match texts {
        [] => no_data(),
        texts => records(texts.iter().map(|text| Value::Address(text.parse().unwrap())).collect()),
    }
}

pub(crate) fn caa(set: &[(u8, &str, &str)]) -> Said {
    let value = |(flags, tag, value): &(u8, &str, &str)| Value::Caa {
        flags: *flags,
        tag: (*tag).to_owned(),
        value: (*value).to_owned(),
    };
    records(set.iter().map(value).collect())
}

pub(crate) fn alias(target: &str) -> Said {
    records(vec![Value::Cname(target.to_owned())])
}

/// The codes of what is found.
pub(crate) fn codes(report: &HostReport) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code.as_str()).collect()
}
