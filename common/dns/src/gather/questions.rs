//! What is asked for: the wanted names, the names where records land by mistake, and the policies.

use std::collections::BTreeSet;

use super::name::{ancestors, parent, within};
use crate::{Name, Purpose, RecordType, Wanted};

/// The longest name, in the characters of its text (RFC 1035 section 2.3.4).
pub(super) const NAME: usize = 253;
/// Names that are asked for a DMARC policy (RFC 9989, "DNS Tree Walk").
const DMARC_NAMES: usize = 8;

/// Everything to ask, but for what SPF records lead to.
pub(super) fn questions(domain: &str, zone: &str, wanted: &[Wanted]) -> BTreeSet<(Name, RecordType)> {
    let mut all = BTreeSet::from([(domain.to_owned(), RecordType::Txt), (domain.to_owned(), RecordType::Mx)]);
    all.extend(dmarc_names(domain).into_iter().map(|name| (name, RecordType::Txt)));
    for record in wanted {
        let name = &record.name;
        all.extend([record.kind, RecordType::Cname, RecordType::Txt, RecordType::Mx].map(|kind| (name.clone(), kind)));
        all.extend(misplaced(name, domain, zone).into_iter().map(|name| (name, record.kind)));
        if record.kind == RecordType::Cname {
            // A host that answers for the alias itself gives the target's addresses, or its own.
            let addresses = [RecordType::A, RecordType::Aaaa];
            let target = record.value.trim_end_matches('.').to_ascii_lowercase();
            all.extend([name, &target].into_iter().flat_map(|name| addresses.map(|kind| (name.clone(), kind))));
        }
    }
    all.retain(|(name, _)| !name.is_empty() && name.len() <= NAME);
    all
}

/// The names where panels and people put a record that belongs to `name`.
pub(super) fn misplaced(name: &str, domain: &str, zone: &str) -> BTreeSet<Name> {
    let join = |left: &str, right: &str| {
        [left, right].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
    };
    let mut names = BTreeSet::from([domain.to_owned(), zone.to_owned()]);
    if within(name, zone) {
        // The panel appended the zone to what was absolute already.
        names.insert(join(name, zone));
        // What is relative to the zone was taken as relative to the domain: a doubled subdomain.
        names.insert(join(relative(name, zone), domain));
    }
    if within(name, domain) {
        // What is relative to the domain was taken as relative to the zone.
        names.insert(join(relative(name, domain), zone));
        names.insert(join(name, domain));
    }
    names.remove(name);
    names
}

fn relative<'a>(name: &'a str, above: &str) -> &'a str {
    name.strip_suffix(above).map_or(name, |rest| rest.trim_end_matches('.'))
}

/// Where a policy may stand for the domain: its own name, then those above it. Of a name with more than eight labels the
/// walk goes on with the last seven.
pub(super) fn dmarc_names(domain: &str) -> Vec<Name> {
    let above: Vec<&str> = ancestors(parent(domain)).collect();
    let above = above.into_iter().rev().take(DMARC_NAMES - 1).collect::<Vec<_>>().into_iter().rev();
    [domain].into_iter().chain(above).map(|name| format!("_dmarc.{name}")).collect()
}

/// The names whose SPF records count: those that are wanted, and the domain's.
pub(super) fn spf_names(domain: &str, wanted: &[Wanted]) -> BTreeSet<Name> {
    let wanted = wanted.iter().filter(|record| record.purpose == Purpose::Spf).map(|record| record.name.clone());
    wanted.chain([domain.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_looked_for_where_they_land_by_mistake() {
        let names = misplaced("send.mail.acme.test", "mail.acme.test", "acme.test");
        for name in [
            "send.mail.acme.test.acme.test",
            "send.mail.acme.test.mail.acme.test",
            "send.mail.mail.acme.test",
            "send.acme.test",
            "mail.acme.test",
            "acme.test",
        ] {
            assert!(names.contains(name), "{name} is not in {names:?}");
        }
        assert_eq!(names.len(), 6);
        let names = misplaced("send.acme.test", "acme.test", "acme.test");
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["acme.test", "send.acme.test.acme.test"]);
        assert!(!misplaced("acme.test", "acme.test", "acme.test").contains("acme.test"));
    }

    #[test]
    fn the_policy_is_looked_for_up_the_tree_and_at_most_eight_times() {
        assert_eq!(dmarc_names("mail.acme.test"), ["_dmarc.mail.acme.test", "_dmarc.acme.test", "_dmarc.test"]);
        let names = dmarc_names("a.b.c.d.e.f.g.h.i.j.test");
        assert_eq!(names.len(), 8);
        assert_eq!(names[..2], ["_dmarc.a.b.c.d.e.f.g.h.i.j.test", "_dmarc.e.f.g.h.i.j.test"]);
        assert_eq!(names[7], "_dmarc.test");
    }
}
