//! What all servers say of the hostname, together.

use std::net::IpAddr;

use super::{Stand, View, place::Place};
use crate::{Answers, Delegation, Name, Pointing, RecordType};

/// Every server's word, and a public resolver's.
pub(super) struct Stands {
    pub(super) all: Vec<Stand>,
    pub(super) public: Option<Stand>,
}

impl Stands {
    pub(super) fn of(view: &View<'_>) -> Self {
        let nobody = Answers::default();
        let answers = |kind| view.look.answers(&view.host, kind).unwrap_or(&nobody);
        let (a, aaaa) = (answers(RecordType::A), answers(RecordType::Aaaa));
        let both = a.authoritative.iter().zip(&aaaa.authoritative);
        let all = both.map(|(a, aaaa)| Stand::of(view, a, aaaa)).collect();
        let public = a.public.as_ref().zip(aaaa.public.as_ref()).map(|(a, aaaa)| Stand::of(view, a, aaaa));
        Self { all, public }
    }

    /// Those that say something.
    pub(super) fn spoken(&self) -> impl Iterator<Item = &Stand> {
        self.all.iter().filter(|stand| !matches!(stand.place, Place::Silent(_)))
    }

    /// The first that says something.
    pub(super) fn first(&self) -> Option<&Stand> {
        self.spoken().next()
    }

    /// What they agree on. One that says something is enough; two that differ are no answer.
    pub(super) fn pointing(&self, view: &View<'_>) -> Pointing {
        if matches!(view.look.seen.delegation, Delegation::NotRegistered { .. }) {
            return Pointing::Missing;
        }
        let Some(first) = self.first() else { return Pointing::Unclear };
        if self.disagree() { Pointing::Unclear } else { first.place.pointing() }
    }

    /// Those that say something, or know at least an alias or an address that nothing can be concluded from.
    pub(super) fn heard(&self) -> impl Iterator<Item = &Stand> {
        let something = |stand: &&Stand| !stand.chain.is_empty() || !stand.v4.is_empty() || !stand.v6.is_empty();
        self.all.iter().filter(move |stand| !matches!(stand.place, Place::Silent(_)) || something(stand))
    }

    /// They say different things.
    pub(super) fn disagree(&self) -> bool {
        let Some(first) = self.first().map(|stand| stand.place.pointing()) else { return false };
        // What one of them knows something of is not nowhere, and a chain without the canonical host is no chain to it.
        let whole = matches!(first, Pointing::Missing | Pointing::Cname);
        let contradicted = whole && self.heard().any(|stand| stand.place.pointing() != first);
        contradicted || self.spoken().any(|stand| stand.place.pointing() != first)
    }

    /// The chain of the first that has one.
    pub(super) fn chain(&self) -> Vec<Name> {
        self.all.iter().map(|stand| &stand.chain).find(|chain| !chain.is_empty()).cloned().unwrap_or_default()
    }

    /// All addresses that anybody says, sorted.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        let mut all: Vec<IpAddr> =
            self.all.iter().flat_map(|stand| stand.v4.iter().chain(&stand.v6)).copied().collect();
        all.sort();
        all.dedup();
        all
    }
}
