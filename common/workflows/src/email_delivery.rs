//! One message: from accepted by us to what became of it.
//!
//! The life decides; it does not look. Which address it comes from and which provider carries it is decided when its turn
//! comes, and kept here before a byte is sent, so that nobody has to guess after a crash. One attempt is one provider:
//! falling back is another attempt.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Heard, Retry, Status, Step, View, Workflow, named,
    retry::Verdict,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::{ErrorClass, Fault, Retryable};
use uuid::Uuid;

/// How patiently a message that was not accepted is tried again: twelve times, over most of a day.
const PATIENCE: Retry = Retry::new(12, Duration::from_secs(60), Duration::from_secs(6 * 3600));
/// How long a message waits for an account that is refused, and for somebody to put it right.
const ACCOUNT: Duration = Duration::from_secs(300);
/// How patiently an outcome that nobody knows is asked for again, where asking twice sends once. Well below the 24 hours for
/// which such a provider remembers the key.
const CLARITY: Retry = Retry::new(8, Duration::from_secs(5), Duration::from_secs(900));
/// No message is left alone for longer.
const LONGEST_HOLD: Duration = Duration::from_secs(6 * 3600);

/// The function that gives turns and hands messages over.
pub const SENDER: &str = "send-email";

/// The workflow.
pub struct EmailDelivery;

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is to leave later.
    Scheduled,
    /// It waits for its turn.
    Queued,
    /// A provider is being told.
    Sending,
    /// It was not accepted, and is tried again later.
    Deferred,
    /// A provider has accepted it.
    Sent,
    /// The provider has accepted it, and the recipient's server has not yet.
    Delayed,
    /// The recipient's server has accepted it.
    Delivered,
    /// The recipient's server has refused it.
    Bounced,
    /// The recipient has called it spam.
    Complained,
    /// It could not be sent.
    Failed,
    /// It was not to be sent: nobody wants it, or mail is switched off.
    Suppressed,
    /// Somebody called it off before it left.
    Cancelled,
    /// It may have been sent. Nobody knows, so nobody tries again.
    Unknown,
}
named!(State: Scheduled, Queued, Sending, Deferred, Sent, Delayed, Delivered, Bounced, Complained, Failed, Suppressed, Cancelled, Unknown);

/// How a message begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// It is sent as soon as its turn comes, or after `wait`.
    #[default]
    Queue,
    /// Another run has sent it already: an onboarding its welcome.
    Sent,
    /// Another run has tried to send it.
    Failed,
    /// Another run has tried to send it, and asks a person what became of it.
    Unknown,
}

/// What a message knows. Neither words nor addresses: those are in its own rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// How it begins.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub start: Start,
    /// Seconds to wait before it may leave.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait: u64,
    /// Tries that came to nothing.
    #[serde(default, skip_serializing_if = "is_zero_u32")]
    pub tries: u32,
    /// The attempt that is made, or was made last; forgotten once it was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// Nobody knows what became of that attempt, so only the very same may be made again.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bound: bool,
    /// The provider that has just refused it: another is asked first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avoid: Option<String>,
    /// A batch with it in it was refused: it goes alone from now on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub alone: bool,
    /// Why it failed, or what is in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

/// What is decided when a message's turn comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The provider of this attempt.
    pub provider: String,
    /// The address it comes from.
    pub from: String,
    /// The name beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    /// Where answers go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// The batch it goes with, where it does not go alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Uuid>,
    /// Recipients that are left out, since they must not be written to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Another provider can carry it, should this one not.
    #[serde(default, skip_serializing_if = "is_false")]
    pub fallback: bool,
    /// A provider that is told twice sends once.
    #[serde(default, skip_serializing_if = "is_false")]
    pub idempotent: bool,
    /// Until when (Unix seconds) a provider that is told twice certainly sends once: it forgets a key after a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// Why so: codes of reasons, see the rules of mail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
}

/// What a message hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Event {
    /// Its turn has come, and this is the plan.
    Admitted(Plan),
    /// Its turn has come, and it is not to be sent.
    Suppressed {
        /// Why.
        reason: String,
    },
    /// Its turn has come, and it cannot be sent.
    Refused(Fault),
    /// Its turn has come, and nothing can carry it for the moment.
    Held {
        /// For how many seconds.
        seconds: u64,
        /// Why.
        reason: String,
    },
    /// The provider has accepted it.
    Accepted,
    /// The provider has not accepted it.
    NotAccepted(Fault),
    /// The provider has not accepted the batch it was in.
    BatchNotAccepted(Fault),
    /// A provider tells: it has it.
    Processed,
    /// A provider tells: the recipient's server has it.
    Delivered,
    /// A provider tells: the recipient's server wants it later.
    Delayed {
        /// What the server said.
        reason: String,
    },
    /// A provider tells: the recipient's server has refused it.
    Bounced {
        /// What the server said.
        reason: String,
    },
    /// A provider tells: the recipient has called it spam.
    Complained,
    /// A provider tells: it has dropped it.
    Dropped {
        /// What the provider said.
        reason: String,
    },
    /// A provider tells: it does not write to this recipient.
    Withheld {
        /// What the provider said.
        reason: String,
    },
    /// A provider tells: it was opened.
    Opened,
    /// A provider tells: a link in it was followed.
    Clicked,
    /// Somebody calls it off.
    CancelAsked {
        /// Who.
        by: String,
    },
    /// Somebody wants it to leave at another time.
    RescheduleAsked {
        /// In how many seconds.
        wait: u64,
        /// Who.
        by: String,
    },
    /// A person says what became of it.
    Settled {
        /// What.
        how: Settlement,
        /// Who.
        by: String,
    },
}

/// What a person may say of a message whose outcome nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// It has arrived.
    Sent,
    /// It has not arrived, and is to be sent once more.
    SendAgain,
    /// It has not arrived, and need not any more.
    GiveUp,
}

/// What a message asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Command {
    /// `send-email`: hand the message to the plan's provider.
    Deliver(Plan),
}

/// What a message waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Timer {
    /// The time has come at which it may leave.
    SendTimeCame,
    /// The wait after an attempt is over.
    WaitOver,
    /// Its turn in the tenant's lane; see [`Event::Admitted`].
    Turn,
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Task {
    /// What became of a message whose outcome nobody knows?
    SettleUnknown,
}

impl Workflow for EmailDelivery {
    const KIND: &'static str = "email_delivery";
    const VERSION: u32 = 1;
    const HEARS_AFTER_END: bool = true;

    type State = State;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Timer = Timer;
    type Notice = ();
    type Task = Task;

    fn begin(data: &Data) -> State {
        match data.start {
            Start::Sent => State::Sent,
            Start::Failed | Start::Unknown => State::Failed,
            Start::Queue if data.wait > 0 => State::Scheduled,
            Start::Queue => State::Queued,
        }
    }

    fn enter(state: State, data: &Data) -> Vec<AskOf<Self>> {
        match state {
            State::Scheduled => vec![Ask::Timer(Timer::SendTimeCame, Duration::from_secs(data.wait))],
            State::Queued => vec![Ask::Timer(Timer::Turn, Duration::ZERO)],
            State::Unknown => vec![Ask::Task(Task::SettleUnknown)],
            // What these ask for needs what was heard: the plan, the wait.
            State::Sending | State::Deferred => Vec::new(),
            _ => Vec::new(),
        }
    }

    fn step(state: State, data: &mut Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        match (state, heard) {
            (_, Heard::Event(event)) if news(event).is_some() => told(state, data, event),
            (_, Heard::Event(Event::CancelAsked { .. })) => cancel(state, data),
            (_, Heard::Event(Event::RescheduleAsked { wait, .. })) => reschedule(state, data, *wait),

            (State::Scheduled, Heard::Fired(Timer::SendTimeCame))
            | (State::Deferred, Heard::Fired(Timer::WaitOver)) => {
                data.wait = 0;
                Step::go(State::Queued)
            }
            (State::Queued, Heard::Event(event)) => turn(data, event),

            (State::Sending, Heard::Event(Event::Accepted)) => {
                accepted(data);
                Step::go(State::Sent)
            }
            (State::Sending, Heard::Event(Event::BatchNotAccepted(fault))) => {
                (data.fault, data.alone) = (Some(fault.clone()), true);
                Step::go(State::Queued)
            }
            (State::Sending, Heard::Event(Event::NotAccepted(fault))) => not_accepted(data, fault),
            // The database was away, or the code is at fault. A try that was interrupted may have been accepted, so the very
            // same attempt is made again; where that would send twice, we hear `Unknown` instead.
            (State::Sending, Heard::GaveUp(_, fault)) => {
                data.bound = data.plan.as_ref().is_some_and(|plan| plan.idempotent);
                again(data, fault)
            }
            (State::Sending, Heard::Unknown(_, fault)) => {
                data.fault = Some(fault.clone());
                Step::go(State::Unknown)
            }

            (State::Unknown, Heard::Event(Event::Settled { how, .. })) => match how {
                Settlement::Sent => {
                    accepted(data);
                    Step::go(State::Sent)
                }
                Settlement::SendAgain => {
                    (data.bound, data.tries, data.plan) = (false, 0, None);
                    Step::go(State::Queued)
                }
                Settlement::GiveUp => Step::go(State::Failed),
            },
            (_, Heard::Event(Event::Accepted | Event::NotAccepted(_) | Event::BatchNotAccepted(_))) => {
                Step::Ignore("what became of it is known already")
            }
            _ => Step::Unexpected,
        }
    }

    fn view(state: State, data: &Data) -> View {
        let status = match state {
            State::Scheduled | State::Queued | State::Sending | State::Deferred => Status::Running,
            State::Unknown => Status::Waiting,
            State::Sent | State::Delayed | State::Delivered | State::Complained | State::Suppressed => {
                Status::Completed
            }
            State::Bounced | State::Failed => Status::Failed,
            State::Cancelled => Status::Cancelled,
        };
        let progress = status.ended().then_some(100);
        View { status, step: word(state).to_owned(), progress, error: data.fault.clone(), result: json!({}) }
    }

    fn retry(_: &Command) -> Retry {
        // What a provider says is an answer, and the life's own patience follows it. This is for a database that is away.
        Retry::new(3, Duration::from_secs(1), Duration::from_secs(30))
    }

    fn performer(_: &Command) -> &'static str {
        SENDER
    }

    fn lane(timer: &Timer) -> Option<&'static str> {
        (*timer == Timer::Turn).then_some(SENDER)
    }

    fn form(_: &Task, data: &Data) -> Form {
        let saw = data.fault.as_ref().map_or("the connection broke off", |fault| fault.message.as_str());
        Form {
            title: "A message may or may not have been sent".to_owned(),
            text: format!(
                "The message was handed over, and no answer came. What we saw: {saw}. It is not sent again by itself, since the \
                 recipient would get it twice. Look for its Message-ID in the mail server's log or ask the recipient. Choose sent if it \
                 has arrived, send_again if it has not and should, give_up if it has not and need not."
            ),
            schema: json!({
                "type": "object",
                "properties": {
                    "action": { "title": "What became of it?", "enum": ["sent", "send_again", "give_up"], "type": "string" }
                },
                "required": ["action"],
                "additionalProperties": false
            }),
            context: json!({}),
            open_for: None,
            operators_only: false,
        }
    }

    fn answered(_: &Task, answer: Value, by: &str) -> Result<Event, String> {
        let how = serde_json::from_value(answer["action"].clone())
            .map_err(|_| "action must be sent, send_again or give_up".to_owned())?;
        Ok(Event::Settled { how, by: by.to_owned() })
    }

    fn signal(name: &str, body: Value) -> Result<Event, String> {
        let by = body["by"].as_str().unwrap_or("somebody").to_owned();
        match name {
            "cancel" => Ok(Event::CancelAsked { by }),
            "reschedule" => match body["wait"].as_u64() {
                Some(wait) => Ok(Event::RescheduleAsked { wait, by }),
                None => Err("reschedule needs wait, in whole seconds from now".to_owned()),
            },
            _ => Err(format!("a message knows no signal {name:?}; it knows: cancel, reschedule")),
        }
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[("cancel", "do not send it"), ("reschedule", "send it at another time: {\"wait\": seconds from now}")]
    }
}

/// The state in the words of the API.
#[must_use]
pub fn word(state: State) -> &'static str {
    match state {
        State::Scheduled => "scheduled",
        State::Queued => "queued",
        State::Sending => "sending",
        State::Deferred | State::Delayed => "deferred",
        State::Sent => "sent",
        State::Delivered => "delivered",
        State::Bounced => "bounced",
        State::Complained => "complained",
        State::Failed => "failed",
        State::Suppressed => "suppressed",
        State::Cancelled => "cancelled",
        State::Unknown => "unknown",
    }
}

/// Its turn has come.
fn turn(data: &mut Data, event: &Event) -> StepOf<EmailDelivery> {
    match event {
        Event::Admitted(plan) => {
            (data.plan, data.fault) = (Some(plan.clone()), None);
            Step::Go(State::Sending, vec![Ask::Command(Command::Deliver(plan.clone()))])
        }
        // It may have been sent already, and nobody can ask again.
        Event::Refused(fault) if data.bound => {
            data.fault = Some(Fault { class: ErrorClass::UnknownOutcome, ..fault.clone() });
            Step::go(State::Unknown)
        }
        Event::Suppressed { reason } if data.bound => {
            data.fault = Some(Fault::new(ErrorClass::UnknownOutcome, reason.clone()));
            Step::go(State::Unknown)
        }
        Event::Suppressed { reason } => {
            data.fault = Some(Fault::new(ErrorClass::EmailRefused, reason.clone()));
            Step::go(State::Suppressed)
        }
        Event::Refused(fault) => {
            data.fault = Some(fault.clone());
            Step::go(State::Failed)
        }
        Event::Held { seconds, reason } => {
            data.fault = Some(Fault::new(ErrorClass::EmailError, reason.clone()));
            defer(Duration::from_secs(*seconds))
        }
        Event::Accepted | Event::NotAccepted(_) | Event::BatchNotAccepted(_) => {
            Step::Ignore("what became of it is known already")
        }
        _ => Step::Unexpected,
    }
}

/// A provider has it: how it got there is history.
fn accepted(data: &mut Data) {
    *data = Data { start: data.start, ..Data::default() };
}

/// The provider of the plan has not accepted it, or nobody knows.
fn not_accepted(data: &mut Data, fault: &Fault) -> StepOf<EmailDelivery> {
    data.fault = Some(fault.clone());
    match fault.class {
        ErrorClass::UnknownOutcome => match CLARITY.after(data.tries + 1, &asked_again(fault)) {
            Verdict::Again(wait) => {
                (data.tries, data.bound) = (data.tries + 1, true);
                defer(wait)
            }
            _ => Step::go(State::Unknown),
        },
        // The provider asks for patience: that is not a try that failed.
        ErrorClass::RateLimited => defer(Duration::from_secs(fault.retry_after.unwrap_or(1).max(1))),
        _ => later(data, fault),
    }
}

/// An unknown outcome that may be asked for again.
fn asked_again(fault: &Fault) -> Fault {
    Fault { class: ErrorClass::EmailError, ..fault.clone() }
}

/// Nothing was accepted: by another provider now, by any later, or never.
fn later(data: &mut Data, fault: &Fault) -> StepOf<EmailDelivery> {
    let plan = data.plan.as_ref().filter(|plan| plan.fallback && data.avoid.is_none() && !data.bound);
    match plan.map(|plan| plan.provider.clone()) {
        Some(provider) if fault.class.retryable() == Retryable::Yes => {
            (data.fault, data.avoid) = (Some(fault.clone()), Some(provider));
            Step::go(State::Queued)
        }
        _ => again(data, fault),
    }
}

/// Once more after a while, or never.
fn again(data: &mut Data, fault: &Fault) -> StepOf<EmailDelivery> {
    (data.fault, data.avoid) = (Some(fault.clone()), None);
    // Not this message's fault, and nothing that trying less often would mend.
    if fault.class == ErrorClass::AccountRefused {
        return defer(ACCOUNT);
    }
    match PATIENCE.after(data.tries + 1, fault) {
        Verdict::Again(wait) => {
            data.tries += 1;
            defer(wait)
        }
        _ if data.bound => Step::go(State::Unknown),
        _ => Step::go(State::Failed),
    }
}

fn defer(wait: Duration) -> StepOf<EmailDelivery> {
    let wait = wait.clamp(Duration::from_secs(1), LONGEST_HOLD);
    Step::Go(State::Deferred, vec![Ask::Timer(Timer::WaitOver, wait)])
}

fn cancel(state: State, data: &mut Data) -> StepOf<EmailDelivery> {
    match state {
        State::Scheduled | State::Queued | State::Deferred if !data.bound => {
            data.plan = None;
            Step::go(State::Cancelled)
        }
        State::Queued | State::Deferred => {
            Step::Refuse("the message may have been sent; what became of it is being found out".to_owned())
        }
        State::Sending => Step::Refuse("the message is being sent at this very moment; look again shortly".to_owned()),
        State::Cancelled => Step::Ignore("it is cancelled already"),
        _ => Step::Refuse(format!("the message is {}; it cannot be called back", word(state))),
    }
}

fn reschedule(state: State, data: &mut Data, wait: u64) -> StepOf<EmailDelivery> {
    match state {
        State::Scheduled | State::Queued | State::Deferred if !data.bound => {
            (data.wait, data.plan) = (wait, None);
            Step::go(if wait > 0 { State::Scheduled } else { State::Queued })
        }
        State::Sending => Step::Refuse("the message is being sent at this very moment; look again shortly".to_owned()),
        _ => Step::Refuse(format!("the message is {}; it cannot be sent at another time", word(state))),
    }
}

/// What a provider's news say of the message, where it says more than that somebody reads it.
fn news(event: &Event) -> Option<State> {
    Some(match event {
        Event::Processed => State::Sent,
        Event::Delayed { .. } => State::Delayed,
        // Nobody reads what has not arrived.
        Event::Delivered | Event::Opened | Event::Clicked => State::Delivered,
        Event::Bounced { .. } => State::Bounced,
        Event::Dropped { .. } => State::Failed,
        Event::Withheld { .. } => State::Suppressed,
        Event::Complained => State::Complained,
        _ => return None,
    })
}

/// A provider's news, in whatever order they come: a message only ever moves to what is more certain. News that are quicker
/// than the provider's own answer say as much as the answer would.
fn told(state: State, data: &mut Data, event: &Event) -> StepOf<EmailDelivery> {
    let Some(to) = news(event) else { return Step::Unexpected };
    // Given up, or sent by another run, and nobody knew whether it had arrived: whoever knows more is believed.
    let guessed =
        state == State::Failed && data.fault.as_ref().is_some_and(|fault| fault.class == ErrorClass::UnknownOutcome);
    let known = if guessed { 0 } else { certainty(state) };
    let left = data.plan.is_some() || state == State::Unknown || guessed;
    if known == 0 && !left {
        return Step::Ignore("it has not been sent");
    }
    if certainty(to) <= known {
        return Step::Ignore("as much is known already");
    }
    let fault = match event {
        Event::Delayed { reason } => Some(Fault::new(ErrorClass::EmailError, reason.clone())),
        Event::Bounced { reason } | Event::Dropped { reason } | Event::Withheld { reason } => {
            Some(Fault::new(ErrorClass::EmailRefused, reason.clone()))
        }
        _ => None,
    };
    accepted(data);
    data.fault = fault;
    Step::go(to)
}

/// How much a state says about what became of a message.
fn certainty(state: State) -> u8 {
    match state {
        State::Scheduled | State::Queued | State::Sending | State::Deferred | State::Unknown | State::Cancelled => 0,
        State::Sent => 1,
        State::Delayed => 2,
        State::Suppressed => 3,
        State::Failed => 4,
        State::Delivered => 5,
        State::Bounced => 6,
        State::Complained => 7,
    }
}

fn is_usual(start: &Start) -> bool {
    *start == Start::Queue
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn is_zero_u32(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's shape")]
fn is_false(flag: &bool) -> bool {
    !*flag
}
