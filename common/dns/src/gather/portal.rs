//! The look at a portal's hostname.

use std::collections::BTreeSet;

use futures::{StreamExt, future::join, join, stream};

use super::{
    Key, Resolver,
    look::Look,
    name::{ancestors, parent, within},
    questions::{NAME, misplaced},
    session::Session,
    zone::Zone,
};
use crate::{
    Answers, Delegation, HostSeen, HostWanted, Name, RecordType, Said, Seen, Trouble, check::host_misplaced,
    render::plain,
};

/// Names above the zone that are asked for CAA records at once.
const AT_ONCE: usize = 8;

impl Resolver {
    /// Looks at everything that matters for a portal's hostname. Never fails: what could not be asked is in the answers as such.
    /// Takes at most [`Places::overall`](crate::Places).
    ///
    /// What the zone holds is in [`Answers::authoritative`], by server, with the aliases followed: each of them at a server of the
    /// zone that holds it. The canonical host, and the CAA records above the zone, are asked of those who hold them too. What a
    /// public resolver still says of the hostname, of the canonical host and of the text for ownership is in [`Answers::public`].
    /// Where the zone was not found, there are no answers.
    ///
    /// Only servers at addresses of the public Internet are asked, as in [`Resolver::gather`].
    pub async fn look_at_host(&self, wanted: &HostWanted) -> HostSeen {
        let (host, target) = (plain(&wanted.host), plain(&wanted.target));
        let session = Session::new(&self.places);
        let Zone { delegation, name, servers } = session.zone_of(&host).await;
        let mut seen = Seen {
            delegation,
            zone: name.clone(),
            servers,
            answers: Default::default(),
            dnssec_bogus: false,
            wildcard: Vec::new(),
        };
        let (Delegation::Found, Some(zone)) = (&seen.delegation, name) else {
            return HostSeen { seen, target_bogus: false };
        };
        let mut look = Look::new(&session, zone, std::mem::take(&mut seen.servers));
        seen.delegation = look.servers().await;
        let mut target_bogus = false;
        if seen.delegation == Delegation::Found {
            let addresses = |name: &str| [RecordType::A, RecordType::Aaaa].map(|kind| (name.to_owned(), kind));
            let mut remembered = BTreeSet::from(addresses(&host));
            remembered.insert((plain(&wanted.ownership.name), RecordType::Txt));
            let beside = if host == look.zone { None } else { Some(parent(&host)) };
            let (inside, outside, wildcard, (public, bogus), (target_public, bogus_target)) = join!(
                look.all(near(wanted, &look.zone)),
                afar(&session, far(&host, &target, &look.zone)),
                async {
                    match beside {
                        Some(above) => look.wildcard(above, &[RecordType::Cname, RecordType::A]).await,
                        None => Vec::new(),
                    }
                },
                look.public(remembered),
                look.public(addresses(&target).into()),
            );
            (seen.wildcard, seen.dnssec_bogus, target_bogus) = (wildcard, bogus, bogus_target);
            look.add(inside);
            look.add(outside);
            let (inside, outside): (BTreeSet<Key>, BTreeSet<Key>) =
                ends(&look, &host).into_iter().partition(|key| within(&key.0, &look.zone));
            let (inside, outside) = join(look.all(inside), afar(&session, outside)).await;
            look.add(inside);
            look.add(outside);
            for (key, answer) in public.into_iter().chain(target_public) {
                look.answers.entry(key).or_default().public = Some(answer);
            }
        }
        (seen.servers, seen.answers) = (look.servers, look.answers);
        HostSeen { seen, target_bogus }
    }
}

/// What is asked of the zone's own servers: the hostname, what lies below it, and the names where records land by mistake.
fn near(wanted: &HostWanted, zone: &str) -> BTreeSet<Key> {
    use RecordType::{A, Aaaa, Caa, Cname, Mx, Ns, Txt};
    let host = plain(&wanted.host);
    let owner = plain(&wanted.ownership.name);
    let mut all: BTreeSet<Key> = BTreeSet::new();
    let mut ask = |name: &str, kinds: &[RecordType]| all.extend(kinds.iter().map(|kind| (name.to_owned(), *kind)));
    ask(&host, &[A, Aaaa, Cname, Txt, Mx, Caa]);
    ask(&owner, &[Txt, Cname]);
    ask(&format!("_acme-challenge.{host}"), &[Txt, Cname, Ns]);
    for name in host_misplaced(&host, &plain(&wanted.target), zone).iter().chain(&misplaced(&host, &host, zone)) {
        ask(name, &[Cname]);
    }
    for name in misplaced(&owner, &host, zone) {
        ask(&name, &[Txt]);
    }
    for name in ancestors(&host).filter(|name| within(name, zone)) {
        ask(name, &[Caa]);
    }
    all.retain(|(name, _)| !name.is_empty() && name.len() <= NAME);
    all
}

/// What is asked of others: the canonical host's addresses, and the CAA records above the zone.
fn far(host: &str, target: &str, zone: &str) -> BTreeSet<Key> {
    let above = ancestors(host).filter(|name| !within(name, zone)).map(|name| (name.to_owned(), RecordType::Caa));
    let addresses = [RecordType::A, RecordType::Aaaa].map(|kind| (target.to_owned(), kind));
    above.chain(addresses).collect()
}

/// Asks whoever holds them.
async fn afar(session: &Session<'_>, questions: BTreeSet<Key>) -> Vec<(Key, Answers)> {
    stream::iter(questions)
        .map(|key| async move {
            let (answer, public) = session.afresh(&key.0, key.1).await;
            let answers = match public {
                true => Answers { authoritative: Vec::new(), public: Some(answer) },
                false => Answers { authoritative: vec![answer], public: None },
            };
            (key, answers)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

/// The last names of chains that ended in no answer: whether they go in a circle shows in what the last one is an alias of.
fn ends(look: &Look<'_>, host: &Name) -> BTreeSet<Key> {
    [RecordType::A, RecordType::Aaaa]
        .into_iter()
        .filter_map(|kind| look.answers.get(&(host.clone(), kind)))
        .flat_map(|answers| &answers.authoritative)
        .filter(|answer| answer.said == Said::Failed(Trouble::Malformed))
        .filter_map(|answer| answer.aliases.last())
        .map(|last| (last.clone(), RecordType::Cname))
        .collect()
}
