//! Sending domains as SES's e-mail identities. A domain's id is its name.

use async_trait::async_trait;
use aws_sdk_sesv2::{
    error::ProvideErrorMetadata,
    operation::get_email_identity::GetEmailIdentityOutput,
    types::{
        BehaviorOnMxFailure, DkimSigningAttributesOrigin, DkimStatus, IdentityInfo, IdentityType, MailFromDomainStatus,
        VerificationStatus,
    },
};
use tenantry_model::{ErrorClass, Fault};
use tenantry_provider::{Domain, DomainRecord, DomainStatus, Domains, NewDomain};

use crate::{
    Ses,
    fault::{Purpose, fault},
};

/// The label below the domain that takes bounces, where the caller names none.
const RETURN_PATH: &str = "bounce";
/// The most a page may hold.
const PAGE: i32 = 1000;
/// Where the public keys of a domain are, in regions that do not say.
const SIGNING_ZONE: &str = "dkim.amazonses.com";

/// Faults of requests that may be asked for again.
macro_rules! manage {
    ($result:expr) => {
        $result.map_err(|error| fault(&error, Purpose::Manage))
    };
}

fn verification(status: Option<&VerificationStatus>) -> DomainStatus {
    match status {
        Some(VerificationStatus::Success) => DomainStatus::Verified,
        Some(VerificationStatus::Failed) => DomainStatus::Failed,
        Some(VerificationStatus::NotStarted) => DomainStatus::NotStarted,
        _ => DomainStatus::Pending,
    }
}

fn dkim(status: Option<&DkimStatus>) -> DomainStatus {
    match status {
        Some(DkimStatus::Success) => DomainStatus::Verified,
        Some(DkimStatus::Failed) => DomainStatus::Failed,
        Some(DkimStatus::NotStarted) => DomainStatus::NotStarted,
        _ => DomainStatus::Pending,
    }
}

fn mail_from(status: &MailFromDomainStatus) -> DomainStatus {
    match status {
        MailFromDomainStatus::Success => DomainStatus::Verified,
        MailFromDomainStatus::Failed => DomainStatus::Failed,
        _ => DomainStatus::Pending,
    }
}

/// The identity as a domain. It is verified when DKIM is, and partially when its MAIL FROM domain is not: mail leaves
/// then, and its bounces go by SES's own domain.
fn domain(name: &str, region: &str, seen: &GetEmailIdentityOutput) -> Domain {
    let record = |purpose: &str, kind: &str, name: String, value: String, priority, status| {
        let (purpose, kind) = (purpose.to_owned(), kind.to_owned());
        DomainRecord { purpose, name, kind, ttl: None, value, priority, status }
    };
    let mut records = Vec::new();
    if let Some(keys) = seen.dkim_attributes() {
        let zone = keys.signing_hosted_zone().unwrap_or(SIGNING_ZONE);
        for token in keys.tokens() {
            let (at, value) = (format!("{token}._domainkey.{name}"), format!("{token}.{zone}"));
            records.push(record("DKIM", "CNAME", at, value, None, dkim(keys.status())));
        }
    }
    let mut status = verification(seen.verification_status());
    if seen.verified_for_sending_status() {
        status = DomainStatus::Verified;
    }
    if let Some(path) = seen.mail_from_attributes().filter(|path| !path.mail_from_domain().is_empty()) {
        let (at, found) = (path.mail_from_domain().to_owned(), mail_from(path.mail_from_domain_status()));
        let server = format!("feedback-smtp.{region}.amazonses.com");
        records.push(record("MAIL FROM", "MX", at.clone(), server, Some(10), found));
        records.push(record("SPF", "TXT", at, "v=spf1 include:amazonses.com ~all".to_owned(), None, found));
        if status == DomainStatus::Verified && found != DomainStatus::Verified {
            status = DomainStatus::PartiallyVerified;
        }
    }
    Domain { id: name.to_owned(), name: name.to_owned(), status, records }
}

/// An item of the list, which says nothing of records; `None` for what is no domain.
fn listed(item: &IdentityInfo) -> Option<Domain> {
    let name =
        item.identity_name().filter(|_| item.identity_type() == Some(&IdentityType::Domain))?.to_ascii_lowercase();
    let status = if item.sending_enabled() { DomainStatus::Verified } else { verification(item.verification_status()) };
    Some(Domain { id: name.clone(), name, status, records: Vec::new() })
}

fn gone() -> Fault {
    Fault::new(ErrorClass::ValidationError, "the mail provider has no such domain; register it again")
}

impl Ses {
    async fn identity(&self, name: &str) -> Result<Option<GetEmailIdentityOutput>, Fault> {
        match self.client.get_email_identity().email_identity(name).send().await {
            Ok(seen) => Ok(Some(seen)),
            Err(error) if error.code() == Some("NotFoundException") => Ok(None),
            Err(error) => Err(fault(&error, Purpose::Manage)),
        }
    }

    /// Also what starts the search for its records anew.
    async fn put_mail_from(&self, name: &str, path: &str) -> Result<(), Fault> {
        let put = self.client.put_email_identity_mail_from_attributes().email_identity(name).mail_from_domain(path);
        manage!(put.behavior_on_mx_failure(BehaviorOnMxFailure::UseDefaultValue).send().await).map(drop)
    }
}

#[async_trait]
impl Domains for Ses {
    /// SES has no settings for TLS and tracking per domain: they belong to the configuration set. The region is the
    /// provider's own.
    async fn create(&self, new: &NewDomain) -> Result<Domain, Fault> {
        let name = new.name.as_str();
        let create = self.client.create_email_identity().email_identity(name);
        match create.set_configuration_set_name(self.configuration_set()).send().await {
            Ok(_) => {}
            // By us: two accounts may have the same domain.
            Err(error) if error.code() == Some("AlreadyExistsException") => {}
            Err(error) => return Err(fault(&error, Purpose::Manage)),
        }
        let seen = self.identity(name).await?.ok_or_else(gone)?;
        if seen.mail_from_attributes().is_some_and(|path| !path.mail_from_domain().is_empty()) {
            return Ok(domain(name, &self.region, &seen));
        }
        let label = new.return_path.as_deref().unwrap_or(RETURN_PATH);
        self.put_mail_from(name, &format!("{label}.{name}")).await?;
        self.get(name).await?.ok_or_else(gone)
    }

    async fn get(&self, id: &str) -> Result<Option<Domain>, Fault> {
        Ok(self.identity(id).await?.map(|seen| domain(id, &self.region, &seen)))
    }

    async fn find(&self, name: &str) -> Result<Option<Domain>, Fault> {
        self.get(name).await
    }

    /// Addresses are identities too, and are left out. A domain whose MAIL FROM is not verified counts as verified here:
    /// the list does not say.
    async fn list(&self) -> Result<Vec<Domain>, Fault> {
        let mut pages = self.client.list_email_identities().page_size(PAGE).into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            all.extend(manage!(page)?.email_identities().iter().filter_map(listed));
        }
        Ok(all)
    }

    /// SES looks by itself for 72 hours. What it has given up is put again, which starts the search anew; the records
    /// may be others then.
    async fn verify(&self, id: &str) -> Result<(), Fault> {
        let seen = self.identity(id).await?.ok_or_else(gone)?;
        if seen.dkim_attributes().is_some_and(|keys| keys.status() == Some(&DkimStatus::Failed)) {
            let put = self.client.put_email_identity_dkim_signing_attributes().email_identity(id);
            manage!(put.signing_attributes_origin(DkimSigningAttributesOrigin::AwsSes).send().await)?;
        }
        match seen.mail_from_attributes() {
            Some(path) if path.mail_from_domain_status() == &MailFromDomainStatus::Failed => {
                self.put_mail_from(id, path.mail_from_domain()).await
            }
            _ => Ok(()),
        }
    }

    async fn delete(&self, id: &str) -> Result<(), Fault> {
        match self.client.delete_email_identity().email_identity(id).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("NotFoundException") => Ok(()),
            Err(error) => Err(fault(&error, Purpose::Manage)),
        }
    }
}
