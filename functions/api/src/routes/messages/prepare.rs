//! From a parsed message to a draft that may be accepted: by what the database and the rules say.

use std::collections::{BTreeSet, HashMap};

use tenantry_mail::{Asked, Attachment, Decision, Draft, Sender, TenantStatus, check, route};
use tenantry_model::{EmailAddress, TenantId, UserId};
use tenantry_outbox::{Letter, sender};
use tenantry_store::{
    Tx,
    mail::{NewMessage, addresses, senders},
};
use time::OffsetDateTime;

use super::{
    files::Budget,
    mailbox::Wrong,
    parse::{Parsed, Words},
    rendered::rendered,
    wanted::WantedTemplate,
};
use crate::{
    auth::Caller,
    error::{Error, Result, chain, not_found, sentence},
    problem::{Code, FieldError, Problem},
    state::ApiState,
};

/// Why a message is not accepted.
#[derive(Clone)]
pub(super) enum Refusal {
    /// What is wrong with it.
    Fields(Wrong),
    /// What stands against any message of this tenant.
    Problem(Box<Problem>),
}

impl Refusal {
    fn field(pointer: &str, code: &str, words: &str) -> Self {
        Self::Fields(vec![FieldError::at(pointer, code, words)])
    }

    fn problem(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }

    /// As the answer to a request for this one message.
    pub(super) fn into_problem(self) -> Problem {
        match self {
            Self::Fields(wrong) => crate::extract::invalid_body(wrong),
            Self::Problem(problem) => *problem,
        }
    }
}

/// A message with everything that needs no database.
pub(super) struct Gathered {
    draft: Draft,
    template: Option<WantedTemplate>,
    wait: u64,
}

/// Fetches what is elsewhere, makes the text part, and names the tenant.
pub(super) async fn gather(
    state: &ApiState,
    caller: &Caller,
    budget: &mut Budget,
    parsed: Parsed,
) -> Result<Gathered, Refusal> {
    let tenant = caller.tenant_or_own(parsed.tenant).map_err(Refusal::problem)?;
    let Some(tenant) = tenant else {
        return Err(Refusal::field("/tenantId", "missing_field", "Whoever speaks for the platform names the tenant."));
    };
    let attachments: Vec<Attachment> = budget.fetch(&state.mail.fetch, parsed.files).await.map_err(Refusal::Fields)?;
    let (subject, html, text, template) = match parsed.words {
        Words::Template(template) => (String::new(), None, None, Some(template)),
        Words::Given { subject, html, text } => (subject, html, text, None),
    };
    let mut draft = Draft {
        tenant,
        user: parsed.user,
        to: parsed.to,
        cc: parsed.cc,
        bcc: parsed.bcc,
        from: parsed.from,
        insist_from: parsed.insist_from,
        reply_to: parsed.reply_to,
        subject,
        html,
        text,
        attachments,
        headers: parsed.headers,
        tags: parsed.tags,
        category: parsed.category,
        subtype: parsed.subtype,
        sensitive: parsed.sensitive,
    };
    if draft.needs_text() {
        let html = draft.html.clone().unwrap_or_default();
        // Large HTML takes its time; others are served meanwhile.
        let made = tokio::task::spawn_blocking(move || tenantry_templates::plain_text(&html)).await.ok().flatten();
        let Some(text) = made else {
            let words = "No text part can be made of this HTML: it is above 1 MiB, or too tangled. Write one in text.";
            return Err(Refusal::field("/html", "text_needed", words));
        };
        // A mail that is one image has no words.
        draft.text = Some(text).filter(|text| !text.trim().is_empty());
    }
    Ok(Gathered { draft, template, wait: parsed.wait })
}

/// What the database knows about the tenants and users of messages.
pub(super) struct Facts {
    senders: HashMap<TenantId, Sender>,
    addresses: HashMap<(UserId, TenantId), EmailAddress>,
}

impl Facts {
    /// Reads them, for all messages at once. What the caller may not see is not there.
    pub(super) async fn read<'a>(
        tx: &mut Tx,
        state: &ApiState,
        of: impl Iterator<Item = &'a Gathered> + Clone,
    ) -> Result<Self> {
        let tenants: BTreeSet<_> = of.clone().map(|one| one.draft.tenant).collect();
        let users: BTreeSet<_> = of.filter_map(|one| one.draft.user).collect();
        Self::about(tx, state, tenants, users).await
    }

    /// Reads what is known about a tenant.
    pub(super) async fn of_tenant(tx: &mut Tx, state: &ApiState, tenant: TenantId) -> Result<Self> {
        Self::about(tx, state, BTreeSet::from([tenant]), BTreeSet::new()).await
    }

    /// A tenant as a sender.
    pub(super) fn sender(&self, tenant: TenantId) -> Option<&Sender> {
        self.senders.get(&tenant)
    }

    async fn about(
        tx: &mut Tx,
        state: &ApiState,
        tenants: BTreeSet<TenantId>,
        users: BTreeSet<UserId>,
    ) -> Result<Self> {
        let mut known = HashMap::new();
        for row in senders(tx, &tenants.into_iter().collect::<Vec<_>>()).await? {
            let read = sender(&row, &state.mail.patterns).map_err(|fault| {
                tracing::error!(tenant = %row.tenant, error = chain(&fault), "a tenant's mail settings cannot be read");
                Problem::new(Code::InternalError, "This tenant's mail settings cannot be read; this is our mistake.")
            })?;
            known.insert(row.tenant, read);
        }
        let found =
            if users.is_empty() { Vec::new() } else { addresses(tx, &users.into_iter().collect::<Vec<_>>()).await? };
        let addresses = found.into_iter().filter_map(|(user, tenant, text)| Some(((user, tenant), text.parse().ok()?)));
        Ok(Self { senders: known, addresses: addresses.collect() })
    }
}

/// A message that may be accepted.
pub(super) struct Ready {
    /// What is sent.
    pub(super) draft: Draft,
    template: Option<String>,
    locale: Option<String>,
    /// Seconds before it may leave.
    pub(super) wait: u64,
}

/// A draft whose words are there, and the tenant that sends it.
pub(super) struct Worded<'a> {
    pub(super) ready: Ready,
    pub(super) sender: &'a Sender,
}

/// Puts recipient, words and the tenant's defaults into a message, and holds it to the rules of its form.
pub(super) async fn word<'a>(
    tx: &mut Tx,
    state: &ApiState,
    facts: &'a Facts,
    one: &Gathered,
) -> Result<Result<Worded<'a>, Refusal>> {
    let mut draft = one.draft.clone();
    let Some(sender) = facts.sender(draft.tenant) else {
        return Ok(Err(Refusal::problem(not_found("tenant"))));
    };
    if let Some(user) = draft.user {
        match facts.addresses.get(&(user, draft.tenant)) {
            Some(address) if draft.to.is_empty() => draft.to.push(address.clone().into()),
            Some(_) => {}
            None => return Ok(Err(Refusal::field("/userId", "unknown_user", "This tenant has no such user."))),
        }
    }
    let mut locale = None;
    if let Some(template) = &one.template {
        let made = match rendered(tx, draft.tenant, template).await? {
            Ok(made) => made,
            Err(wrong) => return Ok(Err(Refusal::Fields(wrong))),
        };
        (draft.subject, draft.html, draft.text) = (made.subject, Some(made.html), Some(made.text));
        locale = Some(made.locale);
    }
    sender.complete(&mut draft);
    if let Err(problems) = check(&draft, state.mail.outbox.limits()) {
        let wrong = problems.into_iter().map(|one| FieldError::at(one.pointer, &one.code, sentence(&one.detail)));
        return Ok(Err(Refusal::Fields(wrong.collect())));
    }
    let template = one.template.as_ref().map(|template| template.name.clone());
    Ok(Ok(Worded { ready: Ready { draft, template, locale, wait: one.wait }, sender }))
}

/// As [`word`], and refused where it could never leave: how the providers are at this moment makes no difference.
pub(super) async fn prepare(
    tx: &mut Tx,
    state: &ApiState,
    facts: &Facts,
    one: &Gathered,
) -> Result<Result<Ready, Refusal>> {
    let Worded { ready, sender } = match word(tx, state, facts, one).await? {
        Ok(worded) => worded,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let silent = match sender.status {
        TenantStatus::Suspended => Some((Code::TenantSuspended, "This tenant is suspended and sends nothing.")),
        TenantStatus::Leaving => Some((Code::TenantOffboarding, "This tenant is leaving and sends nothing.")),
        TenantStatus::Offboarded => Some((Code::TenantOffboarding, "This tenant has left and sends nothing.")),
        TenantStatus::Provisioning | TenantStatus::Active => None,
    };
    if let Some((code, words)) = silent {
        return Ok(Err(Refusal::problem(Problem::new(code, words))));
    }
    let asked = Asked { enabled: state.mail.enabled, ..Asked::of(&ready.draft, state.mail.patience.as_secs()) };
    let now = state.db.clock().now();
    match state.mail.accounts.with_views(&[], now, |views| route(&asked, sender, views)) {
        Decision::Refuse { why } => {
            let (code, text) = why.last().map_or(("refused", ""), |reason| (&*reason.code, reason.text.as_str()));
            let pointer = if matches!(code, "from_not_allowed" | "domain_not_sendable") { "/from" } else { "" };
            Ok(Err(Refusal::field(pointer, code, text)))
        }
        Decision::Send(_) | Decision::Suppress { .. } | Decision::Hold { .. } => Ok(Ok(ready)),
    }
}

impl Ready {
    /// As a row, under a new id.
    pub(super) fn pack(self, state: &ApiState, caller: &Caller, now: OffsetDateTime) -> Result<NewMessage> {
        let letter = Letter {
            id: tenantry_model::MessageId::new(),
            draft: self.draft,
            caused_by: None,
            template: self.template,
            locale: self.locale,
            wait: self.wait,
            by: caller.actor(),
            trace: Some(caller.call.trace.to_string()),
        };
        state.mail.outbox.pack(letter, now).map_err(|error| {
            // What is wrong with a draft was found before.
            tracing::error!(error = chain(&error), "a message cannot be packed");
            Error::from(Problem::new(Code::InternalError, "The message could not be stored; nothing was sent."))
        })
    }
}
