//! What of a tenant's rows goes into an export: column by column, so that nothing gets in by itself. No hash, no sealed column, no
//! token; no name of an account that carries mail.

use serde_json::Value;
use sqlx::PgConnection;
use tenantry_model::TenantId;

use crate::{Result, StoreError};

/// The tables of an export, in their order. Their names are those of the database's, but for what a provider has told, which is
/// `message_events`.
pub const TABLES: [&str; 21] = [
    "tenants",
    "companies",
    "tenant_companies",
    "users",
    "user_roles",
    "api_keys",
    "tenant_email_settings",
    "notification_defaults",
    "notification_choices",
    "templates",
    "suppressions",
    "email_domains",
    "portal_domains",
    "webhook_endpoints",
    "messages",
    CONTENTS,
    "sends",
    "message_events",
    "mail_stats",
    "tenant_changes",
    "audit",
];

/// The table that is read by [`super::contents`].
pub const CONTENTS: &str = "message_contents";

/// A row of an export.
#[derive(Debug, Clone)]
pub struct Row {
    /// Where it stands in its table: the next page begins behind it.
    pub key: Value,
    /// What is written.
    pub row: Value,
}

macro_rules! read {
    ($connection:expr, $tenant:expr, $after:expr, $limit:expr, $sql:literal) => {{
        let rows = sqlx::query!($sql, $tenant.0, $after, $limit).fetch_all($connection).await?;
        rows.into_iter().map(|row| Row { key: row.key, row: row.row }).collect()
    }};
}

/// Rows of a table behind `after` (the key of the last one; JSON's null at the beginning), at most `limit`.
///
/// # Errors
/// [`StoreError::NotFound`]: there is no such table in an export.
pub async fn rows(
    connection: &mut PgConnection,
    tenant: TenantId,
    table: &str,
    after: &Value,
    limit: i64,
) -> Result<Vec<Row>> {
    Ok(match table {
        "tenants" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select '[1]'::jsonb as "key!", to_jsonb(x) as "row!"
               from (select id, name, slug, email, contract_line, status, external_key, portal_host, created_at, updated_at,
                            activated_at, suspended_at, suspended_reason
                     from tenants where id = $1 and $2::jsonb = 'null' limit $3) x"#
        ),
        "companies" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.id) as "key!", to_jsonb(x) as "row!"
               from (select id, name, created_at, updated_at from companies
                     where tenant_id = $1 and id > coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000')
                     order by id limit $3) x order by x.id"#
        ),
        "tenant_companies" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.company_id) as "key!", to_jsonb(x) as "row!"
               from (select company_id, is_default, created_at, updated_at from tenant_companies
                     where tenant_id = $1 and company_id > coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000')
                     order by company_id limit $3) x order by x.company_id"#
        ),
        "users" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.id) as "key!", to_jsonb(x) as "row!"
               from (select id, first_name, last_name, email, must_change_password, last_login_at, created_at, updated_at from users
                     where tenant_id = $1 and id > coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000')
                     order by id limit $3) x order by x.id"#
        ),
        "user_roles" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.user_id, x.role) as "key!", to_jsonb(x) as "row!"
               from (select user_id, role, created_at, updated_at from user_roles
                     where tenant_id = $1
                       and (user_id, role) > (coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000'), coalesce($2 ->> 1, ''))
                     order by user_id, role limit $3) x order by x.user_id, x.role"#
        ),
        "api_keys" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.id) as "key!", to_jsonb(x) as "row!"
               from (select id, name, permissions, expires_at, revoked_at, last_used_at, created_by, created_at from api_keys
                     where tenant_id = $1 and id > coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000')
                     order by id limit $3) x order by x.id"#
        ),
        "tenant_email_settings" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select '[1]'::jsonb as "key!", to_jsonb(x) as "row!"
               from (select tier, default_from_address, reply_to, custom_domain, custom_from, from_name, headers, tags, routing,
                            domain_verified, dkim_enabled, version, created_at, updated_at, updated_by
                     from tenant_email_settings where tenant_id = $1 and $2::jsonb = 'null' limit $3) x"#
        ),
        "notification_defaults" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.category, x.subtype) as "key!", to_jsonb(x) as "row!"
               from (select category, subtype, enabled, locked, created_at, updated_at from notification_defaults
                     where tenant_id = $1 and ($2::jsonb = 'null' or (category, subtype) > (($2 ->> 0), ($2 ->> 1)))
                     order by category, subtype limit $3) x order by x.category, x.subtype"#
        ),
        "notification_choices" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.user_id, x.category, x.subtype) as "key!", to_jsonb(x) as "row!"
               from (select user_id, category, subtype, enabled, updated_at from notification_choices
                     where tenant_id = $1
                       and (user_id, category, subtype) > (coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000'),
                                                           coalesce($2 ->> 1, ''), coalesce($2 ->> 2, ''))
                     order by user_id, category, subtype limit $3) x order by x.user_id, x.category, x.subtype"#
        ),
        "templates" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.name, x.locale, x.version) as "key!", to_jsonb(x) as "row!"
               from (select name, locale, version, status, source, compiled, created_by, created_at, updated_at from templates
                     where tenant_id = $1
                       and (name, locale, version) > (coalesce($2::jsonb ->> 0, ''), coalesce($2 ->> 1, ''), coalesce(($2 ->> 2)::int, 0))
                     order by name, locale, version limit $3) x order by x.name, x.locale, x.version"#
        ),
        "suppressions" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.address, x.reason, x.category) as "key!", to_jsonb(x) as "row!"
               from (select address, reason, category, note, message_id, created_by, created_at, expires_at from suppressions
                     where tenant_id = $1
                       and (address, reason, category) > (coalesce($2::jsonb ->> 0, ''), coalesce($2 ->> 1, ''), coalesce($2 ->> 2, ''))
                     order by address, reason, category limit $3) x order by x.address, x.reason, x.category"#
        ),
        "email_domains" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.id) as "key!", to_jsonb(x) as "row!"
               from (select d.id, d.name, d.mailbox, d.region, d.wanted, d.verified_at, d.sends, d.created_by, d.created_at,
                            d.released_at, r.state
                     from email_domains d join runs r on r.id = d.id
                     where d.tenant_id = $1 and d.id > coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000')
                     order by d.id limit $3) x order by x.id"#
        ),
        "portal_domains" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.id) as "key!", to_jsonb(x) as "row!"
               from (select d.id, d.domain, d.canonical_host, d.active, d.activated_at, d.created_by, d.created_at, d.closed_at,
                            r.result ->> 'status' as status
                     from portal_domains d join runs r on r.id = d.id
                     where d.tenant_id = $1 and d.id > coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000')
                     order by d.id limit $3) x order by x.id"#
        ),
        "webhook_endpoints" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.id) as "key!", to_jsonb(x) as "row!"
               from (select id, url, events, description, status, disabled_reason, last_success_at, last_failure_at, created_by,
                            created_at, updated_at
                     from webhook_endpoints
                     where tenant_id = $1 and deleted_at is null
                       and id > coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000')
                     order by id limit $3) x order by x.id"#
        ),
        "messages" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.id) as "key!", to_jsonb(x) as "row!"
               from (select m.id, m.user_id, m.category, m.subtype, m.template, m.locale, m.subject, m.recipients, m.tags, m.size,
                            m.attachments, m.created_at, r.state, r.ended_at
                     from messages m join runs r on r.id = m.id
                     where m.tenant_id = $1 and m.id > coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000')
                     order by m.id limit $3) x order by x.id"#
        ),
        "sends" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.message_id) as "key!", to_jsonb(x) as "row!"
               from (select s.message_id, s.message_id_header, s.sender, s.attempts, s.accepted_at
                     from messages m join sends s on s.message_id = m.id
                     where m.tenant_id = $1 and m.id > coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000')
                     order by m.id limit $3) x order by x.message_id"#
        ),
        "message_events" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.message_id, x.provider, x.id) as "key!", to_jsonb(x) - 'provider' - 'id' as "row!"
               from (select e.message_id, e.provider, e.id, e.kind, e.occurred_at, e.received_at
                     from messages m join provider_events e on e.message_id = m.id
                     where m.tenant_id = $1 and m.id >= coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000')
                       and (e.message_id, e.provider, e.id) > (coalesce(($2 ->> 0)::uuid, '00000000-0000-0000-0000-000000000000'),
                                                               coalesce($2 ->> 1, ''), coalesce($2 ->> 2, ''))
                     order by e.message_id, e.provider, e.id limit $3) x order by x.message_id, x.provider, x.id"#
        ),
        "mail_stats" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.day) as "key!", to_jsonb(x) as "row!"
               from (select day, sum(sent) as sent, sum(delivered) as delivered, sum(bounced) as bounced,
                            sum(complained) as complained, sum(failed) as failed, sum(suppressed) as suppressed
                     from mail_stats where tenant_id = $1 and day > coalesce(($2::jsonb ->> 0)::date, '-infinity')
                     group by day order by day limit $3) x order by x.day"#
        ),
        "tenant_changes" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.id) as "key!", to_jsonb(x) as "row!"
               from (select id, kind, entity, state, status, started_by, started_at, ended_at from runs
                     where tenant_id = $1 and kind in ('tenant_onboarding', 'tenant_change')
                       and id > coalesce(($2::jsonb ->> 0)::uuid, '00000000-0000-0000-0000-000000000000')
                     order by id limit $3) x order by x.id"#
        ),
        "audit" => read!(
            connection,
            tenant,
            after,
            limit,
            r#"select jsonb_build_array(x.seq) as "key!", to_jsonb(x) as "row!"
               from (select seq, at, actor, action, subject, before, after, request_id, run_id, source_ip,
                            encode(prev_hash, 'hex') as prev_hash, encode(hash, 'hex') as hash
                     from audit where chain = ($1::uuid)::text and seq > coalesce(($2::jsonb ->> 0)::bigint, 0)
                     order by seq limit $3) x order by x.seq"#
        ),
        _ => return Err(StoreError::NotFound("table in an export")),
    })
}
