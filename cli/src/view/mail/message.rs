//! Messages.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::{
    moment::Moment,
    plain::members,
    run::Fault,
    table::{Tone, Toned, details, or_dash, status, table, time_or_dash},
};
use crate::{failure::Failure, output::Paint};

/// Members that say nothing to a person.
const NOT_SHOWN: [&str; 1] = ["seq"];

/// A message.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// `msg_...`
    pub id: String,
    /// `scheduled`, `queued`, `sending`, `deferred`, `sent`, `delivered`, `bounced`, `complained`, `failed`,
    /// `suppressed`, `cancelled`, `unknown`
    pub status: String,
    /// On whose behalf.
    #[serde(default)]
    pub tenant_id: Option<String>,
    /// What happens next, and when.
    #[serde(default)]
    pub next: Option<Next>,
    /// What is in the way, or ended it.
    #[serde(default)]
    pub error: Option<Fault>,
    /// The subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// As it left, or is to leave.
    #[serde(default)]
    pub from: Option<String>,
    /// Everybody who gets it.
    #[serde(default)]
    pub recipients: Vec<String>,
    /// When it was accepted by us.
    #[serde(default)]
    pub created_at: Option<Moment>,
    /// When a provider accepted it.
    #[serde(default)]
    pub sent_at: Option<Moment>,
    /// Whether its words can still be read.
    #[serde(default)]
    pub content_available: Option<bool>,
    /// Everything else.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// What happens next.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Next {
    /// When.
    #[serde(default)]
    pub at: Option<Moment>,
    /// What it waits for, in a sentence.
    #[serde(default)]
    pub text: String,
    /// The question to a person that it waits for.
    #[serde(default)]
    pub task_id: Option<String>,
}

impl Message {
    /// Whether nothing more is waited for.
    #[must_use]
    pub fn rests(&self, past_sent: bool) -> bool {
        match self.status.as_str() {
            "scheduled" | "queued" | "sending" => false,
            // Put off before a provider had it, or after.
            "deferred" => self.sent_at.is_some() && !past_sent,
            "sent" => !past_sent,
            _ => true,
        }
    }

    /// How it stands, in one line.
    #[must_use]
    pub fn standing(&self) -> String {
        let next = self.next.as_ref().map(|next| next.words()).filter(|words| !words.is_empty());
        next.map_or_else(|| self.status.clone(), |next| format!("{}: {next}", self.status))
    }

    /// Success for a message that has left and, as far as is known, arrived.
    ///
    /// # Errors
    /// [`Failure::NotReady`] when it has not left yet, [`Failure::Ended`] when it never will or has come back.
    pub fn has_left(&self) -> Result<(), Failure> {
        let (code, how) = match self.status.as_str() {
            "sent" | "delivered" => return Ok(()),
            "deferred" if self.sent_at.is_some() => return Ok(()),
            "scheduled" | "queued" | "sending" | "deferred" => {
                return Err(Failure::NotReady {
                    what: format!("The message has not left yet ({})", self.standing()),
                    next: format!("It goes its way; follow it with: tenantry mail watch {}", self.id),
                });
            }
            "unknown" => return Err(self.asks()),
            "bounced" => ("message_bounced", "came back: the recipient's server has refused it"),
            "complained" => ("message_complained", "was called spam by its recipient"),
            "suppressed" => ("message_suppressed", "was not to be sent"),
            "cancelled" => ("message_cancelled", "was called off"),
            _ => ("message_failed", "could not be sent"),
        };
        let detail = self.error.as_ref().map(|fault| format!("{}: {}", fault.class, fault.message));
        Err(Failure::Ended {
            what: format!("The message {how}"),
            detail: detail.unwrap_or_default(),
            next: format!("Look at what happened with: tenantry mail show {} --timeline", self.id),
            code,
        })
    }

    fn asks(&self) -> Failure {
        let task = self.next.as_ref().and_then(|next| next.task_id.as_deref());
        Failure::NotReady {
            what: "Nobody knows whether the message has left, so it is not sent again; a person decides".to_owned(),
            next: match task {
                Some(task) => format!("Find out, then answer with: tenantry task answer {task}"),
                None => "Find out, and tell the platform's operators.".to_owned(),
            },
        }
    }
}

impl Next {
    fn words(&self) -> String {
        let at = self.at.map(|at| format!("{} UTC", at.day_and_time()));
        let text = Some(self.text.clone()).filter(|text| !text.is_empty());
        text.into_iter().chain(at.map(|at| format!("({at})"))).collect::<Vec<_>>().join(" ")
    }
}

/// Messages, one per line.
#[must_use]
pub fn messages(messages: &[Message], paint: Paint) -> String {
    let row = |message: &Message| {
        vec![
            message.id.as_str().into(),
            status(&message.status),
            time_or_dash(message.created_at),
            or_dash(Some(&recipients(message))),
            or_dash(message.subject.as_deref()),
            or_dash(message.error.as_ref().map(|fault| fault.class.as_str())),
            or_dash(message.tenant_id.as_deref()),
        ]
    };
    let head = ["MESSAGE", "STATUS", "ACCEPTED (UTC)", "TO", "SUBJECT", "ERROR", "TENANT"];
    table(&head, messages.iter().map(row).collect(), "No messages.", paint)
}

/// The first one, and how many more.
fn recipients(message: &Message) -> String {
    match &message.recipients[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first, others @ ..] => format!("{first} and {} more", others.len()),
    }
}

/// One message.
#[must_use]
pub fn message(message: &Message, paint: Paint) -> String {
    let mut pairs = vec![("message".to_owned(), message.id.as_str().into())];
    let mut say = |name: &str, value: Option<Toned>| pairs.extend(value.map(|value| (name.to_owned(), value)));
    say("status", Some(status(&message.status)));
    if let Some(next) = &message.next {
        say("next", Some(next.words()).filter(|words| !words.is_empty()).map(Toned::from));
        say("asks", next.task_id.as_deref().map(|task| format!("tenantry task answer {task}").into()));
    }
    say("error", message.error.as_ref().map(|fault| Toned(format!("{}: {}", fault.class, fault.message), Tone::Bad)));
    say("subject", message.subject.as_deref().map(Toned::from));
    say("from", message.from.as_deref().map(Toned::from));
    say("to", Some(message.recipients.join(", ")).filter(|to| !to.is_empty()).map(Toned::from));
    say("tenant", message.tenant_id.as_deref().map(Toned::from));
    say("accepted (UTC)", message.created_at.map(|at| at.day_and_time().into()));
    say("sent (UTC)", message.sent_at.map(|at| at.day_and_time().into()));
    pairs.extend(members(&message.more, &NOT_SHOWN));
    let words = match message.content_available {
        Some(true) => Some("can be read with --content"),
        Some(false) => Some("cannot be read (any more)"),
        None => None,
    };
    pairs.extend(words.map(|words| ("words".to_owned(), words.into())));
    details(pairs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect(), paint)
}
