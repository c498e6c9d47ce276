//! Where users are reached.

use tenantry_model::{TenantId, UserId};

use crate::{Result, Tx};

/// The addresses of users, with their tenants, in no order. Whom this transaction may not see is not in the answer.
///
/// # Errors
/// The database cannot be reached.
pub async fn addresses(tx: &mut Tx, users: &[UserId]) -> Result<Vec<(UserId, TenantId, String)>> {
    let users: Vec<_> = users.iter().map(|user| user.0).collect();
    let rows =
        sqlx::query!("select id, tenant_id, email from users where id = any($1)", &users).fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|row| (UserId(row.id), TenantId(row.tenant_id), row.email)).collect())
}
