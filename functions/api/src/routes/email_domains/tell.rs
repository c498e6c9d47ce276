//! A domain's life is told something.

use tenantry_model::RunId;
use tenantry_store::{Timing, Tx};

use crate::{
    error::Result,
    routes::life::{self, Told},
};

/// Tells a domain's life `dnsConfigured`, `refreshStatus` or `remove`. Whether it is of use now is for the life to say.
pub(crate) async fn tell(tx: &mut Tx, domain: RunId, name: &str, by: &str, timing: Timing) -> Result<Told> {
    life::tell(tx, domain, name, by, "The domain is removed. Add it again to use it again.", timing).await
}
