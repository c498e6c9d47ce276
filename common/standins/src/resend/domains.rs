//! The account's domains.

use super::domain::{Asked, Domain, Record, Status};
use super::error::Refusal;
use super::settings::Settings;
use super::store::Store;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The domains, oldest first, and the names other accounts hold.
#[derive(Debug)]
pub(super) struct Domains {
    kept: Mutex<Kept>,
    store: Option<Store>,
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    domains: Vec<Domain>,
    elsewhere: BTreeSet<String>,
    open: Vec<Open>,
}

/// Whose mail is taken although nobody has registered the domain.
#[derive(Debug, PartialEq, Eq)]
enum Open {
    /// Everybody's.
    All,
    /// That of a domain and of those below it.
    Below(String),
}

impl Open {
    fn holds(&self, name: &str) -> bool {
        let below = |top: &str| name.strip_suffix(top).is_some_and(|front| front.is_empty() || front.ends_with('.'));
        match self {
            Open::All => true,
            Open::Below(top) => below(top),
        }
    }
}

impl Kept {
    /// A name is registered once, by us or by somebody else.
    fn refuse_second(&self, name: &str) -> Result<(), Refusal> {
        if self.elsewhere.contains(name) || self.domains.iter().any(|known| known.name == name) {
            let message = format!("The {name} domain has been registered already.");
            return Err(Refusal::new(403, "validation_error", message));
        }
        Ok(())
    }
}

impl Domains {
    /// The domains that were kept in the folder, if there is one.
    pub(super) fn open(folder: Option<&Path>, any_domain: bool) -> std::io::Result<Domains> {
        let store = folder.map(Store::open).transpose()?;
        let domains = store.as_ref().map(Store::load).transpose()?.unwrap_or_default();
        let open = if any_domain { vec![Open::All] } else { Vec::new() };
        let kept = Mutex::new(Kept { domains, open, ..Kept::default() });
        Ok(Domains { kept, store, changed: watch::Sender::default() })
    }

    /// Takes mail from this domain and those below it from now on, as far as they are not registered.
    pub(super) fn take_from(&self, name: &str) {
        let open = Open::Below(name.to_ascii_lowercase());
        let mut kept = self.lock();
        if !kept.open.contains(&open) {
            kept.open.push(open);
        }
    }

    pub(super) fn create(&self, asked: Asked) -> Result<Domain, Refusal> {
        self.put(asked.check()?)
    }

    /// Puts a domain there that has this status already.
    pub(super) fn add(&self, name: &str, status: Status) -> Result<Domain, Refusal> {
        self.put(Domain::standing(name, status)?)
    }

    /// Sees to it that a domain of this name is there and verified.
    pub(super) fn verified(&self, name: &str) -> Result<Domain, Refusal> {
        match self.find(name) {
            Some(known) if known.status == Status::Verified => Ok(known),
            Some(known) => self.change(&known.id, |domain| {
                domain.put_to(Status::Verified);
                Ok(())
            }),
            None => self.add(name, Status::Verified),
        }
    }

    fn put(&self, domain: Domain) -> Result<Domain, Refusal> {
        self.edit(|kept| {
            kept.refuse_second(&domain.name)?;
            kept.domains.push(domain.clone());
            Ok(domain)
        })
    }

    pub(super) fn registered_elsewhere(&self, name: &str) {
        self.lock().elsewhere.insert(name.to_ascii_lowercase());
    }

    pub(super) fn given_up_elsewhere(&self, name: &str) {
        self.lock().elsewhere.remove(&name.to_ascii_lowercase());
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
        self.edit(|kept| {
            let place = kept.domains.iter().position(|domain| domain.id == id);
            Ok(kept.domains.remove(place.ok_or_else(|| Refusal::not_found("Domain"))?))
        })
    }

    /// Resets all statuses to pending, whatever they were, and begins a new round.
    pub(super) fn begin(&self, id: &str) -> Result<Domain, Refusal> {
        self.change(id, |domain| {
            domain.put_to(Status::Pending);
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
        self.change(&self.find(name)?.id, |domain| {
            domain.put_to(status);
            Ok(())
        })
        .ok()
    }

    /// Whether mail from this domain is taken. A registered domain counts by its own status, and says nothing about those
    /// below it.
    pub(super) fn may_send(&self, name: &str) -> bool {
        let kept = self.lock();
        match kept.domains.iter().find(|domain| domain.name == name) {
            Some(domain) => domain.status.sends(),
            None => kept.open.iter().any(|open| open.holds(name)),
        }
    }

    /// Waits until a domain of this name has this status; false when it had not in time.
    pub(super) async fn wait_for(&self, name: &str, status: Status, patience: Duration) -> bool {
        let mut changed = self.changed.subscribe();
        let stands = || self.lock().domains.iter().any(|domain| domain.name == name && domain.status == status);
        let wait = changed.wait_for(|_| stands());
        tokio::time::timeout(patience, wait).await.is_ok_and(|waited| waited.is_ok())
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Domain) -> Result<(), Refusal>) -> Result<Domain, Refusal> {
        self.edit(|kept| {
            let found = kept.domains.iter_mut().find(|domain| domain.id == id);
            let domain = found.ok_or_else(|| Refusal::not_found("Domain"))?;
            change(domain)?;
            Ok(domain.clone())
        })
    }

    /// Edits the domains; what is refused, or cannot be kept, has not happened.
    fn edit(&self, edit: impl FnOnce(&mut Kept) -> Result<Domain, Refusal>) -> Result<Domain, Refusal> {
        let mut kept = self.lock();
        let before = kept.domains.clone();
        let edited = edit(&mut kept).and_then(|domain| self.keep(&kept.domains).map(|()| domain));
        if edited.is_err() {
            kept.domains = before;
        }
        drop(kept);
        self.tell();
        edited
    }

    fn keep(&self, domains: &[Domain]) -> Result<(), Refusal> {
        let Some(store) = &self.store else { return Ok(()) };
        store.write(domains).map_err(|error| {
            tracing::error!(%error, "Resend's stand-in could not keep its domains");
            Refusal::new(500, "application_error", "An unexpected error occurred.")
        })
    }

    fn find(&self, name: &str) -> Option<Domain> {
        let name = name.to_ascii_lowercase();
        self.lock().domains.iter().find(|domain| domain.name == name).cloned()
    }

    /// Never while the domains are locked: those who wait look at them.
    fn tell(&self) {
        self.changed.send_modify(|changes| *changes += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
