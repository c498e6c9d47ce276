#![doc = include_str!("../README.md")]

pub mod apply;
pub mod brake;
pub mod diagnosis;
pub mod files;
mod folder;
pub mod labels;
mod look;
mod operation;
pub mod parts;
pub mod plan;
pub mod reconcile;
pub mod render;
pub mod show;
mod world;
pub mod yaml;

use tenantry_kernel::Workflow as _;
use tenantry_runtime::{
    Function,
    config::{self, Reader},
};
use tenantry_store::Db;
use tenantry_workflows::{portal_domain::PortalDomain, portal_sync::PortalSync};

pub use operation::{Hostnames, Reconciles};
pub use parts::Parts;

/// The function's name, and its queue's.
pub const NAME: &str = "reconcile-cluster";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, db: &Db) -> Function {
    let settings = config::portal_cluster(read).await;
    match Parts::new(settings) {
        Ok(parts) => {
            let hostnames = Hostnames { db: db.clone(), parts: parts.clone() };
            let reconciles = Reconciles { db: db.clone(), parts };
            Function::new(NAME).performs(PortalDomain::KIND, hostnames).performs(PortalSync::KIND, reconciles)
        }
        Err(error) => {
            read.problem("PORTAL_DOMAIN_GIT_REPO", error);
            Function::new(NAME)
        }
    }
}
