//! What one server says of the hostname.

use std::{collections::BTreeSet, net::IpAddr};

use crate::{
    Answer, HostWanted, Name, Pointing, RecordType, Said, Trouble, Value, Wanted,
    check::look::{Known, Look},
    hosts,
    render::{plain, within},
};

/// The most CNAMEs that are followed, as the lookups have it.
const LONGEST_CHAIN: usize = 8;

/// What a check may know.
pub(super) struct View<'a> {
    pub(super) look: Look<'a>,
    pub(super) wanted: &'a HostWanted,
    /// The CNAME to create.
    pub(super) record: &'a Wanted,
    pub(super) host: Name,
    pub(super) target: Name,
    /// The hostname is the top of its zone.
    pub(super) apex: bool,
    /// The canonical host's addresses, after everybody who was asked; none: nobody could say.
    ours_v4: Option<BTreeSet<IpAddr>>,
    ours_v6: Option<BTreeSet<IpAddr>>,
}

impl<'a> View<'a> {
    pub(super) fn new(look: Look<'a>, wanted: &'a HostWanted, record: &'a Wanted) -> Self {
        let (host, target) = (plain(&wanted.host), plain(&wanted.target));
        let apex = look.zone.as_deref() == Some(host.as_str());
        let [ours_v4, ours_v6] = [RecordType::A, RecordType::Aaaa].map(|kind| ours(&look, &target, kind));
        Self { look, wanted, record, host, target, apex, ours_v4, ours_v6 }
    }

    /// The canonical host's addresses of the kind that this one has; none: not known.
    pub(super) fn ours(&self, v6: bool) -> Option<&BTreeSet<IpAddr>> {
        // A canonical host without any address is a fault of ours, and nothing to compare with.
        let family = if v6 { &self.ours_v6 } else { &self.ours_v4 };
        family.as_ref().filter(|_| self.ours_known())
    }

    /// The canonical host has an address.
    pub(super) fn ours_known(&self) -> bool {
        [&self.ours_v4, &self.ours_v6].into_iter().flatten().any(|addresses| !addresses.is_empty())
    }

    /// The canonical host certainly has none.
    pub(super) fn ours_missing(&self) -> bool {
        self.ours_v4.as_ref().is_some_and(BTreeSet::is_empty) && self.ours_v6.as_ref().is_some_and(BTreeSet::is_empty)
    }

    /// A name among the canonical hosts of the platform that is not this tenant's.
    pub(super) fn other_portal<'n>(&self, chain: &'n [Name]) -> Option<&'n Name> {
        let zone = self.target.split_once('.').map_or("", |(_, zone)| zone);
        // Where canonical hosts lie directly below a top level, others may have registered there.
        let own = zone.contains('.');
        chain.iter().find(|alias| own && within(alias, zone) && **alias != self.target)
    }

    /// How to put the record in place.
    pub(super) fn publish(&self) -> String {
        if self.apex { super::apex::how(self) } else { self.look.publish(self.record) }
    }
}

fn ours(look: &Look<'_>, target: &str, kind: RecordType) -> Option<BTreeSet<IpAddr>> {
    let answers = look.answers(target, kind)?;
    let mut known = None;
    for answer in answers.authoritative.iter().chain(&answers.public) {
        if !matches!(answer.said, Said::Failed(_)) {
            known.get_or_insert_with(BTreeSet::new).extend(addresses(answer));
        }
    }
    known
}

/// Where one server says that the hostname leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// To the canonical host, by its name.
    Target,
    /// To its addresses.
    Ours,
    /// To its addresses and others.
    Mixed,
    /// To a proxy.
    Proxy,
    /// Somewhere else.
    Elsewhere,
    /// In a circle, or through too many names.
    Endless,
    /// Nowhere. True: there is no such name.
    Nothing(bool),
    /// It does not say, or what it says cannot be compared.
    Silent(Trouble),
}

impl Place {
    pub(super) fn pointing(self) -> Pointing {
        match self {
            Self::Target => Pointing::Cname,
            Self::Ours => Pointing::Flattened,
            Self::Proxy => Pointing::Proxied,
            Self::Mixed | Self::Elsewhere | Self::Endless => Pointing::Elsewhere,
            Self::Nothing(_) => Pointing::Missing,
            Self::Silent(_) => Pointing::Unclear,
        }
    }
}

/// One server, and what it says.
#[derive(Debug, Clone)]
pub(super) struct Stand {
    pub(super) server: String,
    pub(super) place: Place,
    pub(super) chain: Vec<Name>,
    pub(super) v4: Vec<IpAddr>,
    pub(super) v6: Vec<IpAddr>,
    /// How long that may be remembered, in seconds.
    pub(super) ttl: Option<u32>,
}

impl Stand {
    /// What a server's two answers, to the questions for A and AAAA, mean together.
    pub(super) fn of(view: &View<'_>, a: &Answer, aaaa: &Answer) -> Self {
        let names = |answer: &Answer| answer.aliases.iter().map(|alias| plain(alias)).collect::<Vec<_>>();
        let target_in = |answer: &Answer| names(answer).contains(&view.target);
        let chain = if target_in(aaaa) || a.aliases.is_empty() { names(aaaa) } else { names(a) };
        let (v4, v6) = (addresses(a), addresses(aaaa));
        let ttl = [a, aaaa].into_iter().filter_map(|answer| crate::check::record::ttl(&answer.said)).max();
        let place = place(view, [a, aaaa], &chain, [&v4, &v6]);
        Self { server: a.server.clone(), place, chain, v4, v6, ttl }
    }
}

fn place(view: &View<'_>, [a, aaaa]: [&Answer; 2], chain: &[Name], [v4, v6]: [&[IpAddr]; 2]) -> Place {
    if chain.contains(&view.target) {
        return Place::Target;
    }
    if [a, aaaa].into_iter().any(|answer| endless(view, answer)) {
        return Place::Endless;
    }
    if view.other_portal(chain).is_some() {
        return Place::Elsewhere;
    }
    let trouble = [a, aaaa].into_iter().find_map(|answer| match answer.said {
        Said::Failed(trouble) => Some(trouble),
        _ => None,
    });
    match (v4.is_empty(), v6.is_empty(), trouble) {
        (true, true, Some(trouble)) => Place::Silent(trouble),
        (true, true, None) if chain.is_empty() => {
            Place::Nothing([a, aaaa].into_iter().any(|answer| matches!(answer.said, Said::NxDomain { .. })))
        }
        (true, true, None) => Place::Elsewhere,
        // What browsers take first is not known.
        (true, false, Some(trouble)) => Place::Silent(trouble),
        (v4_none, _, _) => by_addresses(view, if v4_none { v6 } else { v4 }, v4_none),
    }
}

fn by_addresses(view: &View<'_>, addresses: &[IpAddr], v6: bool) -> Place {
    let Some(ours) = view.ours(v6) else { return Place::Silent(Trouble::Unreachable) };
    match addresses.iter().filter(|address| ours.contains(address)).count() {
        all if all == addresses.len() => Place::Ours,
        0 if proxied(view, addresses) => Place::Proxy,
        0 => Place::Elsewhere,
        _ => Place::Mixed,
    }
}

/// An address of the proxy means something at its own name servers only.
fn proxied(view: &View<'_>, addresses: &[IpAddr]) -> bool {
    view.look.host.is_some_and(|host| host.name == "Cloudflare")
        && addresses.iter().any(|address| hosts::is_proxy(*address))
}

/// The chain was followed to no end: the last name leads back, or there are too many. That does not pass by itself.
fn endless(view: &View<'_>, answer: &Answer) -> bool {
    if answer.said != Said::Failed(Trouble::Malformed) {
        return false;
    }
    if answer.aliases.len() >= LONGEST_CHAIN {
        return true;
    }
    let last = answer.aliases.last().map_or(view.host.as_str(), String::as_str);
    let Known::Here(values) = view.look.known(last, RecordType::Cname) else { return false };
    values.iter().any(|value| match value {
        Value::Cname(next) => {
            plain(next) == view.host || answer.aliases.iter().any(|alias| plain(alias) == plain(next))
        }
        _ => false,
    })
}

/// The addresses in an answer.
fn addresses(answer: &Answer) -> Vec<IpAddr> {
    let Said::Records { values, .. } = &answer.said else { return Vec::new() };
    let addresses = values.iter().filter_map(|value| match value {
        Value::Address(address) => Some(*address),
        _ => None,
    });
    addresses.collect()
}
