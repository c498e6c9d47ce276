#![doc = include_str!("../README.md")]

mod operation;
mod verdict;

use tenantry_dns::{Places, Resolver};
use tenantry_kernel::Workflow as _;
use tenantry_runtime::{
    Function,
    config::{self, Reader},
};
use tenantry_store::Db;
use tenantry_workflows::email_domain::EmailDomain;

pub use operation::Looking;

/// The function's name, and its queue's.
pub const NAME: &str = "check-dns";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, db: &Db) -> Function {
    let settings = config::domains(read);
    let usual = Places::default();
    let places =
        Places { server: settings.server, public: settings.resolvers.unwrap_or_else(|| usual.public.clone()), ..usual };
    Function::new(NAME).performs(EmailDomain::KIND, Looking { db: db.clone(), resolver: Resolver::new(places) })
}
