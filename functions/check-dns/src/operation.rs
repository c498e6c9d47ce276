//! A look.

use std::time::Duration;

use serde_json::{Value, json};
use tenantry_dns::{Report, Resolver, Wanted, check};
use tenantry_model::{ErrorClass, Fault};
use tenantry_runtime::{Effect, Job, Operation};
use tenantry_store::{
    Db, Tx,
    domains::{Looked, facts, looked},
};
use tenantry_workflows::email_domain::{Command, Event, Records};

use crate::verdict;

/// The operation.
pub struct Looking {
    /// Where the domain's row is.
    pub db: Db,
    /// Who is asked.
    pub resolver: Resolver,
}

/// What was seen, and of which records.
pub struct Seen {
    wanted: Value,
    report: Report,
}

impl Operation for Looking {
    type Command = Command;
    type Event = Event;
    type Seen = Seen;

    fn effect(&self, _: &Command) -> Effect {
        Effect::Repeatable
    }

    fn time_out(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn perform(&self, job: &Job, command: &Command) -> Result<Seen, Fault> {
        let Command::CheckDns = command else {
            return Err(Fault::new(ErrorClass::InternalError, "this function looks at the DNS, and does nothing else"));
        };
        let facts = facts(&mut *self.db.connection().await?, job.run).await?;
        let wanted: Vec<Wanted> = serde_json::from_value(facts.wanted.clone()).map_err(|_| {
            Fault::new(ErrorClass::InternalError, "the domain's records cannot be read by this version")
        })?;
        let seen = self.resolver.gather(&facts.name, &wanted).await;
        Ok(Seen { report: check(&facts.name, &wanted, &seen), wanted: facts.wanted })
    }

    async fn record(&self, tx: &mut Tx, job: &Job, _: &Command, seen: &Seen) -> Result<Event, Fault> {
        let all = verdict::all(&seen.report);
        // When nobody's DNS can be seen, it is our way out that is shut; an alarm looks at the share of these.
        tracing::info!(unclear = i32::from(all == Records::Unclear), verdict = ?all, "looked");
        let (report, proven) = (json!(seen.report), verdict::proven(&seen.report));
        let found = Looked { report: &report, wanted: &seen.wanted, proven };
        let Some(held) = looked(tx, job.run, &found, job.now).await? else {
            // Other records are to be looked for by now.
            let unclear = Records::Unclear;
            return Ok(Event::DnsSeen {
                all: unclear,
                sending: unclear,
                proven: false,
                held: false,
                missing: Vec::new(),
            });
        };
        Ok(Event::DnsSeen {
            all,
            sending: verdict::sending(&seen.report),
            proven: proven == Some(true),
            held,
            missing: verdict::missing(&seen.report),
        })
    }
}
