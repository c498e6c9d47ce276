//! What a tenant has that leaves: for whoever is about to decide, and for whoever looks on.

use serde_json::Value;
use tenantry_model::{RunId, TenantId};
use tenantry_workflows::tenant_offboarding::TenantOffboarding;
use uuid::Uuid;

use crate::{Result, Tx};

/// A run that is under way.
#[derive(Debug, Clone)]
pub struct OpenRun {
    /// The run.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// Its state.
    pub state: String,
    /// How it stands.
    pub status: String,
}

/// What a tenant has.
#[derive(Debug, Clone)]
pub struct Beforehand {
    /// Rows by what they are.
    pub counts: Value,
    /// Email domains that are not over.
    pub domains: Vec<String>,
    /// Hostnames that are not over.
    pub hostnames: Vec<String>,
    /// Runs under way other than of messages and of webhooks; 100 at most.
    pub runs: Vec<OpenRun>,
}

/// Counts what a tenant has. Nothing is changed.
///
/// # Errors
/// The database cannot be reached.
pub async fn beforehand(tx: &mut Tx, tenant: TenantId) -> Result<Beforehand> {
    let counts = sqlx::query_scalar!(
        r#"select jsonb_build_object(
               'companies', (select count(*) from companies where tenant_id = $1),
               'users', (select count(id) from users where tenant_id = $1),
               'apiKeys', (select count(*) from api_keys where tenant_id = $1),
               'templates', (select count(*) from templates where tenant_id = $1),
               'suppressions', (select count(*) from suppressions where tenant_id = $1),
               'preferences', (select count(*) from notification_choices where tenant_id = $1),
               'emailDomains', (select count(*) from email_domains where tenant_id = $1),
               'portalDomains', (select count(*) from portal_domains where tenant_id = $1),
               'webhookEndpoints', (select count(*) from webhook_endpoints where tenant_id = $1 and deleted_at is null),
               'messages', (select count(*) from messages where tenant_id = $1),
               'messagesWaiting', (select count(*) from timers where tenant_id = $1 and in_lane),
               'runs', (select count(*) from runs where tenant_id = $1 and kind <> 'email_delivery'),
               'auditLines', (select count(*) from audit where chain = ($1::uuid)::text)) as "counts!""#,
        tenant.0,
    )
    .fetch_one(&mut **tx)
    .await?;
    let domains = sqlx::query_scalar!(
        "select name from email_domains where tenant_id = $1 and released_at is null order by id",
        tenant.0
    )
    .fetch_all(&mut **tx)
    .await?;
    let hostnames = sqlx::query_scalar!(
        "select domain from portal_domains where tenant_id = $1 and closed_at is null order by id",
        tenant.0
    )
    .fetch_all(&mut **tx)
    .await?;
    let runs = sqlx::query_as!(
        OpenRun,
        "select id, kind, state, status from runs
         where tenant_id = $1 and ended_at is null and kind not in ('email_delivery', 'webhook_delivery')
         order by id desc limit 100",
        tenant.0,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(Beforehand { counts, domains, hostnames, runs })
}

/// The last offboarding of a tenant, whatever became of it.
///
/// # Errors
/// The database cannot be reached.
pub async fn offboarding_of(tx: &mut Tx, tenant: TenantId) -> Result<Option<RunId>> {
    let kind = <TenantOffboarding as tenantry_kernel::Workflow>::KIND;
    let id = sqlx::query_scalar!(
        "select id from runs where tenant_id = $1 and kind = $2 and kind <> 'email_delivery' order by id desc limit 1",
        tenant.0,
        kind,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(id.map(RunId))
}
