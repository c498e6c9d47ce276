//! Sending domains by the API's `/domains`.

use std::ops::ControlFlow;

use async_trait::async_trait;
use reqwest::Method;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use tenantry_model::{ErrorClass, Fault};

use super::{
    Resend,
    error::Purpose,
    http::{Failure, answer},
};
use crate::{Domain, DomainRecord, DomainStatus, Domains, NewDomain};

/// The most a page may hold.
const PAGE: &str = "100";
/// Pages after which a list is taken for endless: more domains than any account has.
const MOST_PAGES: usize = 1000;

#[derive(Serialize)]
struct Create<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_return_path: Option<&'a str>,
    open_tracking: bool,
    click_tracking: bool,
    tls: &'static str,
}

#[derive(Deserialize)]
struct Seen {
    id: String,
    name: String,
    #[serde(default)]
    status: String,
    // A list's items have none.
    #[serde(default)]
    records: Vec<SeenRecord>,
}

#[derive(Deserialize)]
struct SeenRecord {
    #[serde(default)]
    record: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    ttl: Option<String>,
    value: String,
    #[serde(default)]
    priority: Option<u16>,
    #[serde(default)]
    status: String,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Seen>,
    #[serde(default)]
    has_more: bool,
}

impl From<Seen> for Domain {
    fn from(seen: Seen) -> Self {
        let name = seen.name.to_ascii_lowercase();
        let records = seen.records.into_iter().map(|record| record.of(&name)).collect();
        Self { id: seen.id, status: status(&seen.status), records, name }
    }
}

impl SeenRecord {
    fn of(self, domain: &str) -> DomainRecord {
        DomainRecord {
            purpose: self.record,
            name: absolute(&self.name, domain),
            kind: self.kind.to_ascii_uppercase(),
            // "Auto" is none.
            ttl: self.ttl.and_then(|ttl| ttl.parse().ok()),
            value: self.value,
            priority: self.priority,
            status: status(&self.status),
        }
    }
}

/// Names come relative to the *zone*, the registered domain: `send.mail` for the domain `mail.example.com`. The zone is
/// the domain, or an end of it, so a name ends in the labels of the domain that are not the zone's.
fn absolute(name: &str, domain: &str) -> String {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if name.is_empty() || name == "@" {
        return domain.to_owned();
    }
    if name == domain || name.ends_with(&format!(".{domain}")) {
        return name;
    }
    // The longest front of the domain that the name ends in is what stands before the zone, which has two labels or more.
    let labels: Vec<&str> = domain.split('.').collect();
    for cut in (1..labels.len().saturating_sub(1)).rev() {
        let (front, zone) = (labels[..cut].join("."), labels[cut..].join("."));
        if name == front || name.ends_with(&format!(".{front}")) {
            return format!("{name}.{zone}");
        }
    }
    format!("{name}.{domain}")
}

fn status(word: &str) -> DomainStatus {
    match word {
        "not_started" => DomainStatus::NotStarted,
        "verified" => DomainStatus::Verified,
        "failed" => DomainStatus::Failed,
        "partially_verified" => DomainStatus::PartiallyVerified,
        "partially_failed" => DomainStatus::PartiallyFailed,
        // Also a record's `temporary_failure`: the provider is still looking.
        _ => DomainStatus::Pending,
    }
}

/// The domain is taken, and not by us.
fn taken() -> Fault {
    let words = "the domain is registered at the mail service by another account; remove it from that account, or ask the \
                 mail service's support to do so, and set the domain up again here";
    Fault::new(ErrorClass::DuplicateError, words)
}

/// What was there a moment ago is not any more: somebody changes the account's domains at this moment.
fn changing() -> Fault {
    let words = "the mail provider's domains changed while we looked at them; it may work later";
    Fault::new(ErrorClass::EmailError, words)
}

impl Resend {
    /// Reads the account's domains page by page, until `take` breaks with what it has looked for.
    async fn pages<T: Send>(
        &self,
        mut take: impl FnMut(Vec<Seen>) -> ControlFlow<T> + Send,
    ) -> Result<Option<T>, Fault> {
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut request = self.api.request(Method::GET, &["domains"]).query(&[("limit", PAGE)]);
            if let Some(after) = &after {
                request = request.query(&[("after", after)]);
            }
            let page = answer::<Page>(request).await.map_err(|failure| match manage(&failure) {
                // The page we go on after ended with a domain that is gone.
                fault if fault.class == ErrorClass::ValidationError && after.is_some() => changing(),
                fault => fault,
            });
            let page = page?.body;
            let last = page.data.last().map(|seen| seen.id.clone());
            if let ControlFlow::Break(found) = take(page.data) {
                return Ok(Some(found));
            }
            if !page.has_more || last.is_none() {
                return Ok(None);
            }
            after = last;
        }
        Err(manage(&Failure::Unclear("lists domains without end")))
    }
}

fn manage(failure: &Failure) -> Fault {
    failure.fault(Purpose::Manage)
}

/// `None` for a 404.
fn found<T>(result: Result<T, Failure>) -> Result<Option<T>, Fault> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Failure::Refused(refusal)) if refusal.status == 404 => Ok(None),
        Err(failure) => Err(manage(&failure)),
    }
}

#[async_trait]
impl Domains for Resend {
    async fn create(&self, new: &NewDomain) -> Result<Domain, Fault> {
        let body = Create {
            name: &new.name,
            region: new.region.as_deref(),
            custom_return_path: new.return_path.as_deref(),
            open_tracking: new.open_tracking,
            click_tracking: new.click_tracking,
            tls: if new.enforce_tls { "enforced" } else { "opportunistic" },
        };
        match answer::<Seen>(self.api.request(Method::POST, &["domains"]).json(&body)).await {
            Ok(made) => Ok(made.body.into()),
            Err(failure) => match manage(&failure) {
                // By us, perhaps at a try whose answer was lost; or by somebody else.
                fault if fault.class == ErrorClass::DuplicateError => {
                    let ours = self.find(&new.name).await?.ok_or_else(taken)?;
                    self.get(&ours.id).await?.ok_or_else(changing)
                }
                fault => Err(fault),
            },
        }
    }

    async fn get(&self, id: &str) -> Result<Option<Domain>, Fault> {
        let seen = answer::<Seen>(self.api.request(Method::GET, &["domains", id])).await;
        Ok(found(seen)?.map(|seen| seen.body.into()))
    }

    async fn find(&self, name: &str) -> Result<Option<Domain>, Fault> {
        let named = |page: Vec<Seen>| match page.into_iter().find(|seen| seen.name.eq_ignore_ascii_case(name)) {
            Some(seen) => ControlFlow::Break(seen),
            None => ControlFlow::Continue(()),
        };
        Ok(self.pages(named).await?.map(Domain::from))
    }

    async fn list(&self) -> Result<Vec<Domain>, Fault> {
        let mut all = Vec::new();
        let every = |page: Vec<Seen>| {
            all.extend(page.into_iter().map(Domain::from));
            ControlFlow::<()>::Continue(())
        };
        self.pages(every).await?;
        Ok(all)
    }

    async fn verify(&self, id: &str) -> Result<(), Fault> {
        // A look resets what is verified, so mail from the domain would be refused meanwhile.
        let gone =
            || Fault::new(ErrorClass::ValidationError, "the mail provider has no such domain; register it again");
        let domain = self.get(id).await?.ok_or_else(gone)?;
        if domain.status == DomainStatus::Verified {
            return Ok(());
        }
        let asked = answer::<IgnoredAny>(self.api.request(Method::POST, &["domains", id, "verify"])).await;
        found(asked)?.map(drop).ok_or_else(gone)
    }

    async fn delete(&self, id: &str) -> Result<(), Fault> {
        found(answer::<IgnoredAny>(self.api.request(Method::DELETE, &["domains", id])).await).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_records_name_becomes_absolute_whatever_it_is_relative_to() {
        for (name, domain, expected) in [
            ("send", "example.com", "send.example.com"),
            ("resend._domainkey", "example.com", "resend._domainkey.example.com"),
            ("send.mail", "mail.example.com", "send.mail.example.com"),
            ("resend._domainkey.mail", "mail.example.com", "resend._domainkey.mail.example.com"),
            ("send.a", "a.example.co.uk", "send.a.example.co.uk"),
            ("mail", "mail.example.com", "mail.example.com"),
            ("send", "mail.example.com", "send.mail.example.com"),
            ("send", "send.example", "send.send.example"),
            ("@", "example.com", "example.com"),
            ("", "example.com", "example.com"),
            ("Send.Example.com.", "example.com", "send.example.com"),
        ] {
            assert_eq!(absolute(name, domain), expected, "{name} of {domain}");
        }
    }
}
