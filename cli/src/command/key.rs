//! `tenantry api-key`

use serde::Serialize;

use super::{now, show_list};
use crate::{
    args::{KeyCommand, KeyCreate},
    client::Client,
    failure::Failure,
    output::Output,
    view::access::{self, ApiKey},
};

pub(super) async fn run(command: KeyCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        KeyCommand::Create(create) => self::create(create, client, output).await,
        KeyCommand::List { tenant, paging } => {
            let keys = client.list(&["v1", "api-keys"], &[("tenant", tenant)], &paging).await?;
            show_list(&keys, output, |keys, paint| access::keys(keys, now(), paint))
        }
        KeyCommand::Revoke { id } => {
            let answer = client.delete(&["v1", "api-keys", &id]).await?;
            output.answer(&answer.body, |_| "The key is revoked; it opens nothing any more.".to_owned())
        }
    }
}

async fn create(create: KeyCreate, client: &Client, output: &Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        name: &'a str,
        permissions: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_in_days: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        tenant: Option<&'a str>,
    }
    let body = Body {
        name: &create.name,
        permissions: &create.permissions,
        expires_in_days: create.expires_in_days,
        tenant: create.tenant.as_deref(),
    };
    let body = serde_json::json!(body).to_string();
    let answer = client.post(&["v1", "api-keys"], &body, &create.repeat.key()).await?;
    let key: ApiKey = answer.read()?;
    output.answer(&answer.body, |paint| access::new_key(&key, paint))?;
    if key.secret.is_some() {
        output.aside("Keep the secret now: it is shown this once.");
        return Ok(());
    }
    // The first answer was lost, and no other one holds the secret.
    Err(Failure::Ended {
        what: "The key was made by an earlier request with this idempotency key, and its secret is not shown again"
            .to_owned(),
        detail: String::new(),
        next: format!("If nobody has the secret: tenantry api-key revoke {}, then create another key.", key.id),
        code: "secret_not_shown_again",
    })
}
