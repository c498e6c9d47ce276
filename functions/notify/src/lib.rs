#![doc = include_str!("../README.md")]

mod domain_letter;
mod event;
mod leaving;
mod letter;
mod operators;
mod portal_letter;
mod publish;
mod tell;
mod tenants;
mod webhook;
mod webhook_letter;

use tenantry_outbox::Accounts;
use tenantry_runtime::{
    Function,
    config::{self, Edition, Reader},
};
use tenantry_store::Db;

pub use operators::Operators;
pub use publish::Publisher;
pub use tell::Notify;
pub use tenants::Tenants;
pub use webhook::{Endpoint, EndpointError};

/// The function's name, and its queue's.
pub const NAME: &str = "notify";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, db: &Db) -> Function {
    let mail = config::mail(read).await;
    let webhook = match config::lifecycle_webhook(read).await.map(|settings| Endpoint::new(&settings)).transpose() {
        Ok(webhook) => webhook,
        Err(error) => {
            read.problem(error.setting(), &error);
            None
        }
    };
    // Elsewhere nobody brings a name of its own.
    let tenants = match config::edition(read) {
        Edition::Enterprise => {
            let public_url = read.required("PUBLIC_URL");
            // Mails about webhooks lead there. Where operators are told, it was asked for already.
            if mail.console_url.is_empty() && mail.operators.is_none() {
                read.required("CONSOLE_URL");
            }
            let sealer = config::sealer(read).await;
            let portal_page = config::portal_page(read);
            sealer.map(|sealer| Tenants::new(db.clone(), sealer, mail.clone(), &public_url, portal_page))
        }
        Edition::Community => None,
    };
    match Accounts::configured(&mail.provider, mail.fallback.as_ref(), tenantry_ses::from_config).await {
        Ok(accounts) => {
            let operators = Operators::new(db.clone(), mail, accounts);
            Function::new(NAME).tells(Notify { operators, tenants, webhook, publisher: Publisher::new(db.clone()) })
        }
        Err((name, error)) => {
            read.problem(name, error);
            Function::new(NAME)
        }
    }
}
