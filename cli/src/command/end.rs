//! How a run that was waited for has ended, or why it has not.

use crate::{
    args::{Await, Paging},
    client::{Answer, Client, List},
    failure::Failure,
    output::{Output, printable},
    view::{run, task::Task},
    watch::{Progress, Seen, Watch},
};

/// Follows a run that was just begun, unless it shall only be begun.
pub(super) async fn begun(answer: Answer, wait: &Await, client: &Client, output: &Output) -> Result<Seen, Failure> {
    if answer.replayed {
        output.aside("This was asked before with the same key; nothing is done twice.");
    }
    let seen = Seen::new(answer)?;
    match wait.patience() {
        Some(patience) => {
            let watch = Watch { patience: Some(patience), past_tasks: false };
            watch.follow(client, seen, Progress::new(output, false)).await
        }
        None => Ok(seen),
    }
}

/// The run for people and programs.
pub(super) fn show(seen: &Seen, output: &Output) -> Result<(), Failure> {
    output.answer(&seen.body, |paint| run::run(&seen.run, paint))
}

/// Success for a run that is completed; else the failure that says how it stands.
pub(super) async fn judge(seen: &Seen, client: &Client) -> Result<(), Failure> {
    let run = &seen.run;
    if run.asks_a_person() {
        return Err(asks(&run.id, client).await);
    }
    if !run.ended() {
        return Err(Failure::NotReady {
            what: format!("The run has not ended yet: {} ({} %)", run.step, run.progress),
            next: format!("The run goes on; follow it with: tenantry run watch {}", run.id),
        });
    }
    run.succeeded()
}

async fn asks(run: &str, client: &Client) -> Failure {
    // A help only: whoever may not see tasks reads how to find them.
    let of_run = [("run", Some(run.to_owned()))];
    let paging = Paging { limit: Some(1), after: None, all: false };
    let tasks: Result<List<Task>, _> = client.list(&["v1", "tasks"], &of_run, &paging).await;
    match tasks.ok().and_then(|tasks| tasks.data.into_iter().next()) {
        Some(task) => Failure::NotReady {
            what: format!("The run waits for a person. {}", printable(&task.title)),
            next: format!("Answer with: tenantry task answer {}", task.id),
        },
        None => Failure::NotReady {
            what: "The run waits for a person".to_owned(),
            next: format!("Find the question with: tenantry task list --run {run}"),
        },
    }
}
