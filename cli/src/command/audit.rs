//! `tenantry audit`

use serde::Deserialize;

use super::show_list;
use crate::{args::AuditCommand, client::Client, failure::Failure, output::Output, view::access};

pub(super) async fn run(command: AuditCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        AuditCommand::List(list) => {
            let filters =
                [("tenant", list.tenant), ("action", list.action), ("actor", list.actor), ("subject", list.subject)];
            show_list(&client.list(&["v1", "audit"], &filters, &list.paging).await?, output, access::audit)
        }
        AuditCommand::Verify { tenant } => verify(tenant, client, output).await,
    }
}

async fn verify(tenant: Option<String>, client: &Client, output: &Output) -> Result<(), Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Verification {
        intact: bool,
        #[serde(default)]
        first_broken: Option<i64>,
    }
    let answer = client.get(&["v1", "audit", "verification"], &[("tenant", tenant)]).await?;
    let Verification { intact, first_broken } = answer.read()?;
    let words = if intact { "The audit log is intact." } else { "" };
    output.answer(&answer.body, |paint| paint.good(words))?;
    if intact {
        return Ok(());
    }
    Err(Failure::Ended {
        what: "The audit log is not what was written".to_owned(),
        detail: first_broken
            .map(|seq| format!("The first line that was changed or follows a gap: {seq}"))
            .unwrap_or_default(),
        next: "Keep a copy of the database as it is and find out who could write to it.".to_owned(),
        code: "audit_broken",
    })
}
