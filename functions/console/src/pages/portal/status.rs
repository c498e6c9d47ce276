//! How a portal's hostname stands, in words for whoever set it up.

use crate::parts::Tone;

/// A status with its tone, its word, and what it means.
pub(super) fn of(status: &str) -> (Tone, &'static str, &'static str) {
    match status {
        "pending_dns" => {
            (Tone::Going, "Waiting for the CNAME", "Create the record below. We look for it by ourselves.")
        }
        "verifying_dns" => (
            Tone::Going,
            "Confirming the DNS",
            "The record is seen. It is confirmed when we see it twice, five minutes apart.",
        ),
        "dns_failed" => {
            (Tone::Bad, "The DNS was never right", "The record did not come in 72 hours, and we have stopped looking.")
        }
        "pending_certificate" => {
            (Tone::Going, "Preparing the certificate", "The DNS is confirmed. A certificate is about to be ordered.")
        }
        "certificate_issuing" => {
            (Tone::Going, "Certificate on its way", "The certificate authority is at work. It takes a few minutes.")
        }
        "certificate_failed" => {
            (Tone::Bad, "No certificate", "The certificate authority has refused, or could not reach the hostname.")
        }
        "deploying" => {
            (Tone::Going, "Going live", "The certificate is there. The portal is visited until it answers with it.")
        }
        "active" => (Tone::Good, "Active", "The portal answers at this hostname."),
        "disabled" => (Tone::Calm, "Disabled", "The hostname is not served. The portal answers at its canonical host."),
        _ => (Tone::Calm, "In a state that this page does not know", "Load the page again in a moment."),
    }
}

/// Whether it goes on by itself, so that the page asks again. `step` is the state of its life: one that is down may be on its way.
pub(super) fn is_moving(status: &str, step: &str) -> bool {
    let at_rest = ["active", "disabled", "dns_failed", "certificate_failed"].contains(&status);
    !at_rest || ["withdrawing", "pruning", "reopening", "closing", "activating", "claiming"].contains(&step)
}

/// Steps out of a failure, by what has failed. The API's own sentence (`next`) comes before them.
pub(super) fn ways_out(status: &str) -> &'static [&'static str] {
    match status {
        "dns_failed" => &[
            "Compare the record below with what is in the zone: the name without anything appended, the type CNAME, and the whole target.",
            "If there is a proxy or a CDN in front (an orange cloud, for instance), switch it off for this name.",
            "After a change, wait as long as the old record may be remembered: usually an hour at most, sometimes a day.",
            "Then choose Retry. If it fails again, ask support, and tell them the hostname and the time of the last look.",
        ],
        "certificate_failed" => &[
            "The authority visits the hostname over plain HTTP, at the path /.well-known/acme-challenge/. Nothing in front of it may block \
             or redirect that path.",
            "If the zone has a CAA record, it must allow the authority that we use; the message says which it is.",
            "Remove records of the type AAAA for the hostname, and records named _acme-challenge, unless they belong there.",
            "Then choose Retry. If it fails again, ask support, and tell them the hostname and the message.",
        ],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_down_and_on_its_way_moves() {
        assert!(is_moving("disabled", "reopening") && is_moving("pending_dns", "awaiting_dns"));
        assert!(
            !is_moving("disabled", "disabled")
                && !is_moving("active", "moved")
                && !is_moving("dns_failed", "dns_failed")
        );
    }

    #[test]
    fn every_failure_has_a_way_out() {
        assert!(["dns_failed", "certificate_failed"].iter().all(|status| ways_out(status).len() > 1));
        assert!(ways_out("active").is_empty());
    }
}
