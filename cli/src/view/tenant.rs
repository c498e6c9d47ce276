//! Tenants.

use serde::Deserialize;

use super::{
    moment::Moment,
    table::{Toned, details, or_dash, status, table, time_or_dash},
};
use crate::output::Paint;

/// A tenant.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// `ten_...`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    #[serde(default)]
    pub slug: Option<String>,
    /// Its contact address.
    #[serde(default)]
    pub email: Option<String>,
    /// Its plan.
    #[serde(default)]
    pub contract_line: Option<String>,
    /// `provisioning`, `active`, `suspended`, `offboarding`, `offboarded`
    pub status: String,
    /// The caller's own key.
    #[serde(default)]
    pub external_key: Option<String>,
    /// Where its people log in.
    #[serde(default)]
    pub portal_host: Option<String>,
    /// The run that made it.
    #[serde(default)]
    pub run_id: Option<String>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<Moment>,
    /// When it became active.
    #[serde(default)]
    pub activated_at: Option<Moment>,
    /// Since when it is suspended.
    #[serde(default)]
    pub suspended_at: Option<Moment>,
    /// Why.
    #[serde(default)]
    pub suspended_reason: Option<String>,
    /// The run that takes it down.
    #[serde(default)]
    pub offboarding_run_id: Option<String>,
}

/// Tenants, one per line.
#[must_use]
pub fn tenants(tenants: &[Tenant], paint: Paint) -> String {
    let row = |tenant: &Tenant| {
        vec![
            tenant.id.as_str().into(),
            tenant.name.as_str().into(),
            status(&tenant.status),
            or_dash(tenant.contract_line.as_deref()),
            or_dash(tenant.email.as_deref()),
            or_dash(tenant.external_key.as_deref()),
            time_or_dash(tenant.created_at),
        ]
    };
    let head = ["TENANT", "NAME", "STATUS", "PLAN", "CONTACT", "EXTERNAL KEY", "CREATED (UTC)"];
    table(&head, tenants.iter().map(row).collect(), "No tenants.", paint)
}

/// One tenant.
#[must_use]
pub fn tenant(tenant: &Tenant, paint: Paint) -> String {
    let mut pairs = vec![
        ("tenant", tenant.id.as_str().into()),
        ("name", tenant.name.as_str().into()),
        ("status", status(&tenant.status)),
    ];
    let more = [
        ("slug", &tenant.slug),
        ("contact", &tenant.email),
        ("plan", &tenant.contract_line),
        ("portal", &tenant.portal_host),
        ("external key", &tenant.external_key),
        ("run", &tenant.run_id),
        ("offboarding", &tenant.offboarding_run_id),
        ("suspended because", &tenant.suspended_reason),
    ];
    pairs.extend(more.into_iter().filter_map(|(name, value)| Some((name, Toned::from(value.as_deref()?)))));
    pairs.push(("created (UTC)", time_or_dash(tenant.created_at)));
    pairs.push(("active (UTC)", time_or_dash(tenant.activated_at)));
    if tenant.suspended_at.is_some() {
        pairs.push(("suspended (UTC)", time_or_dash(tenant.suspended_at)));
    }
    details(pairs, paint)
}
