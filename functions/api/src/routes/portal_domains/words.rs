//! What a person reads of a hostname: what was seen, what to do next, what can be done.

use serde_json::Value;
use tenantry_dns::{HostReport, Pointing};
use tenantry_store::portal::PortalRow;
use tenantry_workflows::portal_domain::{Axes, Certificate, Ownership, Routing};

use super::{
    place::Stand,
    shape::{PortalAction, needs_text},
};
use crate::routes::email_domains::without_our_faults;

/// Takes away what only operators read of a hostname's history, wherever it is in `value`: what was seen behind our gateway, and our
/// own faults.
pub(crate) fn without_operators_words(value: &mut Value) {
    without_our_faults(value);
    without_details(value);
}

fn without_details(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["detail", "concerns"] {
                fields.remove(name);
            }
            fields.values_mut().for_each(without_details);
        }
        Value::Array(items) => items.iter_mut().for_each(without_details),
        _ => {}
    }
}

/// What was seen last, or stands in the way; none: nothing to say. Operators read what exactly went wrong on our side.
pub(super) fn message(row: &PortalRow, for_tenant: bool) -> Option<String> {
    let fault = row.error.as_ref().and_then(|error| error["message"].as_str());
    let said = row.result["message"].as_str().filter(|words| !words.is_empty());
    match fault {
        Some(fault) if !for_tenant && said != Some(fault) => {
            Some(said.map_or_else(|| fault.to_owned(), |said| format!("{said} What we saw: {fault}")))
        }
        _ => said.map(str::to_owned),
    }
}

/// What makes sense for a hostname in this state.
pub(super) fn actions(state: &str, stand: Stand) -> Vec<PortalAction> {
    use PortalAction::{Refresh, Remove, Retry};
    match stand {
        Stand::Leaving | Stand::Returning => Vec::new(),
        Stand::Down => vec![Refresh],
        Stand::Wanted if ["dns_failed", "certificate_failed", "refused"].contains(&state) => {
            vec![Refresh, Retry, Remove]
        }
        Stand::Wanted => vec![Refresh, Remove],
    }
}

/// What the person who sets it up should do next.
pub(super) fn next(row: &PortalRow, axes: Axes, report: Option<&HostReport>, apex: bool) -> String {
    let (domain, target) = (&row.domain, &row.canonical_host);
    match row.state.as_str() {
        "awaiting_dns" => awaited(row, axes, report, apex),
        "claiming" | "ordering" | "applying" | "issuing" | "deploying" | "activating" => match axes.certificate {
            Certificate::Waiting => {
                "Nothing: the certificate is ordered by itself as soon as that is possible.".to_owned()
            }
            _ => "Nothing: leave the record as it is. It goes on by itself, and takes a few minutes.".to_owned(),
        },
        "held" => format!(
            "Have {domain} removed from the other account, or set another hostname. If neither happens, we look again by ourselves, \
             for nine days."
        ),
        "preflighting" => match row.result["message"].as_str() {
            None | Some("") => {
                "Nothing: leave the record as it is. We look whether a certificate can be issued.".to_owned()
            }
            Some(_) => "Do what the message says; we look again by ourselves, or at once after a refresh.".to_owned(),
        },
        "dns_failed" => format!("{} Then retry.", create(row, apex || report.is_some_and(needs_text))),
        "certificate_failed" => {
            "Mend what the message says, then retry; we look again every quarter of an hour.".to_owned()
        }
        "refused" | "broken" => "Nothing: our operators have been told, and look into it.".to_owned(),
        "active" | "moved" => in_use(domain, target, axes),
        "withdrawing" | "pruning" => {
            format!("Nothing: it is being taken down. The portal answers at {target} meanwhile, as always.")
        }
        "disabled" => {
            format!("Set a hostname, or bring this one back with a refresh. Until then the portal answers at {target}.")
        }
        "reopening" => "Nothing: it is being brought back.".to_owned(),
        "closing" | "closed" => format!("Nothing: it is over. The portal answers at {target}."),
        _ => "Nothing: it goes on by itself.".to_owned(),
    }
}

fn awaited(row: &PortalRow, axes: Axes, report: Option<&HostReport>, apex: bool) -> String {
    let pointing = report.map(|report| report.pointing);
    match (axes.ownership, pointing) {
        (Ownership::Seen, _) => {
            "Nothing: leave the record as it is. It is seen; we look once more, five minutes after the first time."
                .to_owned()
        }
        (Ownership::Proxied, _) | (_, Some(Pointing::Proxied)) => format!(
            "Switch the proxy off for {} (DNS only), so that we see where it leads; it can be looked at again at once.",
            row.domain
        ),
        (_, Some(Pointing::Flattened)) => format!(
            "Create the TXT record _tenantry.{} with the text shown: an address does not say whose portal is meant. We look for it by \
             ourselves.",
            row.domain
        ),
        (_, Some(Pointing::Elsewhere)) => {
            format!(
                "Change the record of {} to a CNAME to {}. We look for it by ourselves.",
                row.domain, row.canonical_host
            )
        }
        (_, Some(Pointing::Unclear)) => {
            "Nothing yet: not every server of the zone could be asked. We look again by ourselves.".to_owned()
        }
        _ => format!("{} We look for it by ourselves.", create(row, apex || report.is_some_and(needs_text))),
    }
}

/// The records to create.
fn create(row: &PortalRow, with_text: bool) -> String {
    let (domain, target) = (&row.domain, &row.canonical_host);
    if with_text {
        format!(
            "Where the DNS of {domain} is kept, lead {domain} to {target} (ALIAS, ANAME or a flattened CNAME), and create the TXT record \
             _tenantry.{domain} with the text shown."
        )
    } else {
        format!("Create a CNAME record from {domain} to {target} where its DNS is kept.")
    }
}

/// A hostname that serves.
fn in_use(domain: &str, target: &str, axes: Axes) -> String {
    match (axes.ownership, axes.certificate, axes.routing) {
        (Ownership::Moved, ..) => format!(
            "Lead {domain} back to {target} with a CNAME, or remove it. It is taken down when it has pointed elsewhere for seven days; \
             the portal goes on answering at {target}."
        ),
        (_, _, Routing::Troubled) => "Do what the message says; we look again by ourselves.".to_owned(),
        (_, Certificate::RenewalFailing, _) => format!(
            "Make sure that {domain} still leads to {target}, over plain HTTP too; our operators have been told that its certificate is \
             not renewed."
        ),
        (Ownership::Proxied, ..) => format!(
            "Nothing, while it answers. The certificate is renewed only if requests for it reach us: better switch the proxy off for \
             {domain}."
        ),
        _ => format!("Nothing: the portal answers at {domain}, and at {target} as always."),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_the_operators_is_in_no_tenants_history() {
        let mut history = json!([
            { "issuing": "refused", "words": "The authority cannot reach it.", "detail": "Order x in istio-system" },
            { "what": "refused", "with": { "words": "Later.", "detail": "admission webhook denied" } },
            { "live": true, "words": "", "concerns": "stale certificate" },
            { "class": "InternalError", "message": "connection refused to 10.0.0.1" },
        ]);
        without_operators_words(&mut history);
        let told = history.to_string();
        for secret in ["istio", "webhook", "stale", "10.0.0.1"] {
            assert!(!told.contains(secret), "{told}");
        }
        assert!(told.contains("The authority cannot reach it.") && told.contains("Later."), "{told}");
    }

    #[test]
    fn what_makes_sense_follows_from_the_state() {
        use PortalAction::{Refresh, Remove, Retry};
        assert_eq!(actions("active", Stand::Wanted), [Refresh, Remove]);
        assert_eq!(actions("certificate_failed", Stand::Wanted), [Refresh, Retry, Remove]);
        assert_eq!(actions("disabled", Stand::Down), [Refresh]);
        assert_eq!(actions("pruning", Stand::Leaving), []);
    }
}
