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
    let mut places = Places { server: settings.server, ..Places::default() };
    if let Some(public) = settings.resolvers {
        places.public = public;
    } else if places.server.is_some() {
        // Whoever names one server wants no other to be asked.
        places.public.clear();
    }
    Function::new(NAME).performs(EmailDomain::KIND, Looking { db: db.clone(), resolver: Resolver::new(places) })
}
