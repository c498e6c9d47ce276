//! A tenant's portal, as callers see it.

use serde::Serialize;
use serde_json::{Value, json};
use tenantry_runtime::config::Edition;
use utoipa::ToSchema;

use super::{COMMUNITY, place::Hostnames, shape::PortalHostname};
use crate::state::ApiState;

/// A tenant's portal: the host that it always answers at, and the hostname that the tenant has set, if any.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Portal {
    /// The host that the portal always answers at; none: the tenant is not set up yet.
    #[schema(example = "a1b2c3d.portal.example.com")]
    canonical_host: Option<String>,
    /// `community` or `enterprise`.
    edition: &'static str,
    /// Whether a hostname can be set here.
    editable: bool,
    /// What it takes where none can be set.
    note: Option<String>,
    /// The hostname that was set; where none is, its members are not there.
    #[serde(flatten)]
    hostname: Option<PortalHostname>,
    /// A second one that is on its way while the first serves, and then takes its place.
    replacement: Option<PortalHostname>,
}

impl Portal {
    /// What a tenant's rows say, for the tenant or for the platform's own people.
    pub(super) fn of(state: &ApiState, canonical_host: Option<String>, rows: &Hostnames, for_tenant: bool) -> Self {
        let editable = state.domains.edition == Edition::Enterprise;
        let shown = |row: &tenantry_store::portal::PortalRow| PortalHostname::of(row.clone(), for_tenant, editable);
        Self {
            canonical_host,
            edition: if editable { "enterprise" } else { "community" },
            editable,
            note: (!editable)
                .then(|| format!("{COMMUNITY} Ask the platform's operators about the edition for enterprises.")),
            hostname: rows.first().map(shown),
            replacement: rows.second().map(shown),
        }
    }
}

/// What the audit log keeps of a portal.
pub(super) fn kept(rows: &Hostnames) -> Value {
    let shown =
        |row: &tenantry_store::portal::PortalRow| json!({ "domain": row.domain, "status": row.result["status"] });
    json!({ "portal": rows.first().map(shown), "replacement": rows.second().map(shown) })
}
