//! `tenantry run` and `tenantry drill`

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use super::{bulk::Bulk, end, now, show_list};
use crate::{
    args::{Await, Repeat, RunCancel, RunCommand, RunList, RunSelection, RunSignal, RunTurn, RunWatch},
    client::Client,
    failure::Failure,
    output::{Output, Paint},
    view::{
        bulk::{self, Preview},
        moment::Moment,
        run as view,
        table::{details, time_or_dash},
        timeline::{Timeline, timeline},
    },
    watch::{Progress, Seen, Watch},
};

pub(super) async fn run(command: RunCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        RunCommand::List(list) => self::list(list, client, output).await,
        RunCommand::Show { id } => show(&id, client, output).await,
        RunCommand::Timeline { id } => {
            let answer = client.get(&["v1", "runs", &id, "timeline"], &[]).await?;
            let read: Timeline = answer.read()?;
            output.answer(&answer.body, |paint| timeline(&read, now(), paint))
        }
        RunCommand::Watch(watch) => self::watch(watch, client, output).await,
        RunCommand::Signal(signal) => self::signal(signal, client, output).await,
        RunCommand::Retry(selection) => match selection.id {
            Some(id) => retry(&id, selection.repeat, client, output).await,
            None => Bulk { action: "retry", selection, reason: None }.run(client, output).await,
        },
        RunCommand::Cancel(RunCancel { selection, preview: true, .. }) => {
            let id = selection.id.ok_or_else(|| Failure::Usage {
                what: "One run is previewed at a time".to_owned(),
                next: "Name it by its id; for many, say what is meant without --yes.".to_owned(),
            })?;
            preview(&id, client, output).await
        }
        RunCommand::Cancel(RunCancel { selection, reason, .. }) => {
            turn("cancel", selection, reason, client, output).await
        }
        RunCommand::Pause(RunTurn { selection, reason }) => turn("pause", selection, reason, client, output).await,
        RunCommand::Resume(RunTurn { selection, reason }) => turn("resume", selection, reason, client, output).await,
        RunCommand::Credential { id, repeat } => {
            let credential = reveal(&id, &repeat.key(), client).await?;
            output.answer(&credential.body, |paint| credential.words(paint))
        }
    }
}

pub(super) async fn drill(wait: &Await, repeat: Repeat, client: &Client, output: &Output) -> Result<(), Failure> {
    let answer = client.post(&["v1", "drills"], "{}", &repeat.key()).await?;
    let seen = end::begun(answer, wait, client, output).await?;
    end::show(&seen, output)?;
    if wait.no_wait { Ok(()) } else { end::judge(&seen, client).await }
}

async fn list(list: RunList, client: &Client, output: &Output) -> Result<(), Failure> {
    let filters = [
        ("tenant", list.tenant),
        ("kind", list.kind),
        ("status", list.status),
        ("state", list.state),
        ("errorClass", list.error_class),
        ("externalKey", list.external_key),
        ("entity", list.entity),
        ("paused", list.paused.then(|| "true".to_owned())),
    ];
    show_list(&client.list(&["v1", "runs"], &filters, &list.paging).await?, output, view::runs)
}

async fn show(id: &str, client: &Client, output: &Output) -> Result<(), Failure> {
    let seen = Seen::new(client.get(&["v1", "runs", id], &[]).await?)?;
    if output.json {
        return end::show(&seen, output);
    }
    let read: Timeline = client.get(&["v1", "runs", id, "timeline"], &[]).await?.read()?;
    output.answer(&seen.body, |paint| format!("{}\n\n{}", view::run(&seen.run, paint), timeline(&read, now(), paint)))
}

async fn watch(watch: RunWatch, client: &Client, output: &Output) -> Result<(), Failure> {
    let first = Seen::new(client.get(&["v1", "runs", &watch.id], &[]).await?)?;
    let progress = Progress::new(output, true);
    let lines = matches!(progress, Progress::Lines(_));
    let patience = watch.wait.map(Duration::from_secs);
    let seen = Watch { patience, past_tasks: watch.past_tasks }.follow(client, first, progress).await?;
    if !lines {
        end::show(&seen, output)?;
    }
    end::judge(&seen, client).await
}

async fn signal(signal: RunSignal, client: &Client, output: &Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Body<'a> {
        name: &'a str,
        body: &'a RawValue,
    }
    // Text and a document that was read before: this cannot fail.
    let body = serde_json::to_string(&Body { name: &signal.name, body: &signal.body.0 }).unwrap_or_default();
    let answer = client.post(&["v1", "runs", &signal.id, "signals"], &body, &signal.repeat.key()).await?;
    changed(Seen::new(answer)?, output)
}

async fn retry(id: &str, repeat: Repeat, client: &Client, output: &Output) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Hinted {
        hinted: u64,
    }
    let answer = client.post(&["v1", "runs", id, "retry"], "{}", &repeat.key()).await?;
    let Hinted { hinted } = answer.read()?;
    output.answer(&answer.body, |_| match hinted {
        0 => "Nothing was waiting to be tried again.".to_owned(),
        1 => "One retry is due now.".to_owned(),
        more => format!("{more} retries are due now."),
    })
}

/// Tells one run, or all that are meant.
async fn turn(
    action: &str,
    selection: RunSelection,
    reason: Option<String>,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let Some(id) = &selection.id else { return Bulk { action, selection, reason }.run(client, output).await };
    let body = reason.map_or(json!({}), |reason| json!({ "reason": reason })).to_string();
    let path = ["v1", "runs", id, action];
    let answer = client.post(&path, &body, &selection.repeat.key()).await?;
    changed(Seen::new(answer)?, output)
}

async fn preview(id: &str, client: &Client, output: &Output) -> Result<(), Failure> {
    let answer = client.get(&["v1", "runs", id, "cancel-preview"], &[]).await?;
    let told: Preview = answer.read()?;
    output.answer(&answer.body, |paint| bulk::preview(&told, paint))?;
    if told.accepted {
        return Ok(());
    }
    Err(Failure::Ended {
        what: "A cancel would not be accepted".to_owned(),
        detail: told.refusal.unwrap_or_default(),
        next: format!("Look at the run with: tenantry run show {id}"),
        code: "signal_refused",
    })
}

fn changed(seen: Seen, output: &Output) -> Result<(), Failure> {
    end::show(&seen, output)?;
    if !seen.run.ended() {
        output.aside(&format!("Follow it with: tenantry run watch {}", seen.run.id));
    }
    Ok(())
}

/// A temporary password.
pub(super) struct Credential {
    pub(super) body: String,
    temporary_password: String,
    admin_user_id: String,
    expires_at: Option<Moment>,
}

/// Reads the temporary password of a run, which can be done once.
pub(super) async fn reveal(run: &str, key: &str, client: &Client) -> Result<Credential, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Read {
        temporary_password: String,
        admin_user_id: String,
        #[serde(default)]
        expires_at: Option<Moment>,
    }
    let answer = client.post(&["v1", "runs", run, "credential"], "{}", key).await?;
    let Read { temporary_password, admin_user_id, expires_at } = answer.read()?;
    Ok(Credential { body: answer.body, temporary_password, admin_user_id, expires_at })
}

impl Credential {
    pub(super) fn words(&self, paint: Paint) -> String {
        let pairs = vec![
            ("temporary password", self.temporary_password.as_str().into()),
            ("of user", self.admin_user_id.as_str().into()),
            ("expires (UTC)", time_or_dash(self.expires_at)),
        ];
        format!("{}\nIt cannot be read again, and must be changed at the first login.", details(pairs, paint))
    }
}
