//! One try of one delivery.

use std::time::{Duration, Instant};

use tenantry_events::signature::Secrets;
use tenantry_fetch::{FetchError, Guarded, Posted};
use tenantry_model::{ErrorClass, Fault, WebhookEndpointId};
use tenantry_runtime::{Effect, Job, Operation};
use tenantry_secrets::Sealer;
use tenantry_store::{
    Db, Tx,
    webhooks::{Attempt, DeliveryFacts, Health, facts, gone, mark, probe},
};
use tenantry_workflows::webhook_delivery::{About, Command, Event, News};
use time::OffsetDateTime;
use url::Url;

use crate::answer::{Made, made};

/// An endpoint has so long to answer, resolving its name included.
pub const TIME_OUT: Duration = Duration::from_secs(15);
/// What the rest may take.
const REST: Duration = Duration::from_secs(10);

/// The operation.
pub struct Webhooks {
    /// Where deliveries are.
    pub db: Db,
    /// What reaches endpoints.
    pub client: Guarded,
    /// What opens their secrets.
    pub sealer: Sealer,
    /// How long an endpoint has to answer: [`TIME_OUT`], other than in tests of that.
    pub patience: Duration,
}

/// What came of a try.
pub enum Seen {
    /// Nothing was sent, since nobody wants it any more, for this reason.
    Unwanted(&'static str),
    /// Nothing was sent: the endpoint has let others wait, and is left alone for so many seconds.
    Resting(u64),
    /// The endpoint was told.
    Told(Box<Told>),
}

/// An endpoint that was told.
pub struct Told {
    facts: DeliveryFacts,
    began: OffsetDateTime,
    took: Duration,
    answer: Result<Posted, FetchError>,
}

impl Operation for Webhooks {
    type Command = Command;
    type Event = Event;
    type Seen = Seen;

    fn effect(&self, Command::Deliver { .. }: &Command) -> Effect {
        // Receivers know an event that comes twice by its id.
        Effect::Repeatable
    }

    fn time_out(&self) -> Duration {
        TIME_OUT + REST
    }

    async fn perform(&self, job: &Job, Command::Deliver { insist }: &Command) -> Result<Seen, Fault> {
        let mut connection = self.db.connection().await?;
        let facts = facts(&mut connection, job.run).await?;
        let (Some(_), Some(body)) = (&facts.secret, &facts.body) else {
            return Ok(Seen::Unwanted(if facts.secret.is_none() {
                "The endpoint was deleted."
            } else {
                "The event is older than 30 days, and its words are not kept any more."
            }));
        };
        if !facts.enabled {
            return Ok(Seen::Unwanted("The endpoint is switched off."));
        }
        let secrets = self.secrets(&facts, job.now)?;
        let signed = secrets.sign(&facts.event.to_string(), job.now, body.as_bytes()).ok_or_else(unusable)?;
        if let Some(until) = facts.resting_until
            && !insist
            && !probe(&mut connection, facts.endpoint, job.now).await?
        {
            return Ok(Seen::Resting(u64::try_from((until - job.now).whole_seconds()).unwrap_or(0)));
        }
        // It goes back before the endpoint is waited for.
        drop(connection);
        let (began, clock) = (job.now, Instant::now());
        let answer = self.client.post(&facts.url, &signed.headers(), body.clone(), self.patience).await;
        Ok(Seen::Told(Box::new(Told { began, took: clock.elapsed(), answer, facts })))
    }

    async fn record(
        &self,
        tx: &mut Tx,
        job: &Job,
        Command::Deliver { .. }: &Command,
        seen: &Seen,
    ) -> Result<Event, Fault> {
        let told = match seen {
            Seen::Unwanted(why) => return Ok(Event::Unwanted { why: (*why).to_owned(), news: None }),
            Seen::Resting(seconds) => return Ok(Event::PutOff { seconds: *seconds }),
            Seen::Told(told) => told,
        };
        let made = made(&told.answer);
        let error = match &made {
            Made::Taken => None,
            Made::NotTaken(fault) => Some(fault.message.clone()),
            Made::Gone => Some(GONE.to_owned()),
        };
        let attempt = Attempt {
            command: job.command,
            delivery: job.run,
            at: told.began,
            duration_ms: i32::try_from(told.took.as_millis()).unwrap_or(i32::MAX),
            status_code: told.answer.as_ref().ok().map(|posted| posted.status),
            error: error.as_deref(),
        };
        let marked = mark(tx, &attempt, job.now).await?;
        let about = |details: Vec<String>| About {
            tenant: told.facts.tenant,
            endpoint: told.facts.endpoint,
            host: host(&told.facts.url),
            details,
        };
        Ok(match made {
            Made::Taken => Event::Taken,
            Made::Gone => {
                let news = gone(tx, job.run, GONE, job.now).await? || marked.health == Health::Disable;
                Event::Unwanted {
                    why: GONE.to_owned(),
                    news: news.then(|| News::Disabled(about(vec![GONE.to_owned()]))),
                }
            }
            Made::NotTaken(fault) => {
                let details = vec![fault.message.clone()];
                match marked.health {
                    Health::Bears => Event::NotTaken { fault, news: None },
                    Health::Warn => Event::NotTaken { fault, news: Some(News::Failing(about(details))) },
                    Health::Disable => Event::Unwanted {
                        why: "The endpoint was switched off: it has taken no event for days.".to_owned(),
                        news: Some(News::Disabled(about(details))),
                    },
                }
            }
        })
    }
}

/// What a 410 has come to.
const GONE: &str = "The endpoint answered 410 (gone): it wants no more events.";

impl Webhooks {
    /// What the endpoint's deliveries are signed with: its secret, and the one before while that is being replaced.
    fn secrets(&self, facts: &DeliveryFacts, now: OffsetDateTime) -> Result<Secrets, Fault> {
        let context = context(facts.endpoint);
        let previous = facts.previous.as_ref().filter(|(_, until)| *until > now).map(|(sealed, _)| sealed);
        let sealed = facts.secret.iter().chain(previous);
        let opened: Result<Vec<_>, _> = sealed.map(|sealed| self.sealer.open(sealed, &context)).collect();
        Secrets::of(&opened.map_err(|_| unusable())?).map_err(|_| unusable())
    }
}

/// What an endpoint's secret is sealed with.
fn context(endpoint: WebhookEndpointId) -> Vec<u8> {
    endpoint.0.as_bytes().to_vec()
}

/// The name of the host, and nothing that may be secret.
fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

fn unusable() -> Fault {
    Fault::new(
        ErrorClass::InternalError,
        "the endpoint's secret cannot be opened here; are all keys that it may be sealed with in SEALING_KEYS?",
    )
}
