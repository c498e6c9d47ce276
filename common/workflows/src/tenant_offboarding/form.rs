//! What an operator is asked about an offboarding.

use serde_json::{Value, json};
use tenantry_kernel::Form;

use super::{Data, Event, State, Task};

pub(super) fn form(task: &Task, data: &Data) -> Form {
    let why = data.fault.as_ref().map_or("nobody knows why", |fault| &fault.message);
    let (title, text, actions): (_, _, &[&str]) = match task {
        Task::ExportStuck => (
            "A tenant's export cannot be made",
            format!(
                "The tenant is leaving, and what it takes with it could not be written: {why}. Nothing was removed. Choose \
                 try_again when what stands in the way is gone; go_on to let the tenant leave without an export; call_off to \
                 bring it back as it was."
            ),
            &["try_again", "go_on", "call_off"],
        ),
        Task::RowsStuck => {
            let what = if data.stuck_in == Some(State::Restoring) {
                "The tenant is to come back, and could not be switched on again"
            } else {
                "The tenant has left, and its rows could not all be removed"
            };
            (
                "A tenant's offboarding does not go on",
                format!("{what}: {why}. Choose try_again when what stands in the way is gone."),
                &["try_again"],
            )
        }
    };
    Form {
        title: title.to_owned(),
        text,
        schema: json!({
            "type": "object",
            "properties": { "action": { "title": "What now?", "enum": actions, "type": "string" } },
            "required": ["action"],
            "additionalProperties": false
        }),
        context: json!({ "tenantId": data.tenant, "reason": data.reason, "exported": data.written, "removed": data.removed }),
        open_for: None,
        operators_only: true,
    }
}

pub(super) fn answered(task: &Task, answer: &Value, by: &str) -> Result<Event, String> {
    let by = by.to_owned();
    match (task, answer["action"].as_str()) {
        (_, Some("try_again")) => Ok(Event::RetryChosen { by }),
        (Task::ExportStuck, Some("go_on")) => Ok(Event::GoOnChosen { by }),
        (Task::ExportStuck, Some("call_off")) => Ok(Event::RestoreAsked { by }),
        (Task::ExportStuck, _) => Err("action must be try_again, go_on or call_off".to_owned()),
        (Task::RowsStuck, _) => Err("action must be try_again".to_owned()),
    }
}
