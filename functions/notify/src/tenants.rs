//! A mail to a tenant about a name of its own: accepted as a message of that tenant, once for each notice.

use serde_json::Value;
use tenantry_dns::{HostReport, Report, Wanted};
use tenantry_kernel::Workflow as _;
use tenantry_mail::{Category, Draft, Limits, Mailbox};
use tenantry_model::{Domain, EmailAddress, ErrorClass, Fault, MessageId, TenantId};
use tenantry_outbox::{DomainLinks, Letter, Outbox, Patterns, sender};
use tenantry_runtime::{Hints, Job, config};
use tenantry_store::{Db, StoreError, Tx, domains, mail, portal, tenancy};
use tenantry_templates::{DEFAULT_LOCALE, Template, render};
use tenantry_workflows::{
    email_domain::{self, EmailDomain},
    portal_domain::{self, PortalDomain},
    webhook_delivery::{self, WebhookDelivery},
};
use time::Duration;

use crate::{domain_letter, letter::Addressee, portal_letter, webhook_letter};

/// How long the link in a mail works: as long as somebody may need who is asked to publish records, and was on holiday.
const LINK_DAYS: u16 = 14;

/// What kind of mail it is. No preference is in its way that was meant for news: without it a tenant's mail, or its portal, would
/// change without a word.
const CATEGORY: &str = "account";

/// A notice that a tenant may be written to about.
enum Told {
    Domain(email_domain::Notice),
    Portal(portal_domain::Notice),
    Webhook(webhook_delivery::Notice),
}

impl Told {
    /// Reads a notice of a kind of life; none: this kind has no letters.
    fn read(kind: &str, notice: &Value) -> Result<Option<Self>, Fault> {
        let told = match kind {
            EmailDomain::KIND => serde_json::from_value(notice.clone()).map(Self::Domain),
            PortalDomain::KIND => serde_json::from_value(notice.clone()).map(Self::Portal),
            WebhookDelivery::KIND => serde_json::from_value(notice.clone()).map(Self::Webhook),
            _ => return Ok(None),
        };
        told.map(Some).map_err(|_| mistake("a notice about a tenant's name cannot be read; a newer version may"))
    }

    /// Whom it is about; none: nobody is written to.
    fn tenant(&self) -> Option<TenantId> {
        match self {
            Self::Domain(notice) => domain_letter::about(notice).map(|about| about.tenant),
            Self::Portal(notice) => portal_letter::about(notice).map(|about| about.tenant),
            Self::Webhook(notice) => Some(webhook_letter::about(notice).tenant),
        }
    }

    /// What these mails are found by.
    fn subtype(&self) -> &'static str {
        match self {
            Self::Domain(_) => EmailDomain::KIND,
            Self::Portal(_) => PortalDomain::KIND,
            Self::Webhook(_) => WebhookDelivery::KIND,
        }
    }
}

/// Writes to tenants about their domains, and about the hostnames of their portals.
pub struct Tenants {
    db: Db,
    outbox: Outbox,
    links: DomainLinks,
    patterns: Patterns,
    settings: config::Mail,
    portal_page: String,
}

impl Tenants {
    /// Writes on behalf of the platform that the settings describe; links lead below `public_url`, and those about portals to
    /// `portal_page`, in which `{host}` stands for the tenant's canonical host and `{tenant}` for its id.
    #[must_use]
    pub fn new(
        db: Db,
        sealer: tenantry_secrets::Sealer,
        settings: config::Mail,
        public_url: &str,
        portal_page: String,
    ) -> Self {
        Self {
            db,
            outbox: Outbox::new(sealer.clone(), Limits::default(), settings.retention),
            links: DomainLinks::new(sealer, public_url),
            patterns: Patterns { subdomain: settings.subdomain.clone() },
            settings,
            portal_page,
        }
    }

    /// Writes to the tenant's contact, unless it was told of this notice before: the message's id is the command's. The hint at the
    /// mail goes by `hints`. What is no notice about a tenant's name is passed over.
    ///
    /// # Errors
    /// The database cannot be reached, or what it holds cannot be read.
    pub async fn tell(&self, job: &Job, kind: &str, notice: &Value, hints: &dyn Hints) -> Result<(), Fault> {
        let Some(told) = Told::read(kind, notice)? else { return Ok(()) };
        let Some(tenant) = told.tenant() else { return Ok(()) };
        let mut tx = self.db.begin().await?;
        let Some((draft, template, locale)) = self.draft(&mut tx, job, &told, tenant).await? else {
            tracing::info!(run = %job.run, "there is nothing to write about a tenant's name");
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
        told: &Told,
        tenant: TenantId,
    ) -> Result<Option<(Draft, String, String)>, Fault> {
        let row = tenancy::tenant(tx, tenant).await?;
        let to = Addressee {
            tenant_name: &row.name,
            support: self.settings.support.as_ref().map_or("", EmailAddress::as_str),
            // No tenant has told us its language so far.
            locale: DEFAULT_LOCALE,
        };
        let written = match told {
            Told::Domain(notice) => self.of_domain(tx, job, notice, to).await?,
            Told::Portal(notice) => self.of_portal(tx, job, notice, to).await?,
            Told::Webhook(notice) => Some(webhook_letter::letter(notice, &to, &self.settings.console_url)),
        };
        let Some((template, variables)) = written else { return Ok(None) };
        let rendered = render(template, to.locale, &variables)
            .map_err(|error| mistake(format!("the mail cannot be made: {error}")))?;
        let address: EmailAddress = row.email.unwrap_or_default().parse().map_err(|error| {
            Fault::new(ErrorClass::ValidationError, format!("the tenant's contact is no address: {error}"))
        })?;
        let category: Category = CATEGORY.parse().map_err(|error| mistake(format!("the category {error}")))?;
        let mut draft = Draft::new(tenant, address.into(), category, rendered.subject);
        // Never from the domain it is about, whose mail may not arrive.
        let platform = self.platform_domain(tx, tenant).await?;
        draft.from = Some(Mailbox::named(self.settings.from_name.as_str(), platform.noreply()));
        draft.reply_to = self.settings.support.clone().map(Mailbox::from);
        draft.subtype = Some(told.subtype().to_owned());
        draft.text = Some(rendered.text);
        draft.html = Some(rendered.html);
        // Nobody's vacation program is to answer it (RFC 3834).
        draft.headers.insert("Auto-Submitted".to_owned(), "auto-generated".to_owned());
        Ok(Some((draft, template.name().to_owned(), rendered.locale)))
    }

    async fn of_domain(
        &self,
        tx: &mut Tx,
        job: &Job,
        notice: &email_domain::Notice,
        to: Addressee<'_>,
    ) -> Result<Option<(Template, Value)>, Fault> {
        let Some(about) = domain_letter::about(notice) else { return Ok(None) };
        let row = domains::domain(tx, job.run).await?;
        let wanted: Vec<Wanted> = read(&row.wanted)?;
        let report: Option<Report> = row.report.as_ref().map(read).transpose()?;
        let page_url = self.links.url(job.run, job.now + Duration::days(LINK_DAYS.into()));
        let known = domain_letter::Known {
            domain: &about.domain,
            to,
            wanted: &wanted,
            report: report.as_ref(),
            page_url: &page_url,
            link_days: LINK_DAYS,
        };
        Ok(domain_letter::letter(notice, &known))
    }

    async fn of_portal(
        &self,
        tx: &mut Tx,
        job: &Job,
        notice: &portal_domain::Notice,
        to: Addressee<'_>,
    ) -> Result<Option<(Template, Value)>, Fault> {
        let Some(about) = portal_letter::about(notice) else { return Ok(None) };
        let row = portal::portal(tx, job.run).await?;
        let report: Option<HostReport> = row.report.as_ref().map(read).transpose()?;
        let page_url =
            self.portal_page.replace("{host}", &row.canonical_host).replace("{tenant}", &about.tenant.to_string());
        let known = portal_letter::Known { domain: &about.domain, to, report: report.as_ref(), page_url: &page_url };
        Ok(portal_letter::letter(notice, &known))
    }

    /// The tenant's place at the platform's domain, from where it may send whatever its settings are.
    async fn platform_domain(&self, tx: &mut Tx, tenant: TenantId) -> Result<Domain, Fault> {
        let rows = mail::senders(tx, &[tenant]).await?;
        let row = rows.first().ok_or_else(|| mistake("the tenant is not there any more"))?;
        Ok(sender(row, &self.patterns)?.platform_domain)
    }
}

fn read<T: serde::de::DeserializeOwned>(stored: &Value) -> Result<T, Fault> {
    serde_json::from_value(stored.clone())
        .map_err(|_| mistake("what is stored of a tenant's name cannot be read; a newer version may"))
}

fn mistake(words: impl Into<String>) -> Fault {
    Fault::new(ErrorClass::InternalError, words)
}
