//! What operators are asked about a hostname, and what their answers mean.

use serde_json::{Value, json};
use tenantry_kernel::Form;

use super::{Data, Event, Task};

pub(super) fn form(task: &Task, data: &Data) -> Form {
    let (title, happened) = match task {
        Task::ClusterRefuses => (
            "The cluster refuses what we write",
            "An object of this hostname was refused; the notice and the run's history name it and say why. The other hostnames are \
             not touched by it. We try again every hour.",
        ),
        Task::SomethingBroke => ("Something unexpected went wrong", "A step failed again and again."),
    };
    let saw = data.fault.as_ref().map_or(String::new(), |fault| format!(" What we saw: {}", fault.message));
    Form {
        title: format!("{title}: {}", data.domain),
        text: format!(
            "{happened}{saw} Your choice: retry does the same step once more; remove takes the hostname down."
        ),
        schema: json!({
            "type": "object",
            "properties": {
                "action": {
                    "type": "string",
                    "title": "What shall be done?",
                    "oneOf": [
                        { "const": "retry", "title": "Try again" },
                        { "const": "remove", "title": "Remove the hostname" }
                    ]
                },
                "note": { "type": "string", "title": "A note for the record", "maxLength": 1000 }
            },
            "required": ["action"],
            "additionalProperties": false
        }),
        context: json!({ "tenantId": data.tenant, "domain": data.domain }),
        open_for: None,
        operators_only: true,
    }
}

pub(super) fn answered(answer: &Value, by: &str) -> Result<Event, String> {
    let by = by.to_owned();
    match answer["action"].as_str() {
        Some("retry") => Ok(Event::RetryAsked { by }),
        Some("remove") => Ok(Event::RemovalAsked { by }),
        _ => Err("choose an action: retry, remove".to_owned()),
    }
}
