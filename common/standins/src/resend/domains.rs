//! The account's domains.

use super::domain::{Asked, Domain, Record, Status};
use super::error::Refusal;
use super::settings::Settings;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The domains, oldest first, and the names other accounts hold.
#[derive(Debug, Default)]
pub(super) struct Domains {
    kept: Mutex<Kept>,
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    domains: Vec<Domain>,
    elsewhere: BTreeSet<String>,
}

impl Domains {
    pub(super) fn create(&self, asked: Asked) -> Result<Domain, Refusal> {
        let domain = asked.check()?;
        let mut kept = self.lock();
        let ours = kept.domains.iter().any(|known| known.name == domain.name);
        if ours || kept.elsewhere.contains(&domain.name) {
            let message = format!("The {} domain has been registered already.", domain.name);
            return Err(Refusal::new(403, "validation_error", message));
        }
        kept.domains.push(domain.clone());
        drop(kept);
        self.tell();
        Ok(domain)
    }

    /// Puts a domain there that is verified.
    pub(super) fn add_verified(&self, name: &str) -> Result<(), Refusal> {
        let domain = Domain::verified(name)?;
        self.lock().domains.push(domain);
        self.tell();
        Ok(())
    }

    pub(super) fn registered_elsewhere(&self, name: &str) {
        self.lock().elsewhere.insert(name.to_ascii_lowercase());
    }

    /// All of them, oldest first.
    pub(super) fn all(&self) -> Vec<Domain> {
        self.lock().domains.clone()
    }

    pub(super) fn get(&self, id: &str) -> Result<Domain, Refusal> {
        let found = self.lock().domains.iter().find(|domain| domain.id == id).cloned();
        found.ok_or_else(|| Refusal::not_found("Domain"))
    }

    pub(super) fn update(&self, id: &str, settings: Settings) -> Result<Domain, Refusal> {
        self.change(id, |domain| {
            domain.settings = domain.settings.clone().with(settings)?;
            Ok(())
        })
    }

    pub(super) fn delete(&self, id: &str) -> Result<Domain, Refusal> {
        let mut kept = self.lock();
        let place = kept.domains.iter().position(|domain| domain.id == id);
        let deleted = kept.domains.remove(place.ok_or_else(|| Refusal::not_found("Domain"))?);
        drop(kept);
        self.tell();
        Ok(deleted)
    }

    /// Resets all statuses to pending, whatever they were, and begins a new round.
    pub(super) fn begin(&self, id: &str) -> Result<Domain, Refusal> {
        self.change(id, |domain| {
            domain.stand(Status::Pending);
            domain.round += 1;
            Ok(())
        })
    }

    /// Ends a round with what was seen; `None` when it was overtaken or the domain is gone.
    pub(super) fn end(&self, id: &str, round: u64, records: Vec<Record>) -> Option<Domain> {
        let ended = self.change(id, |domain| {
            if domain.round != round {
                return Err(Refusal::not_found("Round"));
            }
            domain.records = records;
            domain.judge();
            Ok(())
        });
        ended.ok()
    }

    /// Puts a domain of this name to a status, with all its records.
    pub(super) fn stand(&self, name: &str, status: Status) -> Option<Domain> {
        let id = self.all().into_iter().find(|domain| domain.name == name.to_ascii_lowercase())?.id;
        let changed = self.change(&id, |domain| {
            domain.stand(status);
            domain.round += 1;
            Ok(())
        });
        changed.ok()
    }

    /// Whether mail from this domain is taken. A verified domain says nothing about those below it.
    pub(super) fn may_send(&self, name: &str) -> bool {
        self.lock().domains.iter().any(|domain| domain.name == name && domain.status.sends())
    }

    /// Waits until a domain of this name has this status; false when it had not in time.
    pub(super) async fn wait_for(&self, name: &str, status: Status, patience: Duration) -> bool {
        let mut changed = self.changed.subscribe();
        let stands = || self.lock().domains.iter().any(|domain| domain.name == name && domain.status == status);
        let wait = changed.wait_for(|_| stands());
        tokio::time::timeout(patience, wait).await.is_ok_and(|waited| waited.is_ok())
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Domain) -> Result<(), Refusal>) -> Result<Domain, Refusal> {
        let mut kept = self.lock();
        let found = kept.domains.iter_mut().find(|domain| domain.id == id);
        let domain = found.ok_or_else(|| Refusal::not_found("Domain"))?;
        change(domain)?;
        let changed = domain.clone();
        drop(kept);
        self.tell();
        Ok(changed)
    }

    /// Never while the domains are locked: those who wait look at them.
    fn tell(&self) {
        self.changed.send_modify(|changes| *changes += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
