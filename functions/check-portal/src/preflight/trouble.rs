//! Nothing answers: whose fault is it?

use std::net::IpAddr;

use tenantry_dns::Severity;
use tenantry_fetch::ProbeTrouble;

use super::{Asked, Preflight, family};
use crate::words::trouble as words;

pub(super) fn judge(asked: &Asked<'_>, at: IpAddr, trouble: ProbeTrouble, preflight: &mut Preflight) {
    match trouble {
        ProbeTrouble::NotPublic => not_public(asked, at, preflight),
        // The address beside it is told of.
        ProbeTrouble::NotTried => {}
        ProbeTrouble::NoRoute => {
            let saw = format!("From here there is no way to {at}, an address of {}; it was not judged.", asked.host);
            let advice = "Nothing, if this place has no IPv6; a stray AAAA record is found by DNS alone.".to_owned();
            preflight.operators.push(asked.finding("probe_no_route", Severity::Info, Some(at), saw, advice));
        }
        ProbeTrouble::NotAskable => {
            let saw = format!("{} cannot be asked for: it is no URL.", asked.url);
            let advice = "See how the hostname came to be stored.".to_owned();
            preflight.operators.push(asked.finding("probe_not_askable", Severity::Error, None, saw, advice));
            preflight.outcome = preflight.outcome.max(super::Outcome::Unclear);
        }
        _ => no_answer(asked, at, trouble, preflight),
    }
}

fn not_public(asked: &Asked<'_>, at: IpAddr, preflight: &mut Preflight) {
    let saw = format!(
        "The {} record of {} leads to {at}, which is not on the public Internet; the certificate authority refuses it, and so \
         do we.",
        family(at),
        asked.host
    );
    preflight.block(asked.finding("http_not_public", Severity::Error, Some(at), saw, asked.point_at_us(at)));
}

fn no_answer(asked: &Asked<'_>, at: IpAddr, trouble: ProbeTrouble, preflight: &mut Preflight) {
    let gateway = asked.gateway().next().is_some();
    let same_way = |only: Option<IpAddr>| {
        asked
            .canonical
            .iter()
            .any(|attempt| attempt.outcome == Err(trouble) && only.is_none_or(|only| attempt.at == only))
    };
    let seen = words(trouble);
    if asked.is_ours(at) {
        // `no_gateway` tells of an address of ours that answers for nobody, where none does.
        if same_way(Some(at)) {
            if gateway {
                let saw = format!("Our gateway does not answer at {at}, and does at another of its addresses: {seen}.");
                let advice = "See to the gateway at this address; certificate authorities may choose it.".to_owned();
                preflight.operators.push(asked.finding("gateway_unreachable", Severity::Error, Some(at), saw, advice));
            }
        } else {
            let saw = format!("Our gateway did not answer for {} at {at} just now: {seen}.", asked.url);
            let advice = "There is nothing to do for you; we look again by ourselves.".to_owned();
            let finding = asked.finding("http_gateway_unsteady", Severity::Warning, Some(at), saw, advice);
            preflight.operators.push(finding.clone());
            preflight.look_again(finding);
        }
    } else if gateway {
        let saw =
            format!("The certificate authority will not reach {} at {at} ({} record): {seen}.", asked.url, family(at));
        preflight.block(asked.finding("http_unreachable", Severity::Error, Some(at), saw, asked.point_at_us(at)));
    } else if !same_way(None) {
        let saw = format!("{} gives no answer at {at} ({} record): {seen}.", asked.url, family(at));
        let advice = format!("We look again by ourselves. This is not an address of ours: {}", asked.point_at_us(at));
        preflight.look_again(asked.finding("http_not_compared", Severity::Warning, Some(at), saw, advice));
    }
}

/// The hostname leads to no address.
pub(super) fn no_address(asked: &Asked<'_>, preflight: &mut Preflight) {
    let saw = format!("No address of {} is known that could be tried.", asked.host);
    let advice = format!("See that its CNAME leads to {}; we look again by ourselves.", asked.target);
    preflight.look_again(asked.finding("http_no_address", Severity::Warning, None, saw, advice));
}

/// Our gateway answers at none of its addresses, or with errors only, or has none: that is ours to mend, and holds nobody up.
pub(super) fn no_gateway(asked: &Asked<'_>, preflight: &mut Preflight) {
    let seen = asked.canonical.iter().map(|attempt| match &attempt.outcome {
        Ok(saw) => format!("{}: status {}", attempt.at, saw.status),
        Err(trouble) => format!("{}: {}", attempt.at, words(*trouble)),
    });
    let seen: Vec<String> = seen.collect();
    let seen = if seen.is_empty() { "it has no address".to_owned() } else { seen.join("; ") };
    let saw = format!("http://{}{} is not answered as it should be: {seen}.", asked.target, asked.path);
    let advice =
        "See to the gateway, or to the way from here to it; an order would fail while nobody reaches it.".to_owned();
    preflight.operators.push(asked.finding("gateway_unreachable", Severity::Error, None, saw, advice));
}
