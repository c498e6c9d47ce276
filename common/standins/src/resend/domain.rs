//! A sending domain and the records it asks for.

use super::clock;
use super::error::Refusal;
use super::settings::{Capabilities, Settings};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

const REGIONS: [&str; 4] = ["us-east-1", "eu-west-1", "sa-east-1", "ap-northeast-1"];

/// Where a domain, or one of its records, stands. A domain knows no [`Status::TemporaryFailure`], a record no
/// [`Status::PartiallyVerified`] or [`Status::PartiallyFailed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has asked to verify it.
    NotStarted,
    /// Being looked for.
    Pending,
    /// Seen.
    Verified,
    /// Not seen.
    Failed,
    /// The DNS could not say.
    TemporaryFailure,
    /// Sending is verified, receiving is not yet.
    PartiallyVerified,
    /// Sending is verified, receiving has failed.
    PartiallyFailed,
}

impl Status {
    /// The word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Status::NotStarted => "not_started",
            Status::Pending => "pending",
            Status::Verified => "verified",
            Status::Failed => "failed",
            Status::TemporaryFailure => "temporary_failure",
            Status::PartiallyVerified => "partially_verified",
            Status::PartiallyFailed => "partially_failed",
        }
    }

    /// Whether mail may be sent.
    pub(super) fn sends(self) -> bool {
        matches!(self, Status::Verified | Status::PartiallyVerified | Status::PartiallyFailed)
    }
}

/// A DNS record a domain asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What it is for: `SPF`, `DKIM`, `Receiving`.
    pub record: String,
    /// Its name relative to the registered domain, as the API shows it.
    pub name: String,
    /// Its whole name, where it is looked for.
    pub full_name: String,
    /// `MX` or `TXT`.
    pub kind: String,
    /// Its value.
    pub value: String,
    /// The preference of an MX.
    pub priority: Option<u16>,
    /// Where it stands.
    pub status: Status,
}

impl Record {
    pub(super) fn shown(&self) -> Value {
        let mut shown = json!({
            "record": self.record,
            "name": self.name,
            "type": self.kind,
            "ttl": "Auto",
            "status": self.status.word(),
            "value": self.value,
        });
        if let Some(priority) = self.priority {
            shown["priority"] = json!(priority);
        }
        shown
    }
}

/// A domain of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// Its id in the API.
    pub id: String,
    /// Its name, in small letters.
    pub name: String,
    /// The region it sends from.
    pub region: String,
    /// Where it stands.
    pub status: Status,
    /// The records it asks for.
    pub records: Vec<Record>,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) created_at: OffsetDateTime,
    pub(super) settings: Settings,
    /// Goes up with every verification that is begun, so that one overtaken by another has no say.
    pub(super) round: u64,
}

/// The body of `POST /domains`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    name: Option<String>,
    region: Option<String>,
    custom_return_path: Option<String>,
    open_tracking: Option<bool>,
    click_tracking: Option<bool>,
    tls: Option<String>,
    capabilities: Option<Capabilities>,
    tracking_subdomain: Option<String>,
}

impl Asked {
    /// The domain asked for, its statuses not started.
    pub(super) fn check(self) -> Result<Domain, Refusal> {
        let name = self.name.ok_or_else(|| Refusal::missing("name"))?.to_ascii_lowercase();
        if !super::address::is_domain(&name) {
            return Err(Refusal::invalid("Invalid `name` field. It must be a domain name."));
        }
        let region = self.region.unwrap_or_else(|| REGIONS[0].to_owned());
        if !REGIONS.contains(&region.as_str()) {
            let message = format!("Region must be one of {}.", REGIONS.join(", "));
            return Err(Refusal::new(422, "invalid_region", message));
        }
        let settings = Settings {
            open_tracking: self.open_tracking,
            click_tracking: self.click_tracking,
            tls: self.tls,
            capabilities: self.capabilities,
            tracking_subdomain: self.tracking_subdomain,
        };
        let return_path = self.custom_return_path.unwrap_or_else(|| "send".to_owned());
        Domain::new(&name, &region, &return_path, settings.check()?)
    }
}

impl Domain {
    /// A domain with the usual settings that has this status already, without anybody having looked.
    pub(super) fn standing(name: &str, status: Status) -> Result<Domain, Refusal> {
        let name = name.to_ascii_lowercase();
        if !super::address::is_domain(&name) {
            return Err(Refusal::invalid("Invalid `name` field. It must be a domain name."));
        }
        let mut domain = Domain::new(&name, REGIONS[0], "send", Settings::default())?;
        domain.stand(status);
        Ok(domain)
    }

    fn new(name: &str, region: &str, return_path: &str, settings: Settings) -> Result<Domain, Refusal> {
        let record = |record: &str, labels: &str, kind: &str, value: String, priority| {
            let full_name = if labels.is_empty() { name.to_owned() } else { format!("{labels}.{name}") };
            let name = relative(&full_name);
            let (record, kind) = (record.to_owned(), kind.to_owned());
            Record { record, name, full_name, kind, value, priority, status: Status::NotStarted }
        };
        let feedback = format!("feedback-smtp.{region}.amazonses.com");
        let spf = "v=spf1 include:amazonses.com ~all".to_owned();
        let mut records = vec![
            record("SPF", return_path, "MX", feedback, Some(10)),
            record("SPF", return_path, "TXT", spf, None),
            record("DKIM", "resend._domainkey", "TXT", public_key()?, None),
        ];
        if settings.receives() {
            let inbound = format!("inbound-smtp.{region}.amazonaws.com");
            records.push(record("Receiving", "", "MX", inbound, Some(10)));
        }
        Ok(Domain {
            id: uuid::Uuid::new_v4().to_string(),
            name: name.to_owned(),
            region: region.to_owned(),
            status: Status::NotStarted,
            records,
            created_at: OffsetDateTime::now_utc(),
            settings,
            round: 0,
        })
    }

    /// Puts the domain to this status, and its records to what goes with it.
    pub(super) fn stand(&mut self, status: Status) {
        let (domain, sending, receiving) = match status {
            Status::PartiallyVerified => (status, Status::Verified, Status::Pending),
            Status::PartiallyFailed => (status, Status::Verified, Status::Failed),
            Status::TemporaryFailure => (Status::Pending, status, status),
            whole => (whole, whole, whole),
        };
        self.status = domain;
        for record in &mut self.records {
            record.status = if record.record == "Receiving" { receiving } else { sending };
        }
    }

    /// As [`Domain::stand`]; a verification that is under way has no say any more.
    pub(super) fn put_to(&mut self, status: Status) {
        self.stand(status);
        self.round += 1;
    }

    /// The domain's status by those of its records.
    pub(super) fn judge(&mut self) {
        let of = |receiving: bool| {
            let mut statuses = self.records.iter().filter(|record| (record.record == "Receiving") == receiving);
            let all = |wanted| {
                self.records.iter().all(|one| (one.record == "Receiving") != receiving || one.status == wanted)
            };
            let failed = statuses.any(|record| record.status == Status::Failed);
            match (failed, all(Status::Verified)) {
                (true, _) => Status::Failed,
                (false, true) => Status::Verified,
                (false, false) => Status::Pending,
            }
        };
        self.status = match (of(false), of(true)) {
            (Status::Verified, Status::Failed) => Status::PartiallyFailed,
            (Status::Verified, Status::Pending) => Status::PartiallyVerified,
            (sending, _) => sending,
        };
    }

    /// As the API shows it; in a list without its records.
    pub(super) fn shown(&self, whole: bool) -> Value {
        let settings = &self.settings;
        let mut shown = json!({
            "id": self.id,
            "name": self.name,
            "status": self.status.word(),
            "created_at": clock::stored(self.created_at),
            "region": self.region,
            "capabilities": settings.capabilities(),
        });
        if whole {
            shown["open_tracking"] = json!(settings.open_tracking.unwrap_or(false));
            shown["click_tracking"] = json!(settings.click_tracking.unwrap_or(false));
            shown["records"] = self.records.iter().map(Record::shown).collect();
            if let Some(subdomain) = &settings.tracking_subdomain {
                shown["tracking_subdomain"] = json!(subdomain);
            }
        }
        shown
    }
}

/// A name relative to the registered domain, taken to be the last two labels.
fn relative(full_name: &str) -> String {
    let labels: Vec<&str> = full_name.split('.').collect();
    labels[..labels.len().saturating_sub(2)].join(".")
}

/// `p=` and an RSA public key of 2048 bits (RFC 6376 section 3.6.1). Nothing is ever signed with it, so its modulus
/// need only look like one: random, odd, its highest bit set.
fn public_key() -> Result<String, Refusal> {
    const BEFORE: &str = "30820122300d06092a864886f70d01010105000382010f003082010a0282010100";
    const EXPONENT: &str = "0203010001";
    let mut modulus = [0; 256];
    let trouble = || Refusal::new(500, "application_error", "An unexpected error occurred.");
    rand::fill(&mut modulus).map_err(|_| trouble())?;
    modulus[0] |= 0x80;
    modulus[255] |= 1;
    let bytes = hex::decode(format!("{BEFORE}{}{EXPONENT}", hex::encode(modulus))).map_err(|_| trouble())?;
    Ok(format!("p={}", STANDARD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(body: &Value) -> Result<Domain, Refusal> {
        serde_json::from_value::<Asked>(body.clone()).map_err(|error| Refusal::invalid(error.to_string()))?.check()
    }

    #[test]
    fn names_are_relative_to_the_registered_domain() {
        let names = |name| domain(&json!({ "name": name })).map(|d| d.records.into_iter().map(|r| r.name).collect());
        assert_eq!(names("acme.example"), Ok(["send", "send", "resend._domainkey"].map(str::to_owned).to_vec()));
        let deep = ["send.mail", "send.mail", "resend._domainkey.mail"].map(str::to_owned).to_vec();
        assert_eq!(names("Mail.acme.example"), Ok(deep));
    }

    #[test]
    fn a_domain_is_what_its_records_are() {
        use Status::{Failed, NotStarted, PartiallyFailed, PartiallyVerified, Pending, TemporaryFailure, Verified};
        let body = json!({ "name": "acme.example", "capabilities": { "receiving": "enabled" } });
        for (records, expected) in [
            ([Verified; 4], Verified),
            ([Verified, Verified, Failed, Verified], Failed),
            ([Verified, Verified, TemporaryFailure, Verified], Pending),
            ([Verified, Verified, Verified, Failed], PartiallyFailed),
            ([Verified, Verified, Verified, NotStarted], PartiallyVerified),
        ] {
            let Ok(mut domain) = domain(&body) else { panic!("{body} is refused") };
            domain.records.iter_mut().zip(records).for_each(|(record, status)| record.status = status);
            domain.judge();
            assert_eq!(domain.status, expected, "{records:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_domain_is_named() {
        for (body, name) in [
            (json!({}), "missing_required_field"),
            (json!({ "name": "acme" }), "invalid_parameter"),
            (json!({ "name": "acme.example", "region": "mars-1" }), "invalid_region"),
            (json!({ "name": "acme.example", "tls": "none" }), "invalid_parameter"),
            (json!({ "name": "acme.example", "capabilities": { "sending": "disabled" } }), "invalid_parameter"),
            (json!({ "name": "acme.example", "colour": "red" }), "invalid_parameter"),
        ] {
            assert_eq!(domain(&body).map_err(|refusal| refusal.name), Err(name.to_owned()), "{body}");
        }
    }

    #[test]
    fn keys_are_long_enough_to_be_cut_and_never_the_same() {
        let key = || public_key().unwrap_or_default();
        assert!(key().starts_with("p=MIIBIjAN") && key().len() == 394 && key() != key());
    }
}
