//! What a tenant is written about its portal's hostname. Pure: from the notice and what is known of the hostname to a mail's variables.

use serde_json::{Value, json};
use tenantry_dns::{HostReport, Wanted};
use tenantry_mail::unicode_name;
use tenantry_model::Domain;
use tenantry_templates::Template;
use tenantry_workflows::portal_domain::{About, Notice};

use crate::letter::{Addressee, reasons, row, zone};

/// What is known of the hostname, and of whoever is written to.
pub(crate) struct Known<'a> {
    /// The hostname.
    pub(crate) domain: &'a Domain,
    /// Who is written to.
    pub(crate) to: Addressee<'a>,
    /// What the last look has found.
    pub(crate) report: Option<&'a HostReport>,
    /// Where the tenant sees how it stands.
    pub(crate) page_url: &'a str,
}

/// What a notice is about, where somebody is written to.
///
/// Nobody is of a hostname that was asked for or removed, since whoever did it knows; nor of the steps on its way.
pub(crate) fn about(notice: &Notice) -> Option<&About> {
    match notice {
        Notice::PortalReminded(about)
        | Notice::PortalActive(about)
        | Notice::PortalFailed(about)
        | Notice::PortalMoved(about) => Some(about),
        Notice::PortalRequested(_)
        | Notice::PortalDnsVerified(_)
        | Notice::PortalCertificateReady(_)
        | Notice::PortalRemoved(_)
        | Notice::OperatorAsked { .. } => None,
    }
}

/// The mail of a notice, with its variables; none: nobody is written to, or there would be nothing in the mail.
pub(crate) fn letter(notice: &Notice, known: &Known<'_>) -> Option<(Template, Value)> {
    let details = &about(notice)?.details;
    let mut variables = json!({
        "tenant_name": known.to.tenant_name,
        "domain": unicode_name(known.domain),
        "page_url": known.page_url,
        "support_email": known.to.support,
    });
    let template = match notice {
        Notice::PortalActive(_) => {
            variables["page_url"] = json!(format!("https://{}/", known.domain));
            return Some((Template::PortalLive, variables));
        }
        Notice::PortalReminded(_) => Template::PortalReminder,
        Notice::PortalMoved(_) => Template::PortalMoved,
        _ => Template::PortalFailed,
    };
    let (records, findings) = (Vec::from_iter(missing(known)), reasons(details, &known.to));
    // Where nobody could say what is missing, there is nothing to remind of.
    if template == Template::PortalReminder && records.is_empty() && findings.is_empty() {
        return None;
    }
    let zone = zone(known.report.and_then(|report| report.zone.as_deref()), known.domain.as_str());
    variables["records"] = records.into_iter().map(|wanted| row(wanted, &zone)).collect();
    variables["findings"] = json!(findings);
    variables["zone"] = json!(zone);
    Some((template, variables))
}

/// What the last look has not seen, and is to be created.
fn missing<'a>(known: &Known<'a>) -> Option<&'a Wanted> {
    let report = known.report.filter(|report| report.matches() != Some(true))?;
    // At the top of a zone no CNAME can stand, and the text shows whose it is. What leads it here is said with what was seen.
    Some(if report.apex { &report.ownership.wanted } else { &report.record_to_create })
}

#[cfg(test)]
mod tests;
