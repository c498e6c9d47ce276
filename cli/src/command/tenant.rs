//! `tenantry tenant`

use reqwest::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{end, file, import, leaving, run::reveal, show_list, sure::sure, with_member};
use crate::{
    args::{Onboard, TenantChange, TenantCommand},
    client::{Answer, Client},
    failure::Failure,
    output::{Output, printable},
    view::{run, tenant},
};

pub(super) async fn run(command: TenantCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        TenantCommand::Onboard(onboard) => self::onboard(*onboard, client, output).await,
        TenantCommand::Show { id } => show(&client.get(&["v1", "tenants", &id], &[]).await?, output),
        TenantCommand::Suspend { id, reason, repeat } => {
            let body = json!({ "reason": reason }).to_string();
            show(&client.post(&["v1", "tenants", &id, "suspend"], &body, &repeat.key()).await?, output)
        }
        TenantCommand::Resume { id, repeat } => {
            show(&client.post(&["v1", "tenants", &id, "resume"], "{}", &repeat.key()).await?, output)
        }
        TenantCommand::Change(change) => self::change(change, client, output).await,
        TenantCommand::List(list) => {
            let filters = [("status", list.status), ("externalKey", list.external_key), ("search", list.search)];
            show_list(&client.list(&["v1", "tenants"], &filters, &list.paging).await?, output, tenant::tenants)
        }
        TenantCommand::Offboard(offboard) => leaving::offboard(offboard, client, output).await,
        TenantCommand::Offboarding { id } => leaving::show(&id, client, output).await,
        TenantCommand::Restore { id, repeat } => leaving::turn(&id, "restore", &repeat.key(), client, output).await,
        TenantCommand::RemoveNow { id, yes, repeat } => {
            if !yes {
                let question =
                    format!("Remove {} for good, with its domains, its portal and its rows?", printable(&id));
                sure("A tenant would be removed for good", &question, output)?;
            }
            leaving::turn(&id, "remove-now", &repeat.key(), client, output).await
        }
        TenantCommand::Export(export) => leaving::export(*export, client, output).await,
        TenantCommand::Import(import) => import::import(import, client, output).await,
        TenantCommand::Imports(command) => import::imports(command, client, output).await,
    }
}

fn show(answer: &Answer, output: &Output) -> Result<(), Failure> {
    let shown = answer.read()?;
    output.answer(&answer.body, |paint| tenant::tenant(&shown, paint))
}

/// Changes just the version that it has read: nobody else's change is overwritten.
async fn change(change: TenantChange, client: &Client, output: &Output) -> Result<(), Failure> {
    let TenantChange { id, name, email, contract_line } = change;
    let path = ["v1", "tenants", &id];
    let read = client.get(&path, &[]).await?;
    let wished = [("name", name), ("email", email), ("contractLine", contract_line)];
    let body: Map<String, Value> =
        wished.into_iter().filter_map(|(field, text)| Some((field.to_owned(), text?.into()))).collect();
    show(&client.patch(&path, &Value::Object(body).to_string(), read.version).await?, output)
}

/// The body of an onboarding, as the API takes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    tenant_name: &'a Option<String>,
    admin_user: AdminUser<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contract_line: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_key: &'a Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdminUser<'a> {
    first_name: &'a Option<String>,
    last_name: &'a Option<String>,
    email: &'a Option<String>,
}

async fn onboard(onboard: Onboard, client: &Client, output: &Output) -> Result<(), Failure> {
    let body = match &onboard.file {
        Some(name) => {
            let holds = r#"one object: {"tenantName", "adminUser": {"firstName", "lastName", "email"}, ...}"#;
            file::json(name, holds)?.0.get().to_owned()
        }
        None => typed(&onboard),
    };
    let answer = client.post(&["v1", "tenants"], &body, &onboard.repeat.key()).await?;
    if answer.status == StatusCode::OK && !answer.replayed {
        output.aside("This external key is known: here is its run. Nothing was begun.");
    }
    let seen = end::begun(answer, &onboard.wait, client, output).await?;
    if onboard.wait.no_wait {
        end::show(&seen, output)?;
        output.aside(&format!("Follow it with: tenantry run watch {}", seen.run.id));
        return Ok(());
    }
    if !(onboard.reveal_password && seen.run.status == "completed") {
        end::show(&seen, output)?;
        return end::judge(&seen, client).await;
    }
    match reveal(&seen.run.id, &uuid::Uuid::new_v4().to_string(), client).await {
        Ok(credential) => output.answer(&with_member(&seen.body, "credential", &credential.body), |paint| {
            format!("{}\n\n{}", run::run(&seen.run, paint), credential.words(paint))
        }),
        // The tenant is there all the same.
        Err(failure) => {
            end::show(&seen, output)?;
            Err(failure)
        }
    }
}

fn typed(onboard: &Onboard) -> String {
    let Onboard { name, admin_first_name, admin_last_name, admin_email, company, contract_line, external_key, .. } =
        onboard;
    let admin_user = AdminUser { first_name: admin_first_name, last_name: admin_last_name, email: admin_email };
    let input = Input { tenant_name: name, admin_user, company_name: company, contract_line, external_key };
    serde_json::json!(input).to_string()
}
