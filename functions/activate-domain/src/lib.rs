#![doc = include_str!("../README.md")]

mod operation;
mod status;

use tenantry_kernel::Workflow as _;
use tenantry_outbox::Accounts;
use tenantry_runtime::{
    Function,
    config::{self, Reader},
};
use tenantry_store::Db;
use tenantry_workflows::email_domain::EmailDomain;

pub use operation::Activating;

/// The function's name, and its queue's.
pub const NAME: &str = "activate-domain";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, db: &Db) -> Function {
    let mail = config::mail(read).await;
    match Accounts::configured(&mail.provider, mail.fallback.as_ref(), tenantry_ses::from_config).await {
        Ok(accounts) => Function::new(NAME).performs(EmailDomain::KIND, Activating { db: db.clone(), accounts }),
        Err((name, error)) => {
            read.problem(name, error);
            Function::new(NAME)
        }
    }
}
