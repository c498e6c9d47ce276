#![doc = include_str!("../README.md")]

mod letter;
mod welcome;

use tenantry_kernel::line::Line as _;
use tenantry_provider::from_config;
use tenantry_runtime::{
    Function,
    config::{self, Reader},
};
use tenantry_store::Db;
use tenantry_workflows::tenant_onboarding::TenantOnboarding;

pub use welcome::Welcome;

/// The function's name, and its queue's.
pub const NAME: &str = "send-email";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, db: &Db) -> Function {
    let mail = config::mail(read).await;
    let settings = config::onboarding(read);
    let provider = from_config(mail.provider.clone()).map_err(|error| read.problem("EMAIL_PROVIDER", error));
    let (Some(sealer), Ok(provider)) = (config::sealer(read).await, provider) else { return Function::new(NAME) };
    Function::new(NAME).performs(TenantOnboarding::KIND, Welcome::new(db.clone(), provider, mail, settings, sealer))
}
