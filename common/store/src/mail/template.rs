//! Templates of tenants: drafts, what is published, and what was.

use serde_json::Value;
use tenantry_model::TenantId;
use time::OffsetDateTime;

use crate::{Result, StoreError, Tx};

/// How many versions of one template's language are kept.
const KEPT: i32 = 100;

/// One language of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplatePlace {
    /// Whose.
    pub tenant: TenantId,
    /// The template's name.
    pub name: String,
    /// A canonical BCP 47 tag, or `default`.
    pub locale: String,
}

/// Which version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateVersion {
    /// The one that is being written.
    Draft,
    /// The one that mail is made of.
    Published,
    /// The one of this number.
    Number(i32),
}

/// A version, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateLine {
    /// The template's name.
    pub name: String,
    /// The language of its words.
    pub locale: String,
    /// Its number, from 1.
    pub version: i32,
    /// `draft`, `published` or `retired`.
    pub status: String,
    /// The subject, as it was written.
    pub subject: String,
    /// Who wrote it last.
    pub created_by: String,
    /// When it was begun.
    pub created_at: OffsetDateTime,
    /// When it was last written, or published.
    pub updated_at: OffsetDateTime,
}

/// A version, whole.
#[derive(Debug, Clone)]
pub struct TemplateRow {
    /// The language of its words.
    pub locale: String,
    /// Its number, from 1.
    pub version: i32,
    /// `draft`, `published` or `retired`.
    pub status: String,
    /// As it was written.
    pub source: Value,
    /// As it is rendered; a draft is not yet.
    pub compiled: Option<Value>,
    /// Who wrote it last.
    pub created_by: String,
    /// When it was begun.
    pub created_at: OffsetDateTime,
    /// When it was last written, or published.
    pub updated_at: OffsetDateTime,
}

/// What a tenant has of templates at this moment, drafts and what is published, by name and locale; of one name only, if one is
/// given.
///
/// # Errors
/// The database cannot be reached.
pub async fn templates(tx: &mut Tx, tenant: TenantId, name: Option<&str>) -> Result<Vec<TemplateLine>> {
    Ok(sqlx::query_as!(
        TemplateLine,
        r#"select name, locale, version, status, source->>'subject' as "subject!", created_by, created_at, updated_at
           from templates where tenant_id = $1 and status <> 'retired' and ($2::text is null or name = $2)
           order by name, locale, version"#,
        tenant.0,
        name,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Every version that is kept of one language of a template, newest first.
///
/// # Errors
/// The database cannot be reached.
pub async fn template_versions(tx: &mut Tx, place: &TemplatePlace) -> Result<Vec<TemplateLine>> {
    Ok(sqlx::query_as!(
        TemplateLine,
        r#"select name, locale, version, status, source->>'subject' as "subject!", created_by, created_at, updated_at
           from templates where tenant_id = $1 and name = $2 and locale = $3 order by version desc"#,
        place.tenant.0,
        place.name,
        place.locale,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// One version, if there is it.
///
/// # Errors
/// The database cannot be reached.
pub async fn template(tx: &mut Tx, place: &TemplatePlace, which: TemplateVersion) -> Result<Option<TemplateRow>> {
    let (status, number) = match which {
        TemplateVersion::Draft => (Some("draft"), None),
        TemplateVersion::Published => (Some("published"), None),
        TemplateVersion::Number(number) => (None, Some(number)),
    };
    Ok(sqlx::query_as!(
        TemplateRow,
        r#"select locale, version, status, source, compiled, created_by, created_at, updated_at from templates
           where tenant_id = $1 and name = $2 and locale = $3
             and ($4::text is null or status = $4) and ($5::int is null or version = $5)"#,
        place.tenant.0,
        place.name,
        place.locale,
        status,
        number,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

/// The languages in which a template of a tenant is published.
///
/// # Errors
/// The database cannot be reached.
pub async fn published_locales(tx: &mut Tx, tenant: TenantId, name: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "select locale from templates where tenant_id = $1 and name = $2 and status = 'published'",
        tenant.0,
        name,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// How many languages of how many templates a tenant has at this moment, this one left out.
///
/// # Errors
/// The database cannot be reached.
pub async fn other_templates(tx: &mut Tx, place: &TemplatePlace) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(distinct (name, locale)) as "n!" from templates
           where tenant_id = $1 and status <> 'retired' and (name, locale) <> ($2, $3)"#,
        place.tenant.0,
        place.name,
        place.locale,
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Writes the draft, over the one there is or as a new version, and returns it.
///
/// # Errors
/// [`StoreError::Changed`]: somebody else has begun a draft at this moment.
pub async fn write_draft(
    tx: &mut Tx,
    place: &TemplatePlace,
    source: &Value,
    by: &str,
    now: OffsetDateTime,
) -> Result<TemplateRow> {
    let written = sqlx::query_as!(
        TemplateRow,
        r#"insert into templates as t (tenant_id, name, locale, version, status, source, created_by, created_at, updated_at)
           select $1, $2, $3, coalesce(max(version), 0) + 1, 'draft', $4, $5, $6, $6
           from templates where tenant_id = $1 and name = $2 and locale = $3
           on conflict (tenant_id, name, locale) where status = 'draft' do update set
               source = excluded.source, created_by = excluded.created_by,
               -- A draft that is written again is never taken for the one before.
               updated_at = greatest(excluded.updated_at, t.updated_at + interval '1 microsecond')
           returning locale, version, status, source, compiled, created_by, created_at, updated_at"#,
        place.tenant.0,
        place.name,
        place.locale,
        source,
        by,
        now,
    )
    .fetch_one(&mut **tx)
    .await;
    written.map_err(|error| match StoreError::from(error) {
        error if error.constraint() == Some("templates_pkey") => StoreError::Changed,
        error => error,
    })
}

/// Publishes this draft as it was read, made into `compiled`, and returns the version that was published before, which is
/// retired. The oldest versions go.
///
/// # Errors
/// [`StoreError::Changed`]: it is not the draft any more, or was written again.
pub async fn publish_template(
    tx: &mut Tx,
    place: &TemplatePlace,
    draft: &TemplateRow,
    compiled: &Value,
    now: OffsetDateTime,
) -> Result<Option<i32>> {
    lock(tx, place).await?;
    let before = retire(tx, place).await?;
    let published = sqlx::query!(
        r#"update templates set status = 'published', compiled = $6, updated_at = $7
           where tenant_id = $1 and name = $2 and locale = $3 and version = $4 and status = 'draft' and updated_at = $5"#,
        place.tenant.0,
        place.name,
        place.locale,
        draft.version,
        draft.updated_at,
        compiled,
        now,
    )
    .execute(&mut **tx)
    .await?;
    if published.rows_affected() == 0 {
        return Err(StoreError::Changed);
    }
    sqlx::query!(
        r#"delete from templates
           where tenant_id = $1 and name = $2 and locale = $3 and version <= $4 and status = 'retired'"#,
        place.tenant.0,
        place.name,
        place.locale,
        draft.version - KEPT,
    )
    .execute(&mut **tx)
    .await?;
    Ok(before)
}

/// What a reset has taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reset {
    /// What was published; it is kept among the versions.
    pub published: Option<i32>,
    /// The draft there was; it is gone.
    pub draft: Option<i32>,
}

/// Takes back what a tenant has published in this language, and its draft.
///
/// # Errors
/// The database cannot be reached.
pub async fn reset_template(tx: &mut Tx, place: &TemplatePlace) -> Result<Reset> {
    lock(tx, place).await?;
    let published = retire(tx, place).await?;
    let draft = sqlx::query_scalar!(
        "delete from templates where tenant_id = $1 and name = $2 and locale = $3 and status = 'draft' returning version",
        place.tenant.0,
        place.name,
        place.locale,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(Reset { published, draft })
}

/// Waits for whoever changes the same words, so that the statements after this one see what has come of it.
async fn lock(tx: &mut Tx, place: &TemplatePlace) -> Result<()> {
    sqlx::query!(
        r#"select version from templates where tenant_id = $1 and name = $2 and locale = $3 and status <> 'retired'
           order by version for update"#,
        place.tenant.0,
        place.name,
        place.locale,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(())
}

async fn retire(tx: &mut Tx, place: &TemplatePlace) -> Result<Option<i32>> {
    Ok(sqlx::query_scalar!(
        r#"update templates set status = 'retired'
           where tenant_id = $1 and name = $2 and locale = $3 and status = 'published' returning version"#,
        place.tenant.0,
        place.name,
        place.locale,
    )
    .fetch_optional(&mut **tx)
    .await?)
}
