//! Which of a tenant's hostnames is which. It has one, two while one takes the other's place, and more while old ones go.

use serde_json::json;
use tenantry_model::{Domain, TenantId};
use tenantry_store::{
    StoreError, Tx,
    portal::{PortalFilter, PortalRow, portals_of},
};
use tenantry_workflows::portal_domain::State;

use crate::error::Result;

/// More than a tenant has at any time: two, and those that are being taken down.
const MOST: i64 = 100;

/// How a hostname stands, as far as a wish about it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// It serves, or is on its way.
    Wanted,
    /// It is on its way back.
    Returning,
    /// It is being taken down, or let go of.
    Leaving,
    /// It is down, and may come back.
    Down,
}

/// How a hostname stands. One whose life a newer version has written counts as wanted: it hears what it is told by itself.
pub(super) fn stand(row: &PortalRow) -> Stand {
    match serde_json::from_value(json!(row.state)) {
        Ok(State::Reopening) => Stand::Returning,
        Ok(State::Withdrawing | State::Pruning | State::Closing | State::Closed) => Stand::Leaving,
        Ok(State::Disabled) => Stand::Down,
        _ => Stand::Wanted,
    }
}

/// A tenant's hostnames that are not over, newest first.
pub(super) struct Hostnames(pub(super) Vec<PortalRow>);

impl Hostnames {
    /// All of them, as far as the transaction sees.
    pub(super) async fn of(tx: &mut Tx, tenant: TenantId) -> Result<Self> {
        let filter = PortalFilter { tenant: Some(tenant), limit: MOST, ..PortalFilter::default() };
        Ok(Self(portals_of(tx, &filter).await?))
    }

    /// The one of this name.
    pub(super) fn named(&self, domain: &Domain) -> Option<&PortalRow> {
        self.0.iter().find(|row| row.domain == domain.as_str())
    }

    /// Those that serve or are on their way.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &PortalRow> {
        self.0.iter().filter(|row| matches!(stand(row), Stand::Wanted | Stand::Returning))
    }

    /// The one that is the tenant's portal, or is to become it, or was last.
    pub(super) fn first(&self) -> Option<&PortalRow> {
        self.0.iter().find(|row| row.active).or_else(|| self.wanted().next()).or_else(|| self.0.first())
    }

    /// The one that is on its way while [`Self::first`] serves.
    pub(super) fn second(&self) -> Option<&PortalRow> {
        let first = self.first().filter(|row| row.active)?;
        self.wanted().find(|row| row.id != first.id)
    }

    /// Which of them are meant: the one of a name, else what is wanted, else what was last.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn meant(&self, domain: Option<&Domain>) -> Result<Vec<&PortalRow>> {
        let found: Vec<&PortalRow> = match domain {
            Some(domain) => self.named(domain).into_iter().collect(),
            None => self.wanted().collect(),
        };
        let found = if found.is_empty() && domain.is_none() { self.first().into_iter().collect() } else { found };
        if found.is_empty() { Err(StoreError::NotFound("hostname of the portal").into()) } else { Ok(found) }
    }
}
