//! `tenantry portal sync` and `reconcile`

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    args::{PortalReconcile, PortalSync},
    client::{Answer, Client},
    failure::Failure,
    output::{Output, printable},
    view::sync::{self, Sync},
};

/// The longest the API is asked to wait for news; gateways in between give up at 30 s.
const POLL: Duration = Duration::from_secs(20);
/// The pause after an answer without news that came at once: not every API waits when asked to.
const REST: Duration = Duration::from_millis(500);

pub(super) async fn run(given: PortalSync, client: &Client, output: &Output) -> Result<(), Failure> {
    let body = json!({ "commit": given.commit, "pullRequest": given.pull_request, "apply": given.apply });
    let answer = client.post(&["v1", "portal-syncs"], &body.to_string(), &given.repeat.key()).await?;
    ended(answer, given.wait, client, output).await
}

pub(super) async fn reconcile(given: PortalReconcile, client: &Client, output: &Output) -> Result<(), Failure> {
    let path = ["v1", "portal-syncs", "standing", "refresh"];
    let answer = client.post(&path, "{}", &given.repeat.key()).await?;
    ended(answer, given.wait, client, output).await
}

/// Waits for a reconcile, shows it, and says whether something is left to do.
async fn ended(answer: Answer, wait: u64, client: &Client, output: &Output) -> Result<(), Failure> {
    let (seen, body) = until_it_has_looked(answer, Duration::from_secs(wait), client).await?;
    output.answer(&body, |paint| sync::sync(&seen, paint))?;
    judge(&seen)
}

async fn until_it_has_looked(answer: Answer, patience: Duration, client: &Client) -> Result<(Sync, String), Failure> {
    let deadline = Instant::now() + patience;
    // It may have come further since the answer was kept; and the plan is with the run, not with its beginning.
    let mut seen: Sync = answer.read()?;
    let mut body = answer.body;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if !seen.is_at_work() || left.is_zero() {
            return Ok((seen, body));
        }
        let wait = left.min(POLL).as_secs_f64().ceil();
        let query = [("wait", Some(wait.to_string())), ("since", Some(seen.seq.to_string()))];
        let asked = Instant::now();
        let path = ["v1", "portal-syncs", &seen.run_id];
        let answer = client.get_slowly(&path, &query, Duration::from_secs_f64(wait)).await?;
        let before = seen.seq;
        seen = answer.read()?;
        body = answer.body;
        if seen.seq == before && asked.elapsed() < REST {
            tokio::time::sleep(REST.min(left)).await;
        }
    }
}

/// Success where nothing is left to do.
fn judge(seen: &Sync) -> Result<(), Failure> {
    let run = printable(&seen.run_id);
    if seen.is_at_work() {
        return Err(Failure::NotReady {
            what: "The reconcile has not come to an end yet".to_owned(),
            next: format!("It goes on; follow it with: tenantry run watch {run}"),
        });
    }
    if let Some(fault) = &seen.error {
        return Err(Failure::Ended {
            what: "The reconcile did not succeed".to_owned(),
            detail: format!("What we saw: {}", printable(&fault.message)),
            next: format!("Look at what happened with: tenantry run show {run}"),
            code: "sync_failed",
        });
    }
    if seen.step == "stopped" {
        return Err(Failure::Ended {
            what: "The reconcile was stopped".to_owned(),
            detail: String::new(),
            next: "The next hostname that is wanted begins another one.".to_owned(),
            code: "sync_stopped",
        });
    }
    if let Some(held) = &seen.held {
        return Err(Failure::NotReady {
            what: format!(
                "{} objects would be deleted, and are held until a person has said that they may go",
                held.objects
            ),
            next: "Find the question of the standing reconcile with: tenantry task list".to_owned(),
        });
    }
    if !seen.outstanding {
        return Ok(());
    }
    let refused = seen.summary.as_ref().map_or(0, |summary| summary.refused);
    Err(if refused > 0 {
        Failure::NotReady {
            what: format!("{refused} objects were refused, or are not ours to write"),
            next: format!("Look at the plan, and at the hostname's run; all of it with: tenantry run show {run}"),
        }
    } else {
        Failure::NotReady {
            what: "There are changes that were not carried out".to_owned(),
            next: "Carry them out with: tenantry portal sync --commit --apply".to_owned(),
        }
    })
}
