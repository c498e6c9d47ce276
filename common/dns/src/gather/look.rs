//! The looks at a zone whose servers are known.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{BuildHasher, RandomState},
};

use futures::{StreamExt, stream};

use super::{
    Key,
    exchange::Manner,
    name::within,
    reply::Heard,
    session::Session,
    spf::{Link, links, records},
    zone::servers,
};
use crate::{Answer, Answers, Delegation, Name, RecordType, Said, Server, Trouble};

/// Questions worked at at once.
const AT_ONCE: usize = 64;
/// Servers of a zone that are asked.
const SERVERS: usize = 16;
/// SPF records that are read one below the other, and lookups that they cost in all; RFC 7208 allows ten.
const SPF_DEPTH: usize = 10;
const SPF_LOOKUPS: usize = 60;

/// A zone and what was seen of it so far.
pub(super) struct Look<'a> {
    session: &'a Session<'a>,
    pub(super) zone: Name,
    pub(super) servers: Vec<Server>,
    pub(super) answers: BTreeMap<Key, Answers>,
}

impl<'a> Look<'a> {
    pub(super) fn new(session: &'a Session<'a>, zone: Name, servers: Vec<Server>) -> Self {
        Self { session, zone, servers, answers: BTreeMap::new() }
    }

    /// Asks each server for the zone's NS records, and those too that only the zone itself names.
    pub(super) async fn servers(&mut self) -> Delegation {
        let kind = RecordType::Ns;
        let mut said = self.session.each(&self.zone, &self.servers, &self.zone, kind).await;
        if self.session.places.server.is_none() {
            let values = said.iter().filter_map(|answer| match &answer.said {
                Said::Records { values, .. } => Some(values.clone()),
                _ => None,
            });
            let known: BTreeSet<&Name> = self.servers.iter().map(|server| &server.name).collect();
            let mut more = servers(values.flatten());
            more.retain(|server| !known.contains(&server.name));
            more.sort_by(|one, other| one.name.cmp(&other.name));
            more.dedup();
            more.truncate(SERVERS.saturating_sub(self.servers.len()));
            let more = self.session.with_addresses(more).await;
            said.extend(self.session.each(&self.zone, &more, &self.zone, kind).await);
            self.servers.extend(more);
        }
        let delegation = standing(&said, &self.servers);
        self.answers.insert((self.zone.clone(), kind), Answers { authoritative: said, public: None });
        delegation
    }

    /// Answers to all these questions.
    pub(super) async fn all(&self, questions: BTreeSet<Key>) -> Vec<(Key, Answers)> {
        let questions = questions.into_iter().filter(|key| !self.answers.contains_key(key));
        stream::iter(questions)
            .map(|key| async move {
                let answers = self.one(&key.0, key.1).await;
                (key, answers)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await
    }

    async fn one(&self, name: &str, kind: RecordType) -> Answers {
        if within(name, &self.zone) {
            let authoritative = self.session.each(&self.zone, &self.servers, name, kind).await;
            return Answers { authoritative, public: None };
        }
        match self.session.elsewhere(name, kind).await {
            (answer, true) => Answers { authoritative: Vec::new(), public: Some(answer) },
            (answer, false) => Answers { authoritative: vec![answer], public: None },
        }
    }

    pub(super) fn add(&mut self, answers: Vec<(Key, Answers)>) {
        self.answers.extend(answers);
    }

    /// What a public resolver still says of these, and whether it refuses any for its signatures.
    pub(super) async fn public(&self, keys: BTreeSet<Key>) -> (Vec<(Key, Answer)>, bool) {
        let said: Vec<_> = stream::iter(keys)
            .map(|key| async move {
                let (name, kind) = (&key.0, key.1);
                let step = self.session.public(name, kind, Manner::Resolver).await?;
                let bogus = step.heard == Heard::Failed(Trouble::ServFail)
                    && self
                        .session
                        .public(name, kind, Manner::Unchecked)
                        .await
                        .is_some_and(|step| !matches!(step.heard, Heard::Failed(_)));
                let (said, aliases) = self.session.follow(step.heard, name, kind, None).await;
                Some((key, Answer { server: step.server, address: step.address, said, aliases }, bogus))
            })
            .buffer_unordered(AT_ONCE)
            .filter_map(std::future::ready)
            .collect()
            .await;
        let bogus = said.iter().any(|(_, _, bogus)| *bogus);
        (said.into_iter().map(|(key, answer, _)| (key, answer)).collect(), bogus)
    }

    /// The types, of these, that a name has which nobody can have made: a random one below the domain.
    pub(super) async fn wildcard(&self, domain: &str, kinds: &[RecordType]) -> Vec<RecordType> {
        let name = format!("t{:016x}.{domain}", RandomState::new().hash_one(domain));
        let mut found = Vec::new();
        for &kind in kinds {
            for server in &self.servers {
                match self.session.server(server, &self.zone, &name, kind).await.1 {
                    Heard::Failed(_) => continue,
                    Heard::Records { aliases, .. } if aliases.is_empty() => found.push(kind),
                    _ => {}
                }
                break;
            }
        }
        found
    }

    /// Everything that the SPF records of these names lead to.
    pub(super) async fn spf(&mut self, names: BTreeSet<Name>) {
        let (mut names, mut read, mut left) = (names, BTreeSet::new(), SPF_LOOKUPS);
        for _ in 0..SPF_DEPTH {
            let links: Vec<Link> = names.iter().flat_map(|name| self.links(name)).collect();
            read.extend(names);
            let questions = links.iter().map(|link| (link.name.clone(), link.kind));
            let mut questions: BTreeSet<Key> = questions.filter(|key| !self.answers.contains_key(key)).collect();
            while questions.len() > left {
                questions.pop_last();
            }
            left -= questions.len();
            let answers = self.all(questions).await;
            self.add(answers);
            names = links.into_iter().filter(|link| link.deeper).map(|link| link.name).collect();
            names.retain(|name| !read.contains(name));
            if names.is_empty() {
                return;
            }
        }
    }

    fn links(&self, name: &Name) -> Vec<Link> {
        let answers = self.answers.get(&(name.clone(), RecordType::Txt));
        answers.map(records).unwrap_or_default().iter().flat_map(|record| links(record, name)).collect()
    }
}

/// Whether any server answers for the zone; and if none: whether that is certain.
fn standing(said: &[Answer], servers: &[Server]) -> Delegation {
    let troubles: Vec<Trouble> = said
        .iter()
        .zip(servers)
        .filter_map(|(answer, server)| match answer.said {
            Said::Failed(_) if server.addresses.is_empty() => Some(Trouble::Refused),
            Said::Failed(trouble) => Some(trouble),
            _ => None,
        })
        .collect();
    if troubles.len() < said.len() {
        return Delegation::Found;
    }
    troubles.into_iter().find(|trouble| *trouble != Trouble::Refused).map_or(Delegation::Lame, Delegation::Unknown)
}
