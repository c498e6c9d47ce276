//! The provider's words, as the life hears them.

use tenantry_provider::{Domain, DomainRecord, DomainStatus};
use tenantry_workflows::email_domain::{AtProvider, Event};

/// Whether the provider has to be asked to verify: it has not begun, or has ended with a no. Asked while it looks, or when it has said
/// yes, it would begin anew.
pub(crate) fn must_be_asked(domain: &Domain) -> bool {
    match domain.status {
        DomainStatus::NotStarted | DomainStatus::Failed => true,
        DomainStatus::PartiallyFailed => !may_send(domain),
        // It has given up a part that sending needs, and looks for it no more.
        DomainStatus::PartiallyVerified => domain.records.iter().any(failed),
        _ => false,
    }
}

/// Whether everything that sending needs is verified, whatever else is not.
fn may_send(domain: &Domain) -> bool {
    let mut sending = domain.records.iter().filter(|record| for_sending(record)).peekable();
    sending.peek().is_some() && sending.all(|record| record.status == DomainStatus::Verified)
}

/// How the provider stands to a domain. A part of it that is not for sending says nothing about sending.
pub(crate) fn seen(domain: &Domain) -> Event {
    let failed: Vec<String> = domain.records.iter().filter(|record| failed(record)).map(named).collect();
    let status = match domain.status {
        DomainStatus::Verified => AtProvider::Verified,
        DomainStatus::PartiallyVerified | DomainStatus::PartiallyFailed if may_send(domain) => AtProvider::Verified,
        DomainStatus::Failed => AtProvider::Failed,
        DomainStatus::PartiallyFailed | DomainStatus::PartiallyVerified if !failed.is_empty() => AtProvider::Failed,
        _ => AtProvider::Pending,
    };
    let reason = match (status, failed.is_empty()) {
        (AtProvider::Failed, false) => {
            format!("The mail service does not accept these records: {}.", failed.join(", "))
        }
        (AtProvider::Failed, true) => "The mail service could not verify the records.".to_owned(),
        _ => String::new(),
    };
    Event::ProviderSeen { status, reason }
}

fn failed(record: &DomainRecord) -> bool {
    record.status == DomainStatus::Failed && for_sending(record)
}

fn for_sending(record: &DomainRecord) -> bool {
    matches!(record.purpose.as_str(), "SPF" | "DKIM" | "MAIL FROM")
}

fn named(record: &DomainRecord) -> String {
    format!("{} {}", record.kind, record.name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn domain(status: DomainStatus, records: &[(&str, DomainStatus)]) -> Domain {
        let record = |(purpose, status): &(&str, DomainStatus)| DomainRecord {
            purpose: (*purpose).to_owned(),
            name: "send.acme.example".into(),
            kind: "TXT".into(),
            ttl: None,
            value: "x".into(),
            priority: None,
            status: *status,
        };
        Domain { id: "d".into(), name: "acme.example".into(), status, records: records.iter().map(record).collect() }
    }

    #[test]
    fn each_of_the_providers_six_words_is_heard_as_what_it_means_for_sending() {
        use DomainStatus as S;
        let cases = [
            (S::NotStarted, AtProvider::Pending, true),
            (S::Pending, AtProvider::Pending, false),
            (S::Verified, AtProvider::Verified, false),
            (S::Failed, AtProvider::Failed, true),
            (S::PartiallyVerified, AtProvider::Failed, true),
            (S::PartiallyFailed, AtProvider::Failed, true),
        ];
        for (status, heard, asked) in cases {
            let domain = domain(status, &[("DKIM", S::Failed)]);
            let Event::ProviderSeen { status: found, reason } = seen(&domain) else { panic!("another event") };
            assert_eq!((found, must_be_asked(&domain)), (heard, asked), "{status:?}");
            assert_eq!(reason.contains("TXT send.acme.example"), heard == AtProvider::Failed, "{reason}");
        }
    }

    #[test]
    fn receiving_that_does_not_work_is_no_reason_not_to_send() {
        use DomainStatus as S;
        let heard = |status, records: &[(&str, S)]| {
            let domain = domain(status, records);
            let Event::ProviderSeen { status, .. } = seen(&domain) else { panic!("another event") };
            (status, must_be_asked(&domain))
        };
        for (status, receiving) in [(S::PartiallyFailed, S::Failed), (S::PartiallyVerified, S::Pending)] {
            let fine = heard(status, &[("DKIM", S::Verified), ("SPF", S::Verified), ("Receiving", receiving)]);
            assert_eq!(fine, (AtProvider::Verified, false), "{status:?}");
        }
        // What has failed is not for sending, and what is for sending is not verified yet.
        let unclear = heard(S::PartiallyFailed, &[("DKIM", S::Pending), ("Receiving", S::Failed)]);
        assert_eq!(unclear, (AtProvider::Pending, true));
    }
}
