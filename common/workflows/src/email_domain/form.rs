//! What people are asked about a domain, what their answers mean, and what they read before they remove it.

use std::time::Duration;

use serde_json::{Value, json};
use tenantry_kernel::Form;
use tenantry_model::{Domain, ErrorClass, Fault};

use super::{Data, Event, REFUSAL_OPEN, State, Task};

/// So long the question whether to go on waiting is open.
const WAIT_OPEN: Duration = Duration::from_secs(24 * 3600);

/// A possible answer, what it is called, what it does.
type Choice = (&'static str, &'static str, &'static str);

const CANCEL: Choice = ("cancel_setup", "Cancel the set-up", "removes the domain again");
const HELP: Choice = ("contact_support", "Contact support", "tells the platform's operators, who answer you");
const ESCALATE: Choice = ("escalate", "Escalate", "tells the platform's operators, and asks again");
const RETRY: Choice = ("retry", "Try again", "does the same step once more");

impl Task {
    fn choices(&self) -> &'static [Choice] {
        match self {
            Self::StillWaiting => &[
                ("continue_waiting", "Continue waiting", "goes on looking for the records, for seven days in all"),
                CANCEL,
                HELP,
            ],
            Self::VerificationFailed => &[
                (
                    "retry_verification",
                    "I fixed the DNS, try again",
                    "looks for the records at once and has them verified again",
                ),
                CANCEL,
                HELP,
            ],
            Self::VerificationUndecided => &[
                ("override", "Override", "switches sending on although the provider has not confirmed the domain"),
                CANCEL,
                RETRY,
                ESCALATE,
            ],
            Self::SomethingBroke => &[RETRY, CANCEL, ESCALATE],
            Self::SetupFailed => {
                &[("try_again", "Start again", "looks for the records for another seven days"), CANCEL, HELP]
            }
            Self::SettleDispute => &[
                (
                    "allow",
                    "Allow",
                    "lets this tenant claim the name now; remove the other tenant's domain first, if it has one",
                ),
                ("refuse", "Refuse", "ends this tenant's claim"),
            ],
            Self::RemovalStuck => &[RETRY, ESCALATE],
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::StillWaiting => "The DNS records are not published yet",
            Self::VerificationFailed => "The records could not be verified",
            Self::VerificationUndecided => "The provider does not confirm the domain",
            Self::SomethingBroke => "Something unexpected went wrong",
            Self::SetupFailed => "The domain could not be set up",
            Self::SettleDispute => "Two tenants want the same domain",
            Self::RemovalStuck => "The domain cannot be removed",
        }
    }

    fn happened(&self) -> &'static str {
        match self {
            Self::StillWaiting => {
                "We are looking for the records and have not found all of them. The page of the domain says which are missing."
            }
            Self::VerificationFailed => {
                "All records were there when we looked, and the mail service does not accept them."
            }
            Self::VerificationUndecided => {
                "All records are there, and the provider has not decided for hours. Look at the provider's own page."
            }
            Self::SomethingBroke => "A step failed again and again.",
            Self::SetupFailed => "We have stopped looking for the records.",
            Self::SettleDispute => {
                "A tenant wants to send from a domain that is, or was until a moment ago, another tenant's."
            }
            Self::RemovalStuck => {
                "New mail does not leave from it any more, but it is still there at the provider. We try again every day."
            }
        }
    }

    fn open_for(&self) -> Option<Duration> {
        match self {
            Self::StillWaiting => Some(WAIT_OPEN),
            Self::VerificationFailed => Some(REFUSAL_OPEN),
            _ => None,
        }
    }

    fn operators_only(&self) -> bool {
        matches!(self, Self::SettleDispute | Self::VerificationUndecided | Self::RemovalStuck)
    }
}

pub(super) fn form(task: &Task, data: &Data) -> Form {
    let choices = task.choices();
    // What broke on our side means nothing to a tenant; the operators have been told in full.
    let ours = |fault: &&Fault| !matches!(fault.class, ErrorClass::ValidationError | ErrorClass::DuplicateError);
    let saw = match &data.fault {
        Some(fault) if *task == Task::SomethingBroke && ours(&fault) => {
            " It is on our side, and the operators know.".to_owned()
        }
        Some(fault) => format!(" What we saw: {}", sentence(&fault.message)),
        None => String::new(),
    };
    let does: Vec<String> = choices.iter().map(|(word, _, does)| format!("{word} {does}")).collect();
    let answers: Value = choices.iter().map(|(word, title, _)| json!({ "const": word, "title": title })).collect();
    Form {
        title: format!("{}: {}", task.title(), data.domain),
        text: format!("{}{saw} Your choice: {}.", task.happened(), does.join("; ")),
        schema: json!({
            "type": "object",
            "properties": {
                "action": { "type": "string", "title": "What shall be done?", "oneOf": answers },
                "note": { "type": "string", "title": "A note for the record", "maxLength": 1000 }
            },
            "required": ["action"],
            "additionalProperties": false
        }),
        context: json!({
            "tenantId": data.tenant, "domain": data.domain, "errorClass": data.fault.as_ref().map(|fault| fault.class)
        }),
        open_for: task.open_for(),
        operators_only: task.operators_only(),
    }
}

fn sentence(text: &str) -> String {
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{text}{end}")
}

pub(super) fn answered(task: &Task, answer: &Value, by: &str) -> Result<Event, String> {
    let by = by.to_owned();
    let word = answer["action"].as_str().unwrap_or_default();
    let known = task.choices().iter().any(|(choice, ..)| *choice == word);
    match word {
        _ if !known => {}
        "continue_waiting" => return Ok(Event::WaitChosen { by }),
        "cancel_setup" | "refuse" => return Ok(Event::RemovalAsked { by }),
        "contact_support" | "escalate" => return Ok(Event::HelpAsked { by }),
        "retry_verification" | "retry" | "try_again" => return Ok(Event::RetryChosen { by }),
        "override" => return Ok(Event::OverrideChosen { by }),
        "allow" => return Ok(Event::ClaimAllowed { by }),
        _ => {}
    }
    let choices: Vec<&str> = task.choices().iter().map(|(word, ..)| *word).collect();
    Err(format!("choose an action: {}", choices.join(", ")))
}

/// What a removal undoes from this state on.
pub(super) fn undone(state: State, domain: &Domain) -> Vec<String> {
    let stops =
        format!("mail from {domain}: new mail leaves from the platform's domain, what was accepted still leaves");
    let gone = format!("{domain} itself, with its keys: its records can be taken out of the DNS");
    match state {
        State::Stopping => vec![stops, gone],
        // A wish that waits: the domain is being made, and removed as soon as it is.
        State::Creating | State::Draining | State::Deleting | State::DeletionStuck => vec![gone],
        _ => Vec::new(),
    }
}
