//! A tenant adds a domain.

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use tenantry_mail::{NameRefusal, is_apex};
use tenantry_model::{Domain, EmailDomainId, RunId, TenantId};
use tenantry_store::{
    Scope, StoreError, Tx,
    domains::{Added, DomainFilter, NewDomain, add_domain, domain, domain_named, domains},
    mail::has_tenant,
};
use tenantry_workflows::email_domain::Data;
use utoipa::ToSchema;

use super::{
    EmailDomain, in_this_edition,
    tell::tell,
    turn::{answered, heard},
};
use crate::{
    answer::Answer,
    auth::{Caller, May, needs},
    error::{Result, sentence},
    extract::{Body, Id, invalid_body},
    idempotency::Once,
    problem::{Code, FieldError, Problem},
    random::token_and_jitter,
    state::ApiState,
    write::{audit, commit, retrying},
};

/// What stands before the @ where nobody says otherwise.
const MAILBOX: &str = "noreply";
/// A region has hardly more letters than `ap-southeast-1`.
const LONGEST_REGION: usize = 32;

/// What to do with a domain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trigger {
    /// Add it; one that was added already is looked at now.
    #[default]
    Register,
    /// Look at it now.
    Refresh,
    /// Remove it.
    Delete,
}

/// A domain to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WantedDomain {
    /// A domain that the tenant owns, best a subdomain; in A-labels or in the letters of its language.
    #[schema(example = "mail.yourcompany.com")]
    name: String,
    /// What stands before the @ of the address that mail comes from.
    #[schema(default = "noreply")]
    mailbox: Option<String>,
    /// Where its mail is to be handled, where the mail service has several regions; its usual one otherwise.
    #[schema(example = "eu-west-1", max_length = 32)]
    region: Option<String>,
    /// Yes, the domain itself, and not a subdomain of it.
    #[serde(default)]
    confirm_apex: bool,
    /// What to do with it: `register` is usual.
    #[serde(default)]
    #[schema(inline)]
    trigger: Trigger,
}

/// A wish without anything wrong with it.
struct Wish {
    domain: Domain,
    mailbox: String,
    region: Option<String>,
    confirm_apex: bool,
    trigger: Trigger,
}

impl WantedDomain {
    fn parse(self, state: &ApiState) -> Result<Wish, Problem> {
        let mut wrong = Vec::new();
        let domain = match self.trigger {
            Trigger::Register => state.domains.rules().to_add(&self.name),
            // It may have been added when other names were allowed.
            Trigger::Refresh | Trigger::Delete => self.name.parse().map_err(NameRefusal::Malformed),
        };
        let domain = domain.map_err(|why| {
            wrong.push(FieldError::at("/name", why.code(), sentence(&why.to_string())));
        });
        let mailbox = self.mailbox.unwrap_or_else(|| MAILBOX.to_owned());
        if let Ok(domain) = &domain
            && let Err(error) = domain.address(&mailbox)
        {
            wrong.push(FieldError::at("/mailbox", "invalid_value", sentence(&error.to_string())));
        }
        if self.region.as_deref().is_some_and(|region| !is_region(region)) {
            wrong.push(FieldError::at("/region", "invalid_value", "A region looks like eu-west-1."));
        }
        match domain {
            Ok(domain) if wrong.is_empty() => Ok(Wish {
                domain,
                mailbox,
                region: self.region,
                confirm_apex: self.confirm_apex,
                trigger: self.trigger,
            }),
            _ => Err(invalid_body(wrong)),
        }
    }
}

/// Words of small letters with hyphens between them, and a number at the end. Which regions there are is the provider's to say.
fn is_region(text: &str) -> bool {
    let mut parts: Vec<&str> = text.split('-').collect();
    let number = parts.pop().is_some_and(|last| !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()));
    let words = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    text.len() <= LONGEST_REGION && number && parts.len() >= 2 && parts.iter().all(words)
}

/// Add an email domain
///
/// Its life begins: the answer is the domain as it is now, and `GET` says how it goes on. Added again, it is looked at now, and what
/// else the body says is not heard; one that is being removed has to be gone first.
#[utoipa::path(post, path = "/v1/tenants/{id}/email-domains", tag = "Email domains", operation_id = "addEmailDomain",
    params(("id" = String, Path, description = "The tenant.")), request_body = WantedDomain,
    responses(
        (status = 202, description = "The domain.", body = EmailDomain,
            headers(("Location" = String, description = "The domain."))),
        (status = 403, description = "`feature_not_available`."),
        (status = 409, description = "`domain_limit_reached`, `not_configured`, or `signal_refused`: it is being removed."),
        (status = 422, description = "`apex_not_confirmed`, or `invalid_body`: with a code of its own in `errors` for every reason why a name cannot be added."),
    ))]
pub(crate) async fn add_email_domain(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<WantedDomain>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    in_this_edition(&state)?;
    let wish = body.value.parse(&state)?;
    retrying(|| hear(&state, &caller, id, &wish, &body.once)).await
}

async fn hear(state: &ApiState, caller: &Caller, tenant: TenantId, wish: &Wish, once: &Once) -> Result<Answer> {
    let scope = caller.scope();
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    has_tenant(&mut tx, tenant).await?;
    match (domain_named(&mut tx, tenant, wish.domain.as_str()).await, wish.trigger) {
        (Ok(row), trigger) => {
            let delete = trigger == Trigger::Delete;
            let signal = if delete { "remove" } else { "refreshStatus" };
            let told = tell(&mut tx, RunId(row.id), signal, &caller.actor(), state.db.timing()).await?;
            heard(state, caller, tx, told, signal, Some(once)).await
        }
        (Err(StoreError::NotFound(_)), Trigger::Register) => add(state, caller, tenant, wish, once, tx).await,
        (Err(error), _) => Err(error.into()),
    }
}

async fn add(
    state: &ApiState,
    caller: &Caller,
    tenant: TenantId,
    wish: &Wish,
    once: &Once,
    mut tx: Tx,
) -> Result<Answer> {
    may_begin(state, caller, wish)?;
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let settings = &state.domains.settings;
    let (token, jitter) = token_and_jitter()?;
    let new = NewDomain {
        data: Data::new(tenant, wish.domain.clone(), settings.patience, jitter),
        mailbox: wish.mailbox.clone(),
        region: wish.region.clone(),
        token,
        by: actor.clone(),
        trace: Some(caller.call.trace.to_string()),
    };
    let Added::New(id, hints) = add_domain(&mut tx, &new, timing).await? else {
        return Err(StoreError::Changed.into());
    };
    let reply = answered(domain(&mut tx, id).await?, scope);
    once.keep(&mut tx, scope, &reply, timing.now).await?;
    let subject = EmailDomainId(id.0).to_string();
    let mut line = caller.did(&actor, "email_domain.add", &subject);
    (line.tenant, line.run) = (Some(tenant), Some(id));
    line.after = Some(json!({ "name": wish.domain, "mailbox": wish.mailbox, "region": wish.region }));
    audit(&mut tx, caller, line, timing.now).await?;
    // Counted last: whoever adds another one for this tenant waits for its audit log, so none is overlooked.
    let most = i64::from(settings.limit);
    let filter = DomainFilter { tenant: Some(tenant), limit: most + 1, ..DomainFilter::default() };
    if domains(&mut tx, &filter).await?.len() as i64 > most {
        let detail = format!("The tenant may have {most} email domains at once, and has as many.");
        return Err(Problem::new(Code::DomainLimitReached, detail).into());
    }
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// What must be so before a new life begins.
fn may_begin(state: &ApiState, caller: &Caller, wish: &Wish) -> Result<(), Problem> {
    if is_apex(&wish.domain) && !wish.confirm_apex {
        let name = &wish.domain;
        let detail = format!(
            "{name} is the domain itself. Use a subdomain of it, such as mail.{name}, so that what happens to the reputation of mail \
             sent here does not happen to all other mail of {name}."
        );
        return Err(Problem::new(Code::ApexNotConfirmed, detail));
    }
    if state.mail.accounts.with_domains(state.domains.settings.provider.as_deref()).is_none() {
        let detail = match caller.scope() {
            Scope::Tenant(_) => "Email domains cannot be added yet: no mail service is set up here that takes them.",
            Scope::Platform => {
                "No mail provider that takes domains is configured: EMAIL_PROVIDER or EMAIL_FALLBACK_PROVIDER is to be one that \
                 does, and the one that EMAIL_DOMAIN_PROVIDER names, if it is set."
            }
        };
        return Err(Problem::new(Code::NotConfigured, detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_a_shape() {
        for good in ["us-east-1", "eu-west-1", "ap-southeast-2", "us-gov-west-1"] {
            assert!(is_region(good), "{good}");
        }
        for bad in ["", "us", "us-east", "US-EAST-1", "us--1", "-east-1", "us-east-1 ", "us-1", "a-b-1\n"] {
            assert!(!is_region(bad), "{bad:?}");
        }
        assert!(!is_region(&format!("{}-east-1", "a".repeat(30))));
    }
}
