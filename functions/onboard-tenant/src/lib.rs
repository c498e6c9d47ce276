#![doc = include_str!("../README.md")]

mod imports;
mod steps;

use tenantry_kernel::{Workflow as _, line::Line as _};
use tenantry_runtime::{
    Function,
    config::{self, Reader},
};
use tenantry_store::Db;
use tenantry_workflows::{tenant_import::TenantImport, tenant_onboarding::TenantOnboarding};

pub use imports::Imports;
pub use steps::Steps;

/// The function's name, and its queue's.
pub const NAME: &str = "onboard-tenant";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, db: &Db) -> Function {
    let settings = config::onboarding(read);
    let Some(sealer) = config::sealer(read).await else { return Function::new(NAME) };
    let imports = Imports::new(db.clone(), settings.imports_at_once, settings.credential);
    Function::new(NAME)
        .performs(TenantOnboarding::KIND, Steps::new(settings, sealer))
        .performs(TenantImport::KIND, imports)
}
