#![doc = include_str!("../README.md")]

mod look;
mod operation;
pub mod preflight;
pub mod probe;
mod rows;
mod words;

use tenantry_dns::{Places, Resolver};
use tenantry_fetch::{Prober, Reach};
use tenantry_kernel::Workflow as _;
use tenantry_runtime::{
    Function,
    config::{self, PortalLooks, Reader},
};
use tenantry_store::{Db, portal::OrderLimits};
use tenantry_workflows::portal_domain::PortalDomain;

pub use look::Eyes;
pub use operation::Portals;

/// The function's name, and its queue's.
pub const NAME: &str = "check-portal";

/// The function, as the settings say; what is wrong with them is left in `read`.
pub async fn function(read: &mut Reader, db: &Db) -> Function {
    let settings = config::portal_looks(read);
    let mut places = Places { server: settings.server, ..Places::default() };
    if let Some(public) = settings.resolvers.clone() {
        places.public = public;
    } else if places.server.is_some() {
        // Whoever names one server wants no other to be asked.
        places.public.clear();
    }
    let Some(prober) = prober(read, &settings) else { return Function::new(NAME) };
    let eyes = Eyes { resolver: Resolver::new(places), prober, ca: settings.ca, ca_account: settings.ca_account };
    let limits = OrderLimits {
        account: settings.orders_account,
        registered: settings.orders_registered,
        name: settings.orders_name,
        failures: settings.order_failures,
    };
    let portals = Portals { db: db.clone(), eyes, limits, sync_every: settings.sync_every };
    Function::new(NAME).performs(PortalDomain::KIND, portals)
}

fn prober(read: &mut Reader, settings: &PortalLooks) -> Option<Prober> {
    let reach = match (settings.loopback, &settings.loopback_ca) {
        (None, _) => Reach::Public,
        (Some((http, https)), None) => Reach::for_tests(http, https, None),
        (Some((http, https)), Some(file)) => match std::fs::read_to_string(file) {
            Ok(pem) => Reach::for_tests(http, https, Some(&pem)),
            Err(error) => {
                read.problem("PORTAL_DOMAIN_LOOPBACK_CA", format!("names a file that cannot be read: {error}"));
                return None;
            }
        },
    };
    Prober::new(reach).map_err(|error| read.problem("PORTAL_DOMAIN_LOOPBACK_CA", error)).ok()
}
