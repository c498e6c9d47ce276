//! A portal's hostname: where it leads, whose it is, whether a certificate can be had.

mod addresses;
mod apex;
mod beside;
mod caa;
mod chain;
mod issue;
mod names;
mod observed;
mod place;
mod pointing;
mod told;

use std::cmp::Reverse;

pub(crate) use names::misplaced;

use self::{
    place::{Stand, View},
    pointing::Stands,
};
use super::{delegation, look::Look, record};
use crate::{Finding, HostReport, HostSeen, HostWanted, Pointing, RecordStatus, host_of, render};

/// Judges what was seen of a portal's hostname: where it leads, whether that shows whose it is, whether the CA may issue, what is
/// wrong, and what to do. Pure.
///
/// Findings come with what matters most first. What could not be asked is never taken for a "no".
#[must_use]
pub fn check_host(wanted: &HostWanted, seen: &HostSeen) -> HostReport {
    let records = [wanted.record(), wanted.ownership.clone()];
    let [to_create, ownership] = &records;
    let view = View::new(Look::new(&wanted.host, &records, &seen.seen), wanted, to_create);
    let stands = Stands::of(&view);
    let pointing = stands.pointing(&view);
    let (ownership, owner_findings) = record::check(&view.look, ownership);
    let (caa, caa_finding) = caa::check(&view);

    let mut findings: Vec<Finding> = delegation::delegation(&view.look).into_iter().collect();
    findings.extend(told::bogus(&view, seen));
    findings.extend(told::pointing(&view, &stands, pointing));
    findings.extend(told::ownership(&view, pointing, &ownership, owner_findings));
    findings.extend(addresses::stray(&view, &stands));
    findings.extend(told::silence(&view, &stands));
    findings.extend(told::remembered(&view, &stands, pointing));
    findings.extend(beside::check(&view, &stands, pointing));
    findings.extend(caa_finding);
    findings.sort_by_key(|finding| Reverse(finding.severity));

    HostReport {
        pointing,
        proven: proven(pointing, ownership.status),
        caa,
        observed: observed::line(&view, &stands),
        chain: stands.chain(),
        addresses: stands.addresses(),
        record_to_create: to_create.clone(),
        name_in_zone: view.look.zone.as_deref().map(|zone| render::relative(&view.host, zone)),
        ownership,
        apex: view.apex,
        zone: view.look.zone.clone(),
        host_hint: host_of(&seen.seen.servers.iter().map(|server| server.name.clone()).collect::<Vec<_>>()),
        findings,
        host: view.host,
        target: view.target,
    }
}

/// One of the two is enough; and where none is there, both must be known not to be.
fn proven(pointing: Pointing, text: RecordStatus) -> Option<bool> {
    let by_name = match pointing {
        Pointing::Cname => Some(true),
        Pointing::Unclear => None,
        Pointing::Flattened | Pointing::Proxied | Pointing::Elsewhere | Pointing::Missing => Some(false),
    };
    let by_text = match text {
        RecordStatus::Detected => Some(true),
        RecordStatus::Missing | RecordStatus::Mismatch | RecordStatus::Conflict => Some(false),
        RecordStatus::LookupFailed | RecordStatus::NotChecked => None,
    };
    match (by_name, by_text) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}
