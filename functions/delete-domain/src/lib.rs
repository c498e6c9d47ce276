#![doc = include_str!("../README.md")]

mod operation;
mod orphans;

use std::sync::Arc;

use tenantry_kernel::Workflow as _;
use tenantry_outbox::Accounts;
use tenantry_runtime::{
    Function,
    config::{self, Reader},
};
use tenantry_store::Db;
use tenantry_workflows::{email_domain::EmailDomain, orphan_report::OrphanReport};

pub use operation::Removal;
pub use orphans::Orphans;

/// The function's name, and its queue's.
pub const NAME: &str = "delete-domain";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, db: &Db) -> Function {
    let mail = config::mail(read).await;
    let settings = config::domains(read);
    match Accounts::configured(&mail.provider, mail.fallback.as_ref(), tenantry_ses::from_config).await {
        Ok(accounts) => {
            let accounts = Arc::new(accounts);
            let removal = Removal { db: db.clone(), accounts: accounts.clone() };
            let orphans = Orphans { accounts, provider: settings.provider };
            Function::new(NAME).performs(EmailDomain::KIND, removal).performs(OrphanReport::KIND, orphans)
        }
        Err((name, error)) => {
            read.problem(name, error);
            Function::new(NAME)
        }
    }
}
