//! `tenantry task`

use std::io::{self, IsTerminal as _};

use serde_json::{Map, Value, json};

use super::show_list;
use crate::{
    args::{Repeat, TaskAnswer, TaskCommand},
    client::Client,
    failure::Failure,
    form::{AtTerminal, Form},
    output::Output,
    view::task::{self, Task},
};

pub(super) async fn run(command: TaskCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        TaskCommand::List(list) => {
            let filters = [
                ("status", list.status),
                ("tenant", list.tenant),
                ("run", list.run),
                ("claimedBy", list.claimed_by),
                ("overdue", list.overdue.then(|| "true".to_owned())),
            ];
            show_list(&client.list(&["v1", "tasks"], &filters, &list.paging).await?, output, task::tasks)
        }
        TaskCommand::Show { id } => {
            let answer = client.get(&["v1", "tasks", &id], &[]).await?;
            let shown = answer.read()?;
            output.answer(&answer.body, |paint| task::task(&shown, paint))
        }
        TaskCommand::Claim { id, force, repeat } => {
            turn(&id, "claim", &json!({ "force": force }), repeat, client, output).await
        }
        TaskCommand::Release { id, repeat } => turn(&id, "release", &json!({}), repeat, client, output).await,
        TaskCommand::Answer(answer) => self::answer(answer, client, output).await,
    }
}

async fn turn(
    id: &str,
    action: &str,
    body: &Value,
    repeat: Repeat,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let answer = client.post(&["v1", "tasks", id, action], &body.to_string(), &repeat.key()).await?;
    let turned: Task = answer.read()?;
    output.answer(&answer.body, |paint| task::task(&turned, paint))
}

async fn answer(given: TaskAnswer, client: &Client, output: &Output) -> Result<(), Failure> {
    let id = given.id.clone();
    let body = match &given.json_answer {
        // As it was typed.
        Some(whole) => format!(r#"{{"answer":{}}}"#, whole.0.get()),
        None => json!({ "answer": written(&given, client, output).await? }).to_string(),
    };
    let answer = client.post(&["v1", "tasks", &id, "answer"], &body, &given.repeat.key()).await?;
    let answered: Task = answer.read()?;
    output.answer(&answer.body, |paint| task::task(&answered, paint))?;
    output.aside(&format!("The run goes on; follow it with: tenantry run watch {}", answered.run_id));
    Ok(())
}

/// The answer from options, or from the person at the terminal.
async fn written(given: &TaskAnswer, client: &Client, output: &Output) -> Result<Value, Failure> {
    let mut answer = Map::new();
    answer.extend(given.action.clone().map(|action| ("action".to_owned(), action.into())));
    if !given.set.is_empty() {
        let form = Form::new(&question(&given.id, client).await?.schema);
        for (field, text) in &given.set {
            let value = form.value(field, text).map_err(|what| Failure::Usage {
                what,
                next: format!("Look at the form with: tenantry task show {}", given.id),
            })?;
            answer.insert(field.clone(), value);
        }
    }
    if !answer.is_empty() {
        return Ok(Value::Object(answer));
    }
    if output.json || !io::stdin().is_terminal() || !output.error_terminal {
        return Err(Failure::Usage {
            what: "No answer is given, and nobody is there to ask".to_owned(),
            next: "Give one with --action, --set FIELD=VALUE or --json-answer.".to_owned(),
        });
    }
    let question = question(&given.id, client).await?;
    output.aside(&task::task(&question, output.error_paint()));
    output.aside("");
    Ok(Form::new(&question.schema).ask(&mut AtTerminal)?)
}

async fn question(id: &str, client: &Client) -> Result<Task, Failure> {
    client.get(&["v1", "tasks", id], &[]).await?.read()
}
