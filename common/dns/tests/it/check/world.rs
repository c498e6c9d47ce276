//! A zone in which everything is right, to break one thing in.

use std::collections::{BTreeMap, BTreeSet};

use tenantry_dns::{
    Answer, Answers, Delegation, Purpose, RecordType, Report, Said, Seen, Server, Severity, Trouble, Value, Wanted,
    check,
};

pub(crate) const DOMAIN: &str = "mail.acme.com";
pub(crate) const PATH: &str = "send.mail.acme.com";
pub(crate) const SIGNER: &str = "resend._domainkey.mail.acme.com";
pub(crate) const POLICY: &str = "_dmarc.mail.acme.com";
pub(crate) const OWNER: &str = "_tenantry.mail.acme.com";
pub(crate) const HOST: &str = "feedback-smtp.eu-west-1.amazonses.com";
pub(crate) const SPF: &str = "v=spf1 include:amazonses.com ~all";
pub(crate) const TOKEN: &str = "tenantry-verify=Abc123def456Ghi789";
pub(crate) const KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC7vbqajDw4o6gJy8UtmIbkcpnkO3Kwc4qsEnSZp/TR+fQi62F79RHWmwKOtFmwteURgLbj7D/WGuNLGOfa/2vse3G2eHnHl5CB8ruRX9fBl/KgwCVr2JaEuUm66bBQeP5XeBotdR4cvX38uPYivCDdPjJ1QWPdspTBKcxeFbccDwIDAQAB";

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
        for words in [&finding.saw, &finding.advice] {
            assert!(words.ends_with('.') && words.len() > 20 && !words.contains("  "), "{}: {words:?}", self.what);
        }
    }
}

pub(crate) struct World {
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) seen: Seen,
}

impl World {
    /// Two servers, every record, a policy.
    pub(crate) fn new() -> Self {
        let servers = ["ns1.example.net", "ns2.example.net"];
        let server = |(index, name): (usize, &&str)| Server {
            name: (*name).to_owned(),
            addresses: vec![format!("192.0.2.{}:53", index + 1).parse().unwrap()],
        };
        let seen = Seen {
            delegation: Delegation::Found,
            zone: Some("acme.com".to_owned()),
            servers: servers.iter().enumerate().map(server).collect(),
            answers: BTreeMap::new(),
            dnssec_bogus: false,
            wildcard: Vec::new(),
        };
        let mut world = Self { wanted: wanted(), seen };
        for name in [PATH, SIGNER, POLICY, OWNER, DOMAIN] {
            for kind in [RecordType::Txt, RecordType::Mx, RecordType::Cname] {
                world.say(name, kind, Said::NoData { negative_ttl: Some(900) });
            }
        }
        world.mx(PATH, &[(10, HOST)]);
        world.txt(PATH, &[SPF]);
        world.txt(SIGNER, &[&format!("p={KEY}")]);
        world.txt(OWNER, &[TOKEN]);
        world.txt(POLICY, &["v=DMARC1; p=none; rua=mailto:dmarc@acme.com"]);
        world
    }

    pub(crate) fn check(&self) -> Report {
        check(DOMAIN, &self.wanted, &self.seen)
    }

    /// Every server says that.
    pub(crate) fn say(&mut self, name: &str, kind: RecordType, said: Said) {
        let answer = |server: &Server| Answer {
            server: server.name.clone(),
            address: server.addresses.first().copied().unwrap_or(([192, 0, 2, 9], 53).into()),
            said: said.clone(),
            aliases: Vec::new(),
        };
        let authoritative = self.seen.servers.iter().map(answer).collect();
        self.seen.answers.insert((name.to_owned(), kind), Answers { authoritative, public: None });
    }

    /// One server says that.
    pub(crate) fn say_at(&mut self, server: usize, name: &str, kind: RecordType, said: Said) {
        self.seen.answers.get_mut(&(name.to_owned(), kind)).unwrap().authoritative[server].said = said;
    }

    /// A public resolver says that.
    pub(crate) fn public(&mut self, name: &str, kind: RecordType, said: Said) {
        let answers = self.seen.answers.get_mut(&(name.to_owned(), kind)).unwrap();
        let address = ([1, 1, 1, 1], 53).into();
        answers.public = Some(Answer { server: "1.1.1.1".to_owned(), address, said, aliases: Vec::new() });
    }

    pub(crate) fn txt(&mut self, name: &str, texts: &[&str]) {
        self.say(
            name,
            RecordType::Txt,
            records(texts.iter().map(|text| Value::Txt(vec![(*text).to_owned()])).collect()),
        );
    }

    /// One text, in these strings.
    pub(crate) fn strings(&mut self, name: &str, strings: &[&str]) {
        let strings = strings.iter().map(|string| (*string).to_owned()).collect();
        self.say(name, RecordType::Txt, records(vec![Value::Txt(strings)]));
    }

    pub(crate) fn mx(&mut self, name: &str, hosts: &[(u16, &str)]) {
        let values = hosts.iter().map(|(preference, host)| Value::Mx(*preference, (*host).to_owned())).collect();
        self.say(name, RecordType::Mx, records(values));
    }

    pub(crate) fn address(&mut self, name: &str, address: &str) {
        self.say(name, RecordType::A, records(vec![Value::Address(address.parse().unwrap())]));
    }

    /// A CNAME that leads to nothing of use, and takes everything else from the name.
    pub(crate) fn cname(&mut self, name: &str, target: &str) {
        for kind in [RecordType::Txt, RecordType::Mx] {
            self.say(name, kind, no_data());
            for answer in &mut self.seen.answers.get_mut(&(name.to_owned(), kind)).unwrap().authoritative {
                answer.aliases = vec![target.to_owned()];
            }
        }
        self.say(name, RecordType::Cname, records(vec![Value::Cname(target.to_owned())]));
    }

    pub(crate) fn gone(&mut self, name: &str, kind: RecordType) {
        self.say(name, kind, Said::NxDomain { negative_ttl: Some(900) });
    }

    pub(crate) fn fail(&mut self, trouble: Trouble) {
        let names: Vec<(String, RecordType)> = self.seen.answers.keys().cloned().collect();
        for (name, kind) in names {
            self.say(&name, kind, Said::Failed(trouble));
        }
    }

    /// The zone is held by servers of these names.
    pub(crate) fn hosted_by(&mut self, names: &[&str]) {
        for (server, name) in self.seen.servers.iter_mut().zip(names) {
            server.name = (*name).to_owned();
        }
        for answers in self.seen.answers.values_mut() {
            for (answer, name) in answers.authoritative.iter_mut().zip(names) {
                answer.server = (*name).to_owned();
            }
        }
    }

    /// A CNAME for tracked links is wanted too, and is there.
    pub(crate) fn tracking(&mut self) {
        let name = format!("links.{DOMAIN}");
        let mut record = record(Purpose::Other, RecordType::Cname, &name, "links.example.net");
        record.required = true;
        self.wanted.push(record);
        self.say(&name, RecordType::Cname, records(vec![Value::Cname("links.example.net".to_owned())]));
    }
}

pub(crate) fn records(values: Vec<Value>) -> Said {
    Said::Records { values, ttl: 300 }
}

pub(crate) fn no_data() -> Said {
    Said::NoData { negative_ttl: Some(900) }
}

pub(crate) fn record(purpose: Purpose, kind: RecordType, name: &str, value: &str) -> Wanted {
    let (name, value) = (name.to_owned(), value.to_owned());
    Wanted { purpose, kind, name, value, priority: None, ttl: None, required: true }
}

/// What is wanted of the domain, in the order that it is shown in.
pub(crate) fn wanted() -> Vec<Wanted> {
    let mx = Wanted { priority: Some(10), ..record(Purpose::ReturnPath, RecordType::Mx, PATH, HOST) };
    let policy = record(Purpose::Dmarc, RecordType::Txt, POLICY, "v=DMARC1; p=none; rua=mailto:dmarc@mail.acme.com");
    vec![
        record(Purpose::Ownership, RecordType::Txt, OWNER, TOKEN),
        mx,
        record(Purpose::Spf, RecordType::Txt, PATH, SPF),
        record(Purpose::Dkim, RecordType::Txt, SIGNER, &format!("p={KEY}")),
        Wanted { required: false, ..policy },
    ]
}
