//! What is said about where the hostname leads.

use std::collections::BTreeSet;

use super::{
    View, addresses, apex, chain,
    place::{Place, Stand},
    pointing::Stands,
};
use crate::{
    Delegation, Finding, HostSeen, Pointing, RecordReport, RecordStatus, Severity,
    check::{cname, codes::Code, delegation, look::Look, misplaced, words},
};

/// The zone's signatures do not hold, where that is not the fault of the canonical host's.
pub(super) fn bogus(view: &View<'_>, seen: &HostSeen) -> Option<Finding> {
    if seen.target_bogus || (view.ours_missing() && view.look.seen.delegation == Delegation::Found) {
        return Some(Look::overall(
            Code::TargetUnresolved,
            Severity::Error,
            format!("Our own host `{}` has no address that can be reached just now.", view.target),
            "Nothing needs to be done on your side: this is ours to mend, and the hostname is looked up again."
                .to_owned(),
        ));
    }
    delegation::dnssec(&view.look)
}

/// Why the hostname does not lead to the portal, and what to do; or what is to be known although it does.
pub(super) fn pointing(view: &View<'_>, stands: &Stands, pointing: Pointing) -> Vec<Finding> {
    if stands.disagree() {
        return vec![disagree(view, stands)];
    }
    let Some(stand) = stands.first() else { return Vec::new() };
    match pointing {
        Pointing::Cname | Pointing::Unclear => Vec::new(),
        Pointing::Flattened => vec![addresses::record(view, stands)],
        Pointing::Proxied => vec![proxied(view)],
        Pointing::Elsewhere => elsewhere(view, stand),
        Pointing::Missing => missing(view, stand),
    }
}

fn proxied(view: &View<'_>) -> Finding {
    let host = view.look.host.map_or("the DNS host", |host| host.name);
    Look::about(
        view.record,
        Code::Proxied,
        Severity::Error,
        format!("`{}` is behind {host}'s proxy, so that nobody can see where it leads.", view.host),
        format!("Set the record's Proxy status to \"DNS only\" (the grey cloud). {}", view.publish()),
    )
}

fn elsewhere(view: &View<'_>, stand: &Stand) -> Vec<Finding> {
    let mut findings = Vec::new();
    if stand.place == Place::Endless {
        let itself = [view.host.clone()];
        let names = if stand.chain.is_empty() { &itself[..] } else { &stand.chain };
        return vec![cname::chain(&view.look, view.record, names)];
    }
    match chain::elsewhere(view, stand) {
        Some(finding) => findings.push(finding),
        None => {
            findings.push(addresses::elsewhere(view, stand, stand.place == Place::Mixed));
            findings.extend(view.apex.then(|| apex::no_cname(view)));
            findings.extend(found_elsewhere(view));
        }
    }
    findings.extend(wildcard(view));
    findings
}

fn missing(view: &View<'_>, stand: &Stand) -> Vec<Finding> {
    let known = found_elsewhere(view).or_else(|| misplaced::wrong_type(&view.look, view.record));
    let mut findings = vec![known.unwrap_or_else(|| absent(view, stand))];
    findings.extend(view.apex.then(|| apex::no_cname(view)));
    findings.extend(wildcard(view));
    findings
}

/// The CNAME stands at another name. Where the zone answers for any name, what is found there shows nothing.
fn found_elsewhere(view: &View<'_>) -> Option<Finding> {
    view.look.seen.wildcard.is_empty().then(|| misplaced::find(&view.look, view.record)).flatten()
}

fn absent(view: &View<'_>, stand: &Stand) -> Finding {
    let what = match stand.place {
        Place::Nothing(true) => format!("The name `{}` does not exist", view.host),
        _ => format!("`{}` has neither a CNAME nor an address", view.host),
    };
    let remembered = match stand.ttl {
        Some(seconds) => format!("; the world may remember that for {}", words::duration(seconds)),
        None => String::new(),
    };
    Look::about(view.record, Code::Missing, Severity::Error, format!("{what}{remembered}."), view.publish())
}

fn wildcard(view: &View<'_>) -> Option<Finding> {
    let (_, above) = view.host.split_once('.').filter(|_| !view.look.seen.wildcard.is_empty())?;
    Some(Look::overall(
        Code::Wildcard,
        Severity::Warning,
        format!("The zone answers for any name below {}, so what is seen may be its wildcard's.", words::code(above)),
        format!("Publish the record at its own name; then `*.{above}` does not count for it any more."),
    ))
}

fn disagree(view: &View<'_>, stands: &Stands) -> Finding {
    let said: Vec<String> = stands
        .heard()
        .map(|stand| format!("{} says {}", words::code(&stand.server), super::observed::briefly(stand)))
        .collect();
    let runner = view.look.host.map_or("whoever runs the name servers", |host| host.name);
    Look::about(
        view.record,
        Code::ServersDisagree,
        Severity::Error,
        format!("The name servers disagree about `{}`: {}.", view.host, words::list(&said)),
        format!(
            "Wait until the change has reached every server, a few minutes most of the time; after an hour, ask {runner}."
        ),
    )
}

/// What is said of the text that shows whose the name is: only where addresses alone lead to the portal.
pub(super) fn ownership(view: &View<'_>, pointing: Pointing, text: &RecordReport, found: Vec<Finding>) -> Vec<Finding> {
    if pointing != Pointing::Flattened || text.status == RecordStatus::Detected {
        return Vec::new();
    }
    if matches!(text.status, RecordStatus::LookupFailed | RecordStatus::NotChecked) {
        let saw = format!(
            "Nobody could say just now whether `{}` has the text that shows whose the name is.",
            text.wanted.name
        );
        let advice =
            "Nothing needs to be done: this passes by itself most of the time, and the record is looked up again.";
        return vec![Look::about(&text.wanted, Code::LookupFailed, Severity::Warning, saw, advice.to_owned())];
    }
    let needed = Look::about(
        &text.wanted,
        Code::OwnershipNeeded,
        Severity::Error,
        format!("`{}` has addresses that all portals have, which do not show that the name is yours.", view.host),
        view.look.publish(&text.wanted),
    );
    let why = found.into_iter().filter(|finding| finding.code != Code::Missing.name());
    [needed].into_iter().chain(why).collect()
}

/// Servers that say nothing, and a hostname of which nobody does.
pub(super) fn silence(view: &View<'_>, stands: &Stands) -> Vec<Finding> {
    if view.look.seen.delegation != Delegation::Found {
        return Vec::new();
    }
    let mut silent: BTreeSet<String> = BTreeSet::new();
    for stand in &stands.all {
        if let Place::Silent(trouble) = stand.place {
            silent.insert(format!("{} {}", words::code(&stand.server), words::trouble(trouble)));
        }
    }
    if stands.first().is_none() {
        return vec![unclear(view, stands, &silent)];
    }
    let bare = view.look.seen.servers.iter().filter(|server| server.addresses.is_empty());
    let bare: Vec<String> = bare.map(|server| words::code(&server.name)).collect();
    let heard = silent.into_iter().filter(|said| !bare.iter().any(|name| said.starts_with(&format!("{name} "))));
    let names: Vec<String> = heard.chain(bare.iter().map(|name| format!("{name} has no address"))).collect();
    if names.is_empty() {
        return Vec::new();
    }
    vec![Look::overall(
        Code::ServerDown,
        Severity::Warning,
        format!("Not every name server of the zone answers: {}.", words::list(&names)),
        "The others do, so the hostname works for most. If it stays so, tell whoever runs the name server, or take it out of the NS records."
            .to_owned(),
    )]
}

fn unclear(view: &View<'_>, stands: &Stands, silent: &BTreeSet<String>) -> Finding {
    let (saw, advice) = match stands.all.iter().find(|stand| !stand.v4.is_empty() || !stand.v6.is_empty()) {
        // They answered; it is our own host that cannot be compared with.
        Some(_) => (
            format!(
                "`{}` has addresses, and those of our own host `{}` could not be looked up just now.",
                view.host, view.target
            ),
            "Nothing needs to be done on your side: the hostname is looked up again.",
        ),
        None => (
            format!(
                "No name server could say just now where `{}` leads: {}.",
                view.host,
                words::list(&silent.iter().cloned().collect::<Vec<_>>())
            ),
            "Nothing needs to be done: this passes by itself most of the time, and the hostname is looked up again.",
        ),
    };
    Look::about(view.record, Code::LookupFailed, Severity::Warning, saw, advice.to_owned())
}

/// A public resolver still remembers something else, and for how long it may.
pub(super) fn remembered(view: &View<'_>, stands: &Stands, pointing: Pointing) -> Option<Finding> {
    let public = stands.public.as_ref().filter(|stand| !matches!(stand.place, Place::Silent(_)))?;
    let right = |pointing: Pointing| matches!(pointing, Pointing::Cname | Pointing::Flattened);
    let certain = pointing != Pointing::Unclear && view.look.seen.delegation == Delegation::Found;
    if !certain || view.look.seen.dnssec_bogus || right(pointing) == right(public.place.pointing()) {
        return None;
    }
    let until = public.ttl.map(|seconds| format!(" for up to {}", words::duration(seconds))).unwrap_or_default();
    Some(Look::about(
        view.record,
        Code::PublicDiffers,
        Severity::Info,
        format!(
            "A public resolver ({}) still remembers {} for `{}`, and may{until}.",
            public.server,
            super::observed::briefly(public),
            view.host
        ),
        "Nothing needs to be done: what is remembered goes away by itself.".to_owned(),
    ))
}
