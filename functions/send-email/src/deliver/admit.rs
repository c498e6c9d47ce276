//! A batch of turns, planned and taken in one transaction: what is to be sent, by whom and from which address is written
//! before a byte leaves.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;
use tenantry_kernel::{EntryKind, Input, Kind as _, Of as Face, workflow::Heard};
use tenantry_mail::Draft;
use tenantry_model::{MessageId, TenantId, UserId};
use tenantry_outbox::{health, sender};
use tenantry_provider::{Health, breaker::Admission};
use tenantry_runtime::Drawing;
use tenantry_store::{
    Result, Tx,
    mail::{self, MessageFacts, ProviderRow},
    runs::{self, Ahead, Of, Source, Told, Turn},
};
use tenantry_workflows::email_delivery::{Command, Data, EmailDelivery, Event};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Admitted, Delivery,
    plan::{Known, decide},
};

/// What one batch has come to.
#[derive(Default)]
pub(super) struct Batch {
    /// Turns taken, those included that came to nothing.
    pub(super) taken: usize,
    /// Messages to hand over.
    pub(super) admitted: Vec<Admitted>,
    /// Providers that were not well when the batch was planned.
    pub(super) ailing: Vec<String>,
}

/// How many may be taken, and of those that have waited since when.
struct Room {
    most: u32,
    oldest: Option<OffsetDateTime>,
    /// Requests that the first provider takes now, where its rate is limited.
    requests: Option<u32>,
}

/// A message whose turn has come, with all that is known of it.
struct Candidate {
    turn: Turn,
    data: Data,
    facts: MessageFacts,
    draft: Draft,
}

impl Candidate {
    /// Whether it cannot go together with others.
    fn alone(&self) -> bool {
        self.data.alone || self.data.bound || self.facts.attachments > 0 || self.facts.sensitive
    }
}

fn is_for(event: &Event, provider: &str) -> bool {
    matches!(event, Event::Admitted(plan) if plan.provider == provider)
}

impl Delivery {
    /// Takes a batch.
    pub(super) async fn admit(&self, with: &Drawing<'_>) -> Result<Batch> {
        let timing = with.db.timing();
        let now = timing.now;
        let mut tx = with.db.begin().await?;
        let rows = mail::providers(&mut tx).await?;
        let Some(room) = self.room(&mut tx, &rows, now).await? else { return Ok(Batch::default()) };
        let turns = runs::take_turns(&mut tx, room.most, self.settings.lanes, room.oldest, now).await?;
        if turns.is_empty() {
            tx.commit().await?;
            return Ok(Batch::default());
        }
        let (mut batch, mut told) = (Batch { taken: turns.len(), ..Batch::default() }, Vec::new());
        batch.ailing = rows.iter().filter(|row| row.health.is_some()).map(|row| row.name.clone()).collect();
        let candidates = self.candidates(&mut tx, turns, &mut told).await?;
        let known = self.known(&mut tx, &candidates, now).await?;
        let mut events = self.accounts.with_views(&rows, now, |views| {
            let event = |one: &Candidate| {
                let waited = u64::try_from((now - one.facts.created_at).whole_seconds()).unwrap_or(0);
                decide(&known, &one.data, &one.draft, waited, views, |name| self.idempotent(name))
            };
            candidates.iter().map(event).collect::<Vec<Event>>()
        });
        self.keep_to(&room, &candidates, &mut events);
        self.bundle(&mut tx, &candidates, &mut events, now).await?;
        self.spend(&mut tx, &events, now).await?;
        told.extend(
            candidates.iter().map(|one| &one.turn).zip(&events).map(|(turn, event)| (turn.clone(), event.clone())),
        );
        let written = self.admit_all(&mut tx, &told, with, timing).await?;
        tx.commit().await?;
        // Those that could not even be read come first, and none of them is sent.
        let ours = written.into_iter().skip(told.len() - candidates.len());
        for (one, committed) in candidates.into_iter().zip(ours) {
            let Some(claimed) = committed.ahead else { continue };
            let Ok(Command::Deliver(plan)) = serde_json::from_value(claimed.command.clone()) else { continue };
            let (tenant, tries, bound) = (one.turn.tenant, one.data.tries, one.data.bound);
            batch.admitted.push(Admitted { claimed, tenant, plan, draft: one.draft, tries, bound });
        }
        Ok(batch)
    }

    /// How much can be carried now; none when nobody carries anything.
    async fn room(&self, tx: &mut Tx, rows: &[ProviderRow], now: OffsetDateTime) -> Result<Option<Room>> {
        let how: Vec<Admission> = self.accounts.admissions(rows, now).map(|(_, admission)| admission).collect();
        let Some((first, others)) = how.split_first() else { return Ok(None) };
        let stands_in = others.iter().any(|admission| !matches!(admission, Admission::NotBefore(_)));
        let name = self.accounts.0[0].provider.name();
        let mut room = Room { most: self.settings.batch.min(100), oldest: None, requests: None };
        match first {
            Admission::Open => {}
            // One message tries it, and whoever comes next sees that somebody does.
            Admission::Trial => {
                let locked = mail::lock_health(tx, name, now).await?;
                let mut health: Health =
                    locked.and_then(|health| serde_json::from_value(health).ok()).unwrap_or_default();
                match health.admit(now) {
                    Admission::NotBefore(_) => return Ok(None),
                    Admission::Trial => room.most = 1,
                    Admission::Open => {}
                }
                mail::write_health(tx, name, &json!(health), now).await?;
            }
            Admission::NotBefore(_) if !stands_in => return Ok(None),
            // It is well and wants patience: those who have shown enough of it go by the other way.
            Admission::NotBefore(_) if health(rows, name).breaker == tenantry_provider::breaker::Breaker::Closed => {
                room.oldest = Some(now - self.settings.patience);
            }
            Admission::NotBefore(_) => {}
        }
        if let Some(rate) = self.settings.rates.get(name).filter(|_| !matches!(first, Admission::NotBefore(_))) {
            let requests = mail::account_room(tx, name, *rate, now).await?;
            let each = u32::try_from(self.accounts.0[0].provider.capabilities().batch).unwrap_or(u32::MAX).max(1);
            room.most = room.most.min(requests.saturating_mul(each));
            room.requests = Some(requests);
        }
        Ok((room.most > 0).then_some(room))
    }

    /// What is known of each message. One whose words are gone is told so.
    async fn candidates(&self, tx: &mut Tx, turns: Vec<Turn>, told: &mut Vec<(Turn, Event)>) -> Result<Vec<Candidate>> {
        let ids: Vec<MessageId> = turns.iter().map(|turn| MessageId(turn.run.0)).collect();
        let mut facts: HashMap<MessageId, MessageFacts> =
            mail::facts(tx, &ids).await?.into_iter().map(|facts| (facts.id, facts)).collect();
        let mut candidates = Vec::new();
        for turn in turns {
            let data: Data = serde_json::from_value(turn.life.data.clone()).unwrap_or_default();
            let found = facts.remove(&MessageId(turn.run.0)).and_then(|facts| {
                let opened = facts.sealed.as_deref().map(|sealed| self.outbox.open(facts.id, sealed));
                Some((opened?, facts))
            });
            match found {
                Some((Ok(draft), facts)) => candidates.push(Candidate { turn, data, facts, draft }),
                Some((Err(fault), _)) => {
                    tracing::error!(run = %turn.run, error = %fault, "a message cannot be opened");
                    told.push((turn, Event::Held { seconds: 900, reason: fault.message }));
                }
                None => {
                    let words = "its words are not there any more";
                    let fault = tenantry_model::Fault::new(tenantry_model::ErrorClass::InternalError, words);
                    told.push((turn, Event::Refused(fault)));
                }
            }
        }
        Ok(candidates)
    }

    async fn known(&self, tx: &mut Tx, candidates: &[Candidate], now: OffsetDateTime) -> Result<Known> {
        let mut tenants: Vec<TenantId> = candidates.iter().map(|one| one.turn.tenant).collect();
        tenants.sort_unstable_by_key(|tenant| tenant.0);
        tenants.dedup();
        let users: Vec<UserId> = candidates.iter().filter_map(|one| one.facts.user).collect();
        let pairs: Vec<(TenantId, String)> = candidates
            .iter()
            .flat_map(|one| one.facts.recipients.iter().map(|address| (one.turn.tenant, address.clone())))
            .collect();
        let rows = mail::senders(tx, &tenants).await?;
        let senders = rows.iter().filter_map(|row| Some((row.tenant, sender(row, &self.patterns).ok()?)));
        Ok(Known {
            senders: senders.collect(),
            suppressions: mail::suppressed(tx, &pairs, now).await?,
            choices: mail::choices(tx, &tenants, &users).await?,
            enabled: self.settings.enabled,
            patience: self.settings.patience.as_secs(),
            now,
        })
    }

    /// Leaves for a moment later what is more than the first provider takes now. One request carries all that go together.
    fn keep_to(&self, room: &Room, candidates: &[Candidate], events: &mut [Event]) {
        let Some(requests) = room.requests else { return };
        let first = self.accounts.0[0].provider.name();
        let together = |one: &Candidate| self.batch_of(first) > 1 && !one.alone();
        let any = candidates.iter().zip(events.iter()).any(|(one, event)| is_for(event, first) && together(one));
        let mut left = requests.saturating_sub(u32::from(any));
        for (one, event) in candidates.iter().zip(events.iter_mut()) {
            if is_for(event, first) && !together(one) {
                match left.checked_sub(1) {
                    Some(less) => left = less,
                    None => {
                        *event = Event::Held { seconds: 1, reason: "mail goes out more slowly right now".to_owned() }
                    }
                }
            }
        }
    }

    /// Puts messages together that one request can carry.
    async fn bundle(
        &self,
        tx: &mut Tx,
        candidates: &[Candidate],
        events: &mut [Event],
        now: OffsetDateTime,
    ) -> Result<()> {
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, (one, event)) in candidates.iter().zip(events.iter()).enumerate() {
            let Event::Admitted(plan) = event else { continue };
            if !one.alone() && self.batch_of(&plan.provider) > 1 {
                groups.entry(plan.provider.clone()).or_default().push(at);
            }
        }
        for (provider, members) in groups {
            for members in members.chunks(self.batch_of(&provider)).filter(|members| members.len() > 1) {
                let id = Uuid::now_v7();
                for at in members {
                    if let Event::Admitted(plan) = &mut events[*at] {
                        plan.batch = Some(id);
                    }
                }
                let plans = members.iter().filter_map(|at| match &events[*at] {
                    Event::Admitted(plan) => Some((candidates[*at].facts.id, plan)),
                    _ => None,
                });
                mail::make_batch(tx, id, &plans.collect::<Vec<_>>(), now).await?;
            }
        }
        Ok(())
    }

    /// Counts the requests to an account whose rate is limited.
    async fn spend(&self, tx: &mut Tx, events: &[Event], now: OffsetDateTime) -> Result<()> {
        for (name, rate) in &self.settings.rates {
            let plans = events.iter().filter_map(|event| match event {
                Event::Admitted(plan) if plan.provider == *name => Some(plan.batch),
                _ => None,
            });
            let (mut alone, mut batches) = (0, Vec::new());
            plans.for_each(|batch| batch.map_or_else(|| alone += 1, |batch| batches.push(batch)));
            batches.dedup();
            let requests = alone + u32::try_from(batches.len()).unwrap_or(u32::MAX);
            if requests > 0 {
                mail::spend_account(tx, name, *rate, requests, now).await?;
            }
        }
        Ok(())
    }

    async fn admit_all(
        &self,
        tx: &mut Tx,
        told: &[(Turn, Event)],
        with: &Drawing<'_>,
        timing: tenantry_store::Timing,
    ) -> Result<Vec<runs::Committed>> {
        let life = Face::<EmailDelivery>::new();
        let mut changes = Vec::with_capacity(told.len());
        for (turn, event) in told {
            let heard = Heard::Event(serde_json::to_value(event).unwrap_or_default());
            let input = Input { kind: EntryKind::Timer, epoch: Some(turn.epoch), heard };
            let change = life.advance(&turn.life, input)?;
            changes.push(Told {
                of: Of {
                    run: turn.run,
                    seq: turn.seq,
                    kind: life.kind(),
                    tenant: Some(turn.tenant),
                    trace: turn.trace.as_deref(),
                },
                source: Source::Timer(turn.timer),
                change,
                ahead: Some(Ahead { performer: with.performer, lease: with.lease }),
            });
        }
        runs::advance_together(tx, &changes, timing).await
    }

    fn idempotent(&self, name: &str) -> bool {
        self.accounts.named(name).is_some_and(|provider| provider.capabilities().idempotent)
    }

    fn batch_of(&self, name: &str) -> usize {
        self.accounts.named(name).map_or(1, |provider| provider.capabilities().batch)
    }
}
