//! A mail to a tenant about its domain: accepted as a message of that tenant, once for each notice.

use serde_json::Value;
use tenantry_dns::{Report, Wanted};
use tenantry_mail::{Category, Draft, Limits, Mailbox};
use tenantry_model::{Domain, EmailAddress, ErrorClass, Fault, MessageId, TenantId};
use tenantry_outbox::{DomainLinks, Letter, Outbox, Patterns, sender};
use tenantry_runtime::{Hints, Job, config};
use tenantry_store::{
    Db, StoreError, Tx,
    domains::{self, DomainRow},
    mail,
    tenancy::{self, TenantRow},
};
use tenantry_templates::{DEFAULT_LOCALE, render};
use tenantry_workflows::email_domain::{About, Notice};
use time::Duration;

use crate::domain_letter::{Known, letter};

/// How long the link in a mail works: as long as somebody may need who is asked to publish records, and was on holiday.
const LINK_DAYS: u16 = 14;

/// What kind of mail it is. No preference is in its way that was meant for news: without it a tenant's mail would change without a
/// word.
const CATEGORY: &str = "account";
const SUBTYPE: &str = "email_domain";

/// Writes to tenants about their domains.
pub struct Domains {
    db: Db,
    outbox: Outbox,
    links: DomainLinks,
    patterns: Patterns,
    settings: config::Mail,
}

impl Domains {
    /// Writes on behalf of the platform that the settings describe; links lead below `public_url`.
    #[must_use]
    pub fn new(db: Db, sealer: tenantry_secrets::Sealer, settings: config::Mail, public_url: &str) -> Self {
        Self {
            db,
            outbox: Outbox::new(sealer.clone(), Limits::default(), settings.retention),
            links: DomainLinks::new(sealer, public_url),
            patterns: Patterns { subdomain: settings.subdomain.clone() },
            settings,
        }
    }

    /// Writes to the tenant's contact, unless it was told of this notice before: the message's id is the command's. The hint at the
    /// mail goes by `hints`.
    ///
    /// # Errors
    /// The database cannot be reached, or what it holds is no domain.
    pub async fn tell(&self, job: &Job, notice: &Value, hints: &dyn Hints) -> Result<(), Fault> {
        let notice: Notice = serde_json::from_value(notice.clone())
            .map_err(|_| mistake("a notice about a domain cannot be read; a newer version may"))?;
        let Some(about) = about(&notice) else { return Ok(()) };
        let mut tx = self.db.begin().await?;
        let row = domains::domain(&mut tx, job.run).await?;
        let tenant = tenancy::tenant(&mut tx, about.tenant).await?;
        let Some((draft, template, locale)) = self.draft(&mut tx, job, &notice, about, &row, &tenant).await? else {
            tracing::info!(run = %job.run, "there is nothing to write about a domain");
            return Ok(());
        };
        let letter = Letter {
            id: MessageId(job.command.0),
            draft,
            caused_by: Some(job.run),
            template: Some(template),
            locale: Some(locale),
            wait: 0,
            by: "notify".to_owned(),
            trace: None,
        };
        let message = self.outbox.pack(letter, job.now).map_err(|error| mistake(error.to_string()))?;
        match mail::accept(&mut tx, &[message], self.db.timing()).await {
            Ok(accepted) => {
                tx.commit().await.map_err(|error| Fault::from(StoreError::from(error)))?;
                hints.send(accepted).await;
                Ok(())
            }
            Err(error) if error.constraint() == Some("runs_pkey") => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The mail, the name of its template, and its language.
    async fn draft(
        &self,
        tx: &mut Tx,
        job: &Job,
        notice: &Notice,
        about: &About,
        row: &DomainRow,
        tenant: &TenantRow,
    ) -> Result<Option<(Draft, String, String)>, Fault> {
        let expires_at = job.now + Duration::days(LINK_DAYS.into());
        let wanted: Vec<Wanted> = read(&row.wanted)?;
        let report: Option<Report> = row.report.as_ref().map(read).transpose()?;
        let known = Known {
            domain: &about.domain,
            tenant_name: &tenant.name,
            wanted: &wanted,
            report: report.as_ref(),
            page_url: &self.links.url(job.run, expires_at),
            link_days: LINK_DAYS,
            support: self.settings.support.as_ref().map_or("", EmailAddress::as_str),
            // No tenant has told us its language so far.
            locale: DEFAULT_LOCALE,
        };
        let Some((template, variables)) = letter(notice, &known) else { return Ok(None) };
        let rendered = render(template, known.locale, &variables)
            .map_err(|error| mistake(format!("the mail cannot be made: {error}")))?;
        let to: EmailAddress = tenant.email.parse().map_err(|error| {
            Fault::new(ErrorClass::ValidationError, format!("the tenant's contact is no address: {error}"))
        })?;
        let category: Category = CATEGORY.parse().map_err(|error| mistake(format!("the category {error}")))?;
        let mut draft = Draft::new(about.tenant, to.into(), category, rendered.subject);
        // Never from the domain it is about, whose mail may not arrive.
        let platform = self.platform_domain(tx, about.tenant).await?;
        draft.from = Some(Mailbox::named(self.settings.from_name.as_str(), platform.noreply()));
        draft.reply_to = self.settings.support.clone().map(Mailbox::from);
        draft.subtype = Some(SUBTYPE.to_owned());
        draft.text = Some(rendered.text);
        draft.html = Some(rendered.html);
        // Nobody's vacation program is to answer it (RFC 3834).
        draft.headers.insert("Auto-Submitted".to_owned(), "auto-generated".to_owned());
        Ok(Some((draft, template.name().to_owned(), rendered.locale)))
    }

    /// The tenant's place at the platform's domain, from where it may send whatever its settings are.
    async fn platform_domain(&self, tx: &mut Tx, tenant: TenantId) -> Result<Domain, Fault> {
        let rows = mail::senders(tx, &[tenant]).await?;
        let row = rows.first().ok_or_else(|| mistake("the tenant is not there any more"))?;
        Ok(sender(row, &self.patterns)?.platform_domain)
    }
}

fn about(notice: &Notice) -> Option<&About> {
    match notice {
        Notice::DomainRecordsReady(about)
        | Notice::DomainReminded(about)
        | Notice::DomainVerified(about)
        | Notice::DomainRecordsVanished(about)
        | Notice::DomainDegraded(about)
        | Notice::DomainRefused(about)
        | Notice::DomainFailed(about)
        | Notice::DomainDeactivated(about) => Some(about),
        Notice::OperatorAsked { .. } => None,
    }
}

fn read<T: serde::de::DeserializeOwned>(stored: &Value) -> Result<T, Fault> {
    serde_json::from_value(stored.clone()).map_err(|_| mistake("what is stored of a domain's records cannot be read"))
}

fn mistake(words: impl Into<String>) -> Fault {
    Fault::new(ErrorClass::InternalError, words)
}
