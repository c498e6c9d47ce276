//! The provider's records, as the tenant is to publish them.

use tenantry_dns::{Purpose, RecordType, Wanted, usual};
use tenantry_provider::DomainRecord;

/// The records of a new domain, and the advised policy. What is not needed for sending is left out.
pub(crate) fn wanted(domain: &str, records: &[DomainRecord]) -> Vec<Wanted> {
    let policy = usual(domain, "").into_iter().filter(|record| record.purpose == Purpose::Dmarc);
    records.iter().filter_map(record).chain(policy).collect()
}

fn record(record: &DomainRecord) -> Option<Wanted> {
    let kind = match record.kind.as_str() {
        "TXT" => RecordType::Txt,
        "MX" => RecordType::Mx,
        "CNAME" => RecordType::Cname,
        _ => return None,
    };
    let purpose = match (record.purpose.to_ascii_uppercase().as_str(), kind) {
        ("DKIM", _) => Purpose::Dkim,
        ("SPF" | "MX" | "MAIL FROM", RecordType::Mx) => Purpose::ReturnPath,
        ("SPF" | "MAIL FROM", _) => Purpose::Spf,
        // Receiving and tracking: not ours.
        _ => return None,
    };
    let value = record.value.trim_end_matches('.').to_owned();
    let name = record.name.to_ascii_lowercase();
    Some(Wanted { purpose, kind, name, value, priority: record.priority, ttl: record.ttl, required: true })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tenantry_provider::DomainStatus;

    fn given(purpose: &str, kind: &str, name: &str, value: &str) -> DomainRecord {
        DomainRecord {
            purpose: purpose.into(),
            name: name.into(),
            kind: kind.into(),
            ttl: None,
            value: value.into(),
            priority: (kind == "MX").then_some(10),
            status: DomainStatus::NotStarted,
        }
    }

    #[test]
    fn what_sending_needs_is_required_and_the_policy_is_advised() {
        let records = [
            given("SPF", "MX", "send.Acme.example", "feedback-smtp.eu-west-1.amazonses.com."),
            given("SPF", "TXT", "send.acme.example", "v=spf1 include:amazonses.com ~all"),
            given("DKIM", "CNAME", "a._domainkey.acme.example", "a.dkim.amazonses.com"),
            given("Receiving", "MX", "acme.example", "inbound.example"),
            given("DKIM", "SRV", "b.acme.example", "b"),
        ];
        let wanted = wanted("acme.example", &records);
        let purposes: Vec<_> = wanted.iter().map(|record| (record.purpose, record.required)).collect();
        assert_eq!(
            purposes,
            [(Purpose::ReturnPath, true), (Purpose::Spf, true), (Purpose::Dkim, true), (Purpose::Dmarc, false)]
        );
        assert_eq!((wanted[0].name.as_str(), wanted[0].priority), ("send.acme.example", Some(10)));
        assert_eq!(wanted[0].value, "feedback-smtp.eu-west-1.amazonses.com");
    }
}
