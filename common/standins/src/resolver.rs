//! A resolver for stand-ins that look something up.

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::{Resolver, TokioResolver};
use std::io::{Error, Result};
use std::net::SocketAddr;
use std::time::Duration;

/// How long one try may take; there are two.
const PATIENCE: Duration = Duration::from_secs(1);

/// A resolver that asks this server only and remembers nothing.
pub(crate) fn resolver(server: SocketAddr) -> Result<TokioResolver> {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
    let mut options = ResolverOpts::default();
    (options.cache_size, options.attempts, options.timeout) = (0, 1, PATIENCE);
    let config = ResolverConfig::from_name_servers(vec![server]);
    let builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default()).with_options(options);
    builder.build().map_err(Error::other)
}
