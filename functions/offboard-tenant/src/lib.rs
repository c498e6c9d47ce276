#![doc = include_str!("../README.md")]

pub mod export;
mod operation;

use tenantry_kernel::Workflow as _;
use tenantry_runtime::{
    Function,
    config::{self, Reader},
};
use tenantry_store::Db;
use tenantry_workflows::{tenant_export::TenantExport, tenant_offboarding::TenantOffboarding};

pub use operation::{Exports, Offboardings};

/// The function's name, and its queue's.
pub const NAME: &str = "offboard-tenant";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, db: &Db) -> Function {
    let Some(sealer) = config::sealer(read).await else { return Function::new(NAME) };
    let pages = export::Pages::new(db.clone(), sealer);
    Function::new(NAME)
        .performs(TenantOffboarding::KIND, Offboardings::new(pages.clone()))
        .performs(TenantExport::KIND, Exports::new(pages))
}
