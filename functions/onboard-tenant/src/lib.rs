#![doc = include_str!("../README.md")]

mod steps;

use tenantry_kernel::line::Line as _;
use tenantry_runtime::{
    Function,
    config::{self, Reader},
};
use tenantry_store::Db;
use tenantry_workflows::tenant_onboarding::TenantOnboarding;

pub use steps::Steps;

/// The function's name, and its queue's.
pub const NAME: &str = "onboard-tenant";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, _: &Db) -> Function {
    let settings = config::onboarding(read);
    let Some(sealer) = config::sealer(read).await else { return Function::new(NAME) };
    Function::new(NAME).performs(TenantOnboarding::KIND, Steps::new(settings, sealer))
}
