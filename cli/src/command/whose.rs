//! Which tenant is meant.

use serde::Deserialize;

use crate::{client::Client, failure::Failure};

/// The tenant that was named, else the caller's own.
pub(super) async fn tenant(named: Option<String>, client: &Client) -> Result<String, Failure> {
    match tenant_if_any(named, client).await? {
        Some(tenant) => Ok(tenant),
        None => Err(unknown()),
    }
}

/// As [`tenant`]; none for a caller who belongs to none.
pub(super) async fn tenant_if_any(named: Option<String>, client: &Client) -> Result<Option<String>, Failure> {
    #[derive(Deserialize)]
    struct Me {
        #[serde(default)]
        tenant: Option<String>,
    }
    if named.is_some() {
        return Ok(named);
    }
    let me: Me = client.get(&["v1", "me"], &[]).await?.read()?;
    Ok(me.tenant)
}

/// Nobody has said which.
pub(super) fn unknown() -> Failure {
    Failure::Usage {
        what: "It is not said which tenant is meant, and you belong to none".to_owned(),
        next: "Name it with --tenant; find its id with: tenantry tenant list".to_owned(),
    }
}
