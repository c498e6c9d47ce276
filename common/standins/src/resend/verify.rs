//! Looking for a domain's records, as Resend does after `POST /domains/{id}/verify`.

use super::domain::{Record, Status};
use hickory_resolver::TokioResolver;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{RData, RecordType};

/// The records with the statuses that were found.
pub(super) async fn look(resolver: &TokioResolver, mut records: Vec<Record>) -> Vec<Record> {
    for record in &mut records {
        record.status = status(resolver, record).await;
    }
    records
}

async fn status(resolver: &TokioResolver, record: &Record) -> Status {
    let kind = if record.kind == "MX" { RecordType::MX } else { RecordType::TXT };
    match resolver.lookup(format!("{}.", record.full_name), kind).await {
        Ok(found) if found.answers().iter().any(|seen| fits(record, &seen.data)) => Status::Verified,
        Ok(_) => Status::Failed,
        Err(error) if is_missing(&error) => Status::Failed,
        Err(_) => Status::TemporaryFailure,
    }
}

/// Whether the server said "there is none", and not that it could not say.
fn is_missing(error: &NetError) -> bool {
    let NetError::Dns(DnsError::NoRecordsFound(none)) = error else { return false };
    matches!(none.response_code, ResponseCode::NoError | ResponseCode::NXDomain)
}

fn fits(record: &Record, seen: &RData) -> bool {
    match seen {
        RData::MX(mx) => {
            let host = mx.exchange.to_ascii();
            let same = host.trim_end_matches('.').eq_ignore_ascii_case(&record.value);
            same && Some(mx.preference) == record.priority
        }
        RData::TXT(txt) => {
            let text: Vec<u8> = txt.txt_data.iter().flatten().copied().collect();
            let text = String::from_utf8_lossy(&text).into_owned();
            if record.record == "DKIM" {
                key(&text) == key(&record.value)
            } else {
                words(&text) == words(&record.value)
            }
        }
        _ => false,
    }
}

/// The key of a DKIM record, without white space; letters count (RFC 6376 section 3.6.1).
fn key(text: &str) -> Option<String> {
    let tags = text.split(';').filter_map(|tag| tag.split_once('='));
    let found = tags.into_iter().find(|(name, _)| name.trim() == "p");
    found.map(|(_, value)| value.split_whitespace().collect())
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_compared_by_its_letters_wherever_its_tag_stands() {
        assert_eq!(key("p=Ab+/="), Some("Ab+/=".to_owned()));
        assert_eq!(key("v=DKIM1; k=rsa; p=Ab +/= "), key("p=Ab+/="));
        assert_ne!(key("p=ab+/="), key("p=Ab+/="));
        assert_eq!(key("v=DKIM1"), None);
    }
}
