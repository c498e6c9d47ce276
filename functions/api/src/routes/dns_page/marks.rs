//! The words of the page.

use tenantry_dns::{Purpose, RecordStatus, Severity};

/// A label, and whether it is `good`, `bad` or `open`.
pub(super) type Mark = (&'static str, &'static str);

/// How a domain stands, and what that means for whoever manages the DNS.
pub(super) fn of_status(status: &str) -> (Mark, &'static str) {
    match status {
        "awaiting_dns" => (
            ("Waiting for the records", "open"),
            "Publish the records below where the DNS of the domain is managed. We look for them by ourselves, again and again, and go \
             on as soon as all of them are there.",
        ),
        "verifying" => (
            ("Being confirmed", "open"),
            "The records were found. They are being confirmed, which takes minutes to hours.",
        ),
        "verified" => (
            ("In place", "good"),
            "Everything is in place, and mail is sent from this domain. Leave the records where they are: without them mail stops.",
        ),
        "degraded" => (
            ("Not working at the moment", "bad"),
            "Mail was sent from this domain and cannot be for the moment. Put the records below back; it goes on by itself then.",
        ),
        "failed" => (
            ("Stopped", "bad"),
            "The domain could not be set up, and we have stopped looking for the records. Tell whoever sent you this link when they \
             are in place; the set-up is started again then.",
        ),
        _ => (("Being prepared", "open"), "The records are being prepared. This page shows them in a minute or two."),
    }
}

/// How a record stands.
pub(super) fn of_record(status: RecordStatus) -> Mark {
    match status {
        RecordStatus::Detected => ("Found", "good"),
        RecordStatus::Mismatch => ("Something else is there", "bad"),
        RecordStatus::Missing => ("Not there yet", "bad"),
        RecordStatus::Conflict => ("In conflict with another record", "bad"),
        RecordStatus::LookupFailed => ("Could not be looked up", "open"),
        RecordStatus::NotChecked => ("Not looked at yet", "open"),
    }
}

/// What a record is for.
pub(super) fn of_purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Ownership => "Shows that the domain is yours",
        Purpose::Dkim => "Signs the mail (DKIM)",
        Purpose::Spf => "Says who may send (SPF)",
        Purpose::ReturnPath => "Takes bounces (return path)",
        Purpose::Dmarc => "Says what to do with forged mail (DMARC)",
        Purpose::Portal => "Leads to the portal",
        Purpose::Other => "Needed by the mail service",
    }
}

/// How much a finding matters.
pub(super) fn of_severity(severity: Severity) -> Mark {
    match severity {
        Severity::Error => ("To do", "bad"),
        Severity::Warning => ("Should be mended", "open"),
        Severity::Info => ("Good to know", "open"),
    }
}
