//! The same done to one run, or to all that the filters find.

use serde_json::{Map, Value, json};

use crate::{
    args::RunSelection,
    client::Client,
    failure::Failure,
    output::Output,
    view::bulk::{Done, done},
};

/// What is asked, and of what.
pub(super) struct Bulk<'a> {
    /// `retry`, `cancel`, `pause`, `resume`.
    pub(super) action: &'a str,
    /// Which runs.
    pub(super) selection: RunSelection,
    /// Why.
    pub(super) reason: Option<String>,
}

impl Bulk<'_> {
    /// Asks the API, shows what was done or would be.
    pub(super) async fn run(self, client: &Client, output: &Output) -> Result<(), Failure> {
        let Self { action, selection, reason } = self;
        let filters = [
            ("tenant", selection.tenant),
            ("kind", selection.kind),
            ("status", selection.status),
            ("state", selection.state),
            ("errorClass", selection.error_class),
            ("entity", selection.entity),
        ];
        let filter: Map<String, Value> =
            filters.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect();
        if filter.is_empty() {
            return Err(Failure::Usage {
                what: "It is not said which runs are meant".to_owned(),
                next: "Name one by its id, or say which with --kind, --tenant, --error-class or another filter."
                    .to_owned(),
            });
        }
        let mut body = json!({ "action": action, "filter": filter, "dryRun": !selection.yes, "cap": selection.cap });
        if let Some(reason) = reason {
            body["reason"] = reason.into();
        }
        let answer = client.post(&["v1", "runs", "bulk"], &body.to_string(), &selection.repeat.key()).await?;
        let told: Done = answer.read()?;
        output.answer(&answer.body, |paint| done(&told, action, paint))?;
        if told.dry_run {
            output.aside("Nothing was done. Do it with the same words and --yes.");
            return Ok(());
        }
        if told.left() > 0 {
            output.aside(&format!("{} are left; say it once more for the next.", told.left()));
        }
        if told.refused.is_empty() {
            return Ok(());
        }
        Err(Failure::Ended {
            what: "Some of the runs did not accept it".to_owned(),
            detail: format!("{} of {}", told.refused.len(), told.refused.len() as u64 + told.done),
            next: "Look at one of them with: tenantry run show RUN".to_owned(),
            code: "runs_refused",
        })
    }
}
