//! One certificate: is it ours, and would a browser take it?

use std::net::IpAddr;

use tenantry_dns::Severity;
use tenantry_fetch::{CertificateSaw, Trust};
use time::Duration;

use super::{Expected, Verdict, combine::Found};

/// [`Verdict::Live`] where nothing is wrong with it.
pub(super) fn judge(expected: &Expected, at: IpAddr, saw: &CertificateSaw, found: &mut Found<'_>) -> Verdict {
    let known = expected.sha256.as_ref().map(|sha256| sha256.eq_ignore_ascii_case(&saw.sha256));
    // The very certificate is ours whatever it says of names; and of unknown ones, whichever is for the host may be.
    if known == Some(false) && !is_stale(expected, saw) || known != Some(true) && !saw.covers_host {
        return other(at, saw, found);
    }
    let worth = worth(saw, found);
    if worth == Verdict::Live && known != Some(true) && is_stale(expected, saw) {
        stale(expected, saw, found);
    }
    worth
}

/// Whether it is most likely the one before the one that was issued: for the host, and older, at a host that has been live. One of
/// another issuer would be as good to visitors, so the difference is for operators.
fn is_stale(expected: &Expected, saw: &CertificateSaw) -> bool {
    // A certificate's time is in whole seconds, and so is what is told of it.
    let older = expected.not_after.is_some_and(|issued| saw.not_after + Duration::SECOND < issued);
    expected.was_live && saw.covers_host && older
}

fn worth(saw: &CertificateSaw, found: &mut Found<'_>) -> Verdict {
    let host = found.host;
    let ended = saw.not_after.date();
    match saw.trust {
        _ if found.now > saw.not_after => {
            found.tenant(
                "certificate_expired",
                Severity::Error,
                format!("The certificate of {host} ended on {ended}; browsers warn their visitors."),
                "We are renewing it; see that the CNAME of the hostname is unchanged, for the certificate authority comes that way.",
            );
            Verdict::Expired
        }
        Trust::Trusted if saw.covers_host => Verdict::Live,
        trust => {
            let why = match trust {
                Trust::Trusted => "it is not for this hostname",
                Trust::SelfSigned => "no certificate authority has signed it",
                Trust::UnknownIssuer => "browsers do not know who has signed it",
                Trust::Expired => "one on the way to its certificate authority has ended",
                Trust::NotYetValid => "it is not valid yet",
                Trust::Unusable => "it cannot be used for a website",
            };
            found.tenant(
                "certificate_untrusted",
                Severity::Error,
                format!("Browsers do not trust the certificate of {host}, issued by `{}`: {why}.", saw.issuer),
                "If another server answered for this hostname before, remove the records that lead to it; else we see to it.",
            );
            Verdict::Untrusted
        }
    }
}

fn other(at: IpAddr, saw: &CertificateSaw, found: &mut Found<'_>) -> Verdict {
    let host = found.host;
    let names = match saw.names.as_slice() {
        [] => "no name".to_owned(),
        [only] => only.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    };
    found.tenant(
        "other_certificate",
        Severity::Error,
        format!(
            "https://{host}/ shows another certificate than ours at {at}: it is for {names}, issued by `{}`.",
            saw.issuer
        ),
        "If this was set up just now, we look again by ourselves; else another server answers for the hostname: remove the \
         records that lead to it, and leave only the CNAME to your canonical host.",
    );
    Verdict::OtherCertificate
}

fn stale(expected: &Expected, saw: &CertificateSaw, found: &mut Found<'_>) {
    let Some(issued) = expected.not_after else { return };
    let saw = format!(
        "{} still shows the certificate that ends on {}, and the one that was issued ends on {}.",
        found.host,
        saw.not_after.date(),
        issued.date()
    );
    found.operators(
        "stale_certificate",
        Severity::Warning,
        saw,
        "See whether the gateway has read the renewed certificate.",
    );
}
