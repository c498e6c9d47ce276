//! How long a certificate lasts.

use tenantry_dns::Severity;
use tenantry_fetch::CertificateSaw;
use time::{Duration, OffsetDateTime};

use super::combine::Found;

/// So much of its life is left when it should have been renewed: a third.
const SHARE: i32 = 3;
/// Below that, operators are told whatever its life; but for one so short that this would be most of it.
const OPERATORS: Duration = Duration::days(10);
/// A certificate of a shorter life is measured by its third alone.
const SHORT: Duration = Duration::days(30);
/// Below that, the tenant is told too.
const TENANT: Duration = Duration::days(3);

/// Whole days until it ends, rounded down; negative once it has ended.
pub(super) fn days(saw: &CertificateSaw, now: OffsetDateTime) -> i64 {
    (saw.not_after - now).whole_seconds().div_euclid(86_400)
}

pub(super) fn judge(saw: &CertificateSaw, found: &mut Found<'_>) {
    let left = saw.not_after - found.now;
    let life = saw.not_after - saw.not_before;
    let soon = left < life / SHARE || (life >= SHORT && left < OPERATORS);
    if !soon {
        return;
    }
    let (host, days) = (found.host, days(saw, found.now));
    let ends = match days {
        0 => "today".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    };
    let seen =
        format!("The certificate of {host} ends on {} ({ends}), and no renewed one is shown.", saw.not_after.date());
    let advice = "See why it was not renewed: its request, its order, its challenge.";
    found.operators("certificate_ends_soon", Severity::Warning, seen.clone(), advice);
    if left < TENANT {
        let advice = "We are renewing it; see that the CNAME of the hostname is unchanged, for the certificate authority comes that \
                      way, and that no CAA record shuts it out.";
        found.tenant("certificate_ends_soon", Severity::Warning, seen, advice);
    }
}
