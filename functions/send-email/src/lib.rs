#![doc = include_str!("../README.md")]

mod deliver;
mod resume;
mod welcome;

use std::sync::Arc;

use tenantry_kernel::{Workflow as _, line::Line as _};
use tenantry_mail::Limits;
use tenantry_outbox::{Accounts, Outbox, Patterns};
use tenantry_runtime::{
    Function,
    config::{self, Reader},
};
use tenantry_store::Db;
use tenantry_workflows::{
    email_delivery::EmailDelivery, sending_pause::SendingPause, tenant_onboarding::TenantOnboarding,
};

pub use deliver::Delivery;
pub use resume::Resume;
pub use welcome::Welcome;

/// The function's name, and its queue's.
pub const NAME: &str = "send-email";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, db: &Db) -> Function {
    let mail = config::mail(read).await;
    let settings = config::onboarding(read);
    let accounts = Accounts::configured(&mail.provider, mail.fallback.as_ref(), tenantry_ses::from_config).await;
    let accounts = accounts.map_err(|(name, error)| read.problem(name, error));
    let (Some(sealer), Ok(accounts)) = (config::sealer(read).await, accounts) else { return Function::new(NAME) };
    let accounts = Arc::new(accounts);
    let delivery = Delivery {
        db: db.clone(),
        accounts: accounts.clone(),
        outbox: Outbox::new(sealer.clone(), Limits::default(), mail.retention),
        patterns: Patterns { subdomain: mail.subdomain.clone() },
        settings: mail.clone(),
    };
    Function::new(NAME)
        .performs(TenantOnboarding::KIND, Welcome::new(db.clone(), accounts, mail, settings, sealer))
        .performs(EmailDelivery::KIND, delivery.clone())
        .performs(SendingPause::KIND, Resume)
        .draws(delivery)
}
