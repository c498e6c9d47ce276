//! One event on its way to one endpoint of a tenant: tried until it is taken, for about three days.
//!
//! A try that was not answered is told again: the event has the same id each time, and receivers know it by that. Whether the
//! endpoint itself is well is written in its row, in the transaction of each answer; a life only hears what follows from it.
//!
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Heard, Retry, Status, Step, View, Workflow, named,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::{Fault, TenantId, WebhookDeliveryId, WebhookEndpointId, WebhookEventId};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// Seconds between a try that failed and the next one, from the first on. Ten tries in three days and a half.
pub const WAITS: [u64; 9] =
    [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
/// How often the wait is doubled for an endpoint that is not told because it rests.
const DOUBLINGS: u32 = 5;
/// A receiver that asks for patience gets no more than this.
const LONGEST: u64 = 24 * HOUR;
/// Waits are longer by up to so many thousandths, so that what failed together is not tried together.
const SPREAD: u64 = 100;

/// The workflow.
pub struct WebhookDelivery;

/// Where a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The endpoint is told.
    Sending,
    /// It has not taken it; until the next try.
    Waiting,
    /// It has taken it.
    Delivered,
    /// It has not taken it in ten tries.
    Failed,
    /// It is not wanted any more.
    Dropped,
}
named!(State: Sending, Waiting, Delivered, Failed, Dropped);

/// What a delivery knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// Where to.
    pub endpoint: WebhookEndpointId,
    /// Which event.
    pub event: WebhookEventId,
    /// Its type.
    pub what: String,
    /// A person wanted it: it says nothing about the endpoint's health.
    #[serde(default)]
    pub by_hand: bool,
    /// A person wants the next try now, although the endpoint may rest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub insist: bool,
    /// Tells its waits from those of others.
    pub seed: u8,
    /// Tries that the endpoint, or its silence, has answered.
    #[serde(default)]
    pub tries: u32,
    /// Milliseconds until the next try.
    #[serde(default)]
    pub wait: u64,
    /// Why the last try has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// How often it was put off since the last try, as far as it matters.
    #[serde(default)]
    pub put_off: u32,
    /// Why it is not wanted any more, or not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Data {
    /// A delivery that begins.
    #[must_use]
    pub fn new(id: WebhookDeliveryId, endpoint: WebhookEndpointId, event: WebhookEventId, what: &str) -> Self {
        let seed = id.0.as_bytes()[15];
        let what = what.to_owned();
        Self {
            endpoint,
            event,
            what,
            by_hand: false,
            insist: false,
            seed,
            tries: 0,
            wait: 0,
            fault: None,
            put_off: 0,
            why: None,
        }
    }

    /// One that a person wanted.
    #[must_use]
    pub fn by_hand(self) -> Self {
        Self { by_hand: true, ..self }
    }

    /// One whose first try a person wants now.
    #[must_use]
    pub fn insisted(self) -> Self {
        Self { insist: true, ..self }
    }

    /// How long until the next try, where there is one: by the schedule, or as long as the receiver asks, and a little longer.
    fn next_wait(&self, asked: Option<u64>) -> Option<Duration> {
        let by_schedule = *WAITS.get(self.tries.checked_sub(1)? as usize)?;
        Some(self.a_little_later(by_schedule.max(asked.unwrap_or(0)).min(LONGEST)))
    }

    /// These seconds, and a little more.
    fn a_little_later(&self, seconds: u64) -> Duration {
        let thousandths = (u64::from(self.seed) * 37 + u64::from(self.tries) * 11) % (SPREAD + 1);
        Duration::from_millis(seconds * (1000 + thousandths))
    }

    fn wait_for(&mut self, wait: Duration) {
        self.wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    }
}

/// Whom somebody is told about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Whose endpoint.
    pub tenant: TenantId,
    /// Which.
    pub endpoint: WebhookEndpointId,
    /// The name of its host, and nothing else of its URL, which may hold a secret.
    pub host: String,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// What an answer has come to mean for the endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum News {
    /// It has taken nothing for three days.
    Failing(About),
    /// It was switched off.
    Disabled(About),
}

/// What a delivery hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Event {
    /// The endpoint has answered 2xx.
    Taken,
    /// It has answered otherwise, or not at all.
    NotTaken {
        /// What it did, and how long it asks to be left alone.
        fault: Fault,
        /// What that means for the endpoint.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        news: Option<News>,
    },
    /// It was not told: it has let others wait a moment ago, and is left alone for a while. That is no try.
    PutOff {
        /// Seconds.
        seconds: u64,
    },
    /// Nobody is to be told any more: the endpoint is gone or switched off, or the event's time is over.
    Unwanted {
        /// Why.
        why: String,
        /// What that means for the endpoint.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        news: Option<News>,
    },
    /// A person wants a try now.
    RetryAsked,
    /// A person wants no more tries.
    CancelAsked {
        /// Who.
        by: String,
    },
}

/// What a delivery asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Command {
    /// `deliver-webhook`: tell the endpoint.
    Deliver {
        /// Also while it rests.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        insist: bool,
    },
}

/// What a delivery waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Timer {
    /// It is time for the next try.
    TryAgain,
}

/// What somebody is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Notice {
    /// The tenant is warned: its endpoint has taken nothing for three days.
    WebhookEndpointFailing(About),
    /// The tenant is told that its endpoint was switched off.
    WebhookEndpointDisabled(About),
}

impl From<News> for Notice {
    fn from(news: News) -> Self {
        match news {
            News::Failing(about) => Self::WebhookEndpointFailing(about),
            News::Disabled(about) => Self::WebhookEndpointDisabled(about),
        }
    }
}

fn told(news: Option<&News>) -> Vec<AskOf<WebhookDelivery>> {
    news.map(|news| Ask::Notice(news.clone().into())).into_iter().collect()
}

impl Workflow for WebhookDelivery {
    const KIND: &'static str = "webhook_delivery";
    const VERSION: u32 = 1;

    type State = State;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Timer = Timer;
    type Notice = Notice;
    type Task = ();

    fn begin(_: &Data) -> State {
        State::Sending
    }

    fn enter(state: State, data: &Data) -> Vec<AskOf<Self>> {
        match state {
            State::Sending => vec![Ask::Command(Command::Deliver { insist: data.insist })],
            State::Waiting => vec![Ask::Timer(Timer::TryAgain, Duration::from_millis(data.wait))],
            State::Delivered | State::Failed | State::Dropped => Vec::new(),
        }
    }

    fn step(state: State, data: &mut Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        match (state, heard) {
            (State::Sending, Heard::Event(Event::Taken)) => {
                (data.tries, data.fault, data.why, data.insist) = (data.tries + 1, None, None, false);
                Step::go(State::Delivered)
            }
            (State::Sending, Heard::Event(Event::PutOff { seconds })) => put_off(data, *seconds),
            (State::Sending, Heard::Event(Event::NotTaken { fault, news })) => {
                not_taken(data, fault, told(news.as_ref()))
            }
            // Whatever is in our own way is no reason to tell nobody.
            (State::Sending, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => not_taken(data, fault, Vec::new()),
            (State::Sending, Heard::Event(Event::Unwanted { why, news })) => {
                data.why = Some(why.clone());
                Step::Go(State::Dropped, told(news.as_ref()))
            }
            (State::Waiting, Heard::Fired(Timer::TryAgain)) => Step::go(State::Sending),
            (State::Waiting, Heard::Event(Event::RetryAsked)) => {
                data.insist = true;
                Step::go(State::Sending)
            }
            (State::Sending, Heard::Event(Event::RetryAsked)) => Step::Ignore("the endpoint is being told"),
            (State::Sending | State::Waiting, Heard::Event(Event::CancelAsked { by })) => {
                data.why = Some(format!("{by} has called it off."));
                Step::go(State::Dropped)
            }
            _ => Step::Unexpected,
        }
    }

    fn view(state: State, data: &Data) -> View {
        let (status, step) = match state {
            State::Sending => (Status::Running, "sending"),
            State::Waiting => (Status::Running, "waiting"),
            State::Delivered => (Status::Completed, "delivered"),
            State::Failed => (Status::Failed, "failed"),
            State::Dropped => (Status::Cancelled, "dropped"),
        };
        let result = json!({
            "endpointId": data.endpoint, "eventId": data.event, "type": data.what, "attempts": data.tries, "why": data.why,
        });
        let progress = (state == State::Delivered).then_some(100);
        View { status, step: step.to_owned(), progress, error: data.fault.clone(), result }
    }

    fn retry(_: &Command) -> Retry {
        Retry::new(8, Duration::from_secs(1), Duration::from_secs(60))
    }

    fn performer(_: &Command) -> &'static str {
        "deliver-webhook"
    }

    fn form((): &(), _: &Data) -> Form {
        unreachable!("a delivery asks nobody anything")
    }

    fn answered((): &(), _: Value, _: &str) -> Result<Event, String> {
        Err("a delivery asks nobody anything".to_owned())
    }

    fn signal(name: &str, body: Value) -> Result<Event, String> {
        match name {
            "retry" => Ok(Event::RetryAsked),
            "cancel" => Ok(Event::CancelAsked { by: body["cancelledBy"].as_str().unwrap_or("somebody").to_owned() }),
            _ => Err(format!("a delivery knows no signal {name:?}; it knows: retry, cancel")),
        }
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[("retry", "tell the endpoint now"), ("cancel", "tell it no more")]
    }
}

fn not_taken(data: &mut Data, fault: &Fault, told: Vec<AskOf<WebhookDelivery>>) -> StepOf<WebhookDelivery> {
    (data.tries, data.fault, data.put_off, data.why) = (data.tries + 1, Some(fault.clone()), 0, None);
    data.insist = false;
    match data.next_wait(fault.retry_after) {
        Some(wait) => {
            data.wait_for(wait);
            Step::Go(State::Waiting, told)
        }
        None => Step::Go(State::Failed, told),
    }
}

/// Each time it waits twice as long, so that many deliveries to one endpoint do not ask for it all the time.
fn put_off(data: &mut Data, seconds: u64) -> StepOf<WebhookDelivery> {
    data.wait_for(data.a_little_later(seconds.max(MINUTE << data.put_off)));
    data.put_off = (data.put_off + 1).min(DOUBLINGS);
    data.why = Some("The endpoint has let others wait, and is left alone for a while. This is no try.".to_owned());
    Step::go(State::Waiting)
}
