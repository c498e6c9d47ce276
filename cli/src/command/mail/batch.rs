//! `tenantry mail batch`

use serde_json::{Value, json};

use super::super::file;
use crate::{
    args::MailBatch,
    client::Client,
    failure::Failure,
    output::Output,
    view::mail::batch::{self, Accepted},
};

/// As many as the API takes at once.
const MOST: usize = 100;

pub(super) async fn run(given: MailBatch, client: &Client, output: &Output) -> Result<(), Failure> {
    let (messages, lines) = read(&given)?;
    let mode = if given.permissive { "permissive" } else { "strict" };
    let body = json!({ "mode": mode, "messages": messages }).to_string();
    let answer = client.post(&["v1", "messages", "batch"], &body, &given.repeat.key()).await;
    let answer = answer.map_err(|failure| named(failure, &given.file))?;
    let accepted: Accepted = answer.read()?;
    output.answer(&answer.body, |paint| batch::batch(&accepted, &lines, paint))?;
    let refused = accepted.refused();
    if refused == 0 {
        return Ok(());
    }
    Err(Failure::Ended {
        what: format!("{refused} of {} messages were refused; the others are on their way", lines.len()),
        detail: String::new(),
        next: "Correct the lines named above, and send those alone.".to_owned(),
        code: "batch_refused_in_part",
    })
}

/// The messages, and the line each one stands in.
fn read(given: &MailBatch) -> Result<(Vec<Value>, Vec<usize>), Failure> {
    let text = file::text(&given.file)?;
    let written = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let (mut messages, mut lines) = (Vec::new(), Vec::new());
    for (index, line) in written {
        let Ok(Value::Object(mut message)) = serde_json::from_str(line) else {
            return Err(Failure::Input {
                what: format!("{}: line {} is no JSON object", given.file, index + 1),
                next: r#"Write one message per line: {"to": "ada@example.com", "subject": "...", "text": "..."}."#
                    .to_owned(),
            });
        };
        if let Some(tenant) = &given.tenant {
            message.entry("tenantId").or_insert_with(|| tenant.as_str().into());
        }
        messages.push(Value::Object(message));
        lines.push(index + 1);
    }
    if messages.is_empty() {
        return Err(Failure::Input {
            what: format!("{} holds no message", given.file),
            next: "Write one message per line, as JSON.".to_owned(),
        });
    }
    if messages.len() > MOST {
        return Err(Failure::Input {
            what: format!("{} holds {} messages; a batch has {MOST} at most", given.file, messages.len()),
            next: format!("Split it first, for example with: split -l {MOST} {}", given.file),
        });
    }
    Ok((messages, lines))
}

/// A refusal that says what its pointers point at.
fn named(failure: Failure, file: &str) -> Failure {
    match failure {
        Failure::Refused(mut problem) if problem.status == 422 && !problem.errors.is_empty() => {
            problem.besides = Some(format!(
                "Nothing was sent. /messages/0 is the first message in {file}. With --permissive the others are sent."
            ));
            Failure::Refused(problem)
        }
        other => other,
    }
}
