#![doc = include_str!("../README.md")]

mod answer;
mod operation;

use tenantry_fetch::Guarded;
use tenantry_kernel::Workflow as _;
use tenantry_runtime::{
    Function,
    config::{self, Reader},
};
use tenantry_store::Db;
use tenantry_workflows::webhook_delivery::WebhookDelivery;

pub use operation::{TIME_OUT, Webhooks};

/// The function's name, and its queue's.
pub const NAME: &str = "deliver-webhook";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, db: &Db) -> Function {
    let client = if config::webhook_loopback(read) { Guarded::with_loopback() } else { Guarded::new() };
    let sealer = config::sealer(read).await;
    match (client, sealer) {
        (Ok(client), Some(sealer)) => Function::new(NAME)
            .performs(WebhookDelivery::KIND, Webhooks { db: db.clone(), client, sealer, patience: TIME_OUT }),
        (Err(error), _) => {
            read.problem("WEBHOOK_LOOPBACK", error);
            Function::new(NAME)
        }
        (Ok(_), None) => Function::new(NAME),
    }
}
