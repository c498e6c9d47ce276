//! The one account of the server: what it holds, and what happens when mail is accepted.

use super::domain::{Domain, Record, Status};
use super::domains::Domains;
use super::error::Refusal;
use super::events::{self, Event};
use super::fate::Fate;
use super::idempotency::Keys;
use super::mail::{AcceptedMail, Mails};
use super::misbehave::{Delivery, Route, Rule, Rules, Strikes};
use super::rate::{Allowance, Rate};
use super::verify;
use super::webhooks::Webhooks;
use crate::background::Background;
use crate::gate::Gate;
use hickory_resolver::TokioResolver;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use time::OffsetDateTime;

/// Everything handlers share.
pub(super) struct Account {
    pub(super) key: String,
    pub(super) keep_bodies: bool,
    pub(super) mails: Mails,
    pub(super) keys: Keys,
    pub(super) domains: Domains,
    pub(super) webhooks: Arc<Webhooks>,
    pub(super) gate: Gate,
    pub(super) background: Background,
    pub(super) resolver: Option<TokioResolver>,
    rate: Option<Mutex<Rate>>,
    rules: Mutex<Rules>,
    requests: Mutex<HashMap<Route, u64>>,
}

impl std::fmt::Debug for Account {
    /// Without the key.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Account").field("accepted", &self.mails.total()).finish_non_exhaustive()
    }
}

impl Account {
    pub(super) fn new(
        key: String,
        webhooks: Arc<Webhooks>,
        background: Background,
        resolver: Option<TokioResolver>,
        options: &super::Options,
    ) -> std::io::Result<Account> {
        Ok(Account {
            key,
            keep_bodies: options.keep_bodies,
            mails: Mails::default(),
            keys: Keys::default(),
            domains: Domains::open(options.folder.as_deref(), options.any_domain)?,
            webhooks,
            gate: Gate::default(),
            background,
            resolver,
            rate: options.rate.map(|limit| Mutex::new(Rate::new(limit))),
            rules: Mutex::default(),
            requests: Mutex::default(),
        })
    }

    pub(super) fn misbehave(&self, seed: u64, rules: Vec<Rule>) {
        *lock(&self.rules) = Rules::new(seed, rules);
    }

    /// Counts a request and says what strikes it.
    pub(super) fn strike(&self, route: Route, recipients: &[String]) -> Strikes {
        *lock(&self.requests).entry(route).or_default() += 1;
        lock(&self.rules).strike(route, recipients)
    }

    pub(super) fn requests(&self, route: Route) -> u64 {
        lock(&self.requests).get(&route).copied().unwrap_or(0)
    }

    /// Counts a request against the rate, where there is one.
    pub(super) fn allowance(&self) -> Option<Allowance> {
        self.rate.as_ref().map(|rate| lock(rate).count())
    }

    /// Takes the mails of one request in and starts what becomes of them.
    pub(super) fn accept(self: &Arc<Self>, mails: Vec<AcceptedMail>, strikes: &Strikes) {
        let mails: Vec<Arc<AcceptedMail>> = mails.into_iter().map(Arc::new).collect();
        self.mails.accept(&mails);
        for mail in mails {
            if mail.scheduled_at.is_some() {
                if self.webhooks.wanted(&strikes.deliveries) {
                    let event = Event::of_mail("email.scheduled", &mail, &mail.to, None);
                    self.webhooks.deliver(vec![event], &strikes.deliveries);
                }
                self.send_when_due(mail, strikes.clone());
            } else {
                self.send(&mail, strikes.fate, &strikes.deliveries);
            }
        }
    }

    /// Waits for a scheduled mail's time. Another time brings another one who waits; the first to come sends.
    pub(super) fn send_when_due(self: &Arc<Self>, mail: Arc<AcceptedMail>, strikes: Strikes) {
        let account = Arc::clone(self);
        self.background.spawn(async move {
            while let Some(due) = account.mails.due(&mail.id) {
                let left = due - OffsetDateTime::now_utc();
                if left.is_positive() {
                    tokio::time::sleep(left.unsigned_abs()).await;
                } else if account.mails.unschedule(&mail.id, "queued").is_ok() {
                    account.send(&mail, strikes.fate, &strikes.deliveries);
                }
            }
        });
    }

    /// What becomes of a mail, by this fate or by its recipients'.
    fn send(&self, mail: &AcceptedMail, fate: Option<Fate>, deliveries: &[Delivery]) {
        let mut fates: Vec<(Fate, Vec<String>)> = Vec::new();
        for recipient in mail.recipients() {
            let fate = fate.unwrap_or_else(|| Fate::of(recipient));
            match fates.iter_mut().find(|(known, _)| *known == fate) {
                Some((_, recipients)) => recipients.push(recipient.clone()),
                None => fates.push((fate, vec![recipient.clone()])),
            }
        }
        // With several recipients the worst news is the last.
        fates.sort_by_key(|(fate, _)| *fate);
        if let Some((worst, _)) = fates.last() {
            self.mails.heard(&mail.id, worst.last_event());
        }
        if !self.webhooks.wanted(deliveries) {
            return;
        }
        let left: Vec<String> =
            fates.iter().filter(|(fate, _)| fate.leaves()).flat_map(|(_, recipients)| recipients.clone()).collect();
        let mut all = Vec::new();
        if !left.is_empty() {
            all.push(Event::of_mail("email.sent", mail, &left, None));
        }
        all.extend(fates.iter().flat_map(|(fate, recipients)| events::of_fate(*fate, mail, recipients)));
        self.webhooks.deliver(all, deliveries);
    }

    /// News about a mail that was accepted earlier; false for an unknown id.
    pub(super) fn emit(&self, id: &str, fate: Fate) -> bool {
        let Ok(entry) = self.mails.entry(id) else { return false };
        self.mails.heard(id, fate.last_event());
        let recipients: Vec<String> = entry.mail.recipients().cloned().collect();
        self.webhooks.deliver(events::of_fate(fate, &entry.mail, &recipients), &[]);
        true
    }

    /// Tells of a domain.
    pub(super) fn tell(&self, kind: &str, domain: &Domain) {
        if self.webhooks.wanted(&[]) {
            self.webhooks.deliver(vec![Event::of_domain(kind, domain)], &[]);
        }
    }

    /// Looks for a domain's records, beside everything else.
    pub(super) fn verify(self: &Arc<Self>, domain: Domain, hold: bool) {
        let account = Arc::clone(self);
        self.background.spawn(async move {
            if hold {
                account.gate.wait().await;
            }
            if let Some(resolver) = &account.resolver {
                let records = verify::look(resolver, domain.records).await;
                account.end_verification(&domain.id, domain.round, records);
            }
        });
    }

    /// Looks for what was being looked for when the process ended.
    pub(super) fn resume(self: &Arc<Self>) {
        let pending = self.domains.all().into_iter().filter(|domain| domain.status == Status::Pending);
        pending.for_each(|domain| self.verify(domain, false));
    }

    fn end_verification(&self, id: &str, round: u64, records: Vec<Record>) {
        if let Some(domain) = self.domains.end(id, round, records) {
            self.tell("domain.updated", &domain);
        }
    }

    /// Adds a domain by hand, as somebody does who looks at the account in a browser.
    pub(super) fn add(&self, name: &str, status: Status) -> Result<Domain, Refusal> {
        let domain = self.domains.add(name, status)?;
        self.tell("domain.created", &domain);
        Ok(domain)
    }

    /// Deletes a domain by hand; false for an unknown name.
    pub(super) fn remove(&self, name: &str) -> bool {
        let known = self.domains.all().into_iter().find(|domain| domain.name == name.to_ascii_lowercase());
        let deleted = known.and_then(|known| self.domains.delete(&known.id).ok());
        deleted.as_ref().inspect(|domain| self.tell("domain.deleted", domain)).is_some()
    }

    /// Puts a domain to a status by hand; false for an unknown name.
    pub(super) fn stand(&self, name: &str, status: Status) -> bool {
        let domain = self.domains.stand(name, status);
        domain.as_ref().inspect(|domain| self.tell("domain.updated", domain)).is_some()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
