//! A cluster with its gateway, and a repository of manifests to look into: where neither is named, and there is a DNS server whose
//! zones can be edited.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use tenantry_runtime::config::Environment;
use tenantry_standins::{
    cluster::{self, Cluster},
    dns::Dns,
};

use crate::{PartsOptions, parts::taken};

/// The zone of the canonical hosts on a laptop.
pub(crate) const ZONE: &str = "portal.tenantry.test";

/// What a cluster is played by.
pub struct ClusterParts {
    /// Its API, its issuer and its gateway.
    pub cluster: Cluster,
    /// The bare repository that manifests are pushed to.
    pub repository: PathBuf,
    folder: PathBuf,
    /// Kept as long as the stack runs, where nothing is kept for longer.
    _gone_with_it: Option<TempDir>,
}

/// Whether neither a cluster nor a repository is named.
pub(crate) fn is_wanted(environment: &Environment) -> bool {
    let named = ["PORTAL_DOMAIN_CLUSTER", "PORTAL_DOMAIN_GIT_REPO", "PORTAL_DOMAIN_MANIFEST_DIR"];
    named.iter().all(|name| environment.get(name).is_none())
}

impl ClusterParts {
    /// Starts it, where it is wanted, with its canonical hosts in the DNS.
    ///
    /// # Errors
    /// A port is taken, or the folder cannot be read or written.
    pub(crate) async fn start(options: &PartsOptions, dns: &Dns) -> Result<Option<Self>> {
        if !options.environment.as_ref().is_none_or(is_wanted) {
            return Ok(None);
        }
        let (folder, gone_with_it) = match &options.folder {
            Some(folder) => (std::path::absolute(folder)?.join("cluster"), None),
            None => {
                let folder = tempfile::tempdir().context("no temporary folder can be made")?;
                (folder.path().to_owned(), Some(folder))
            }
        };
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let ports = options.ports;
        let played = cluster::Options {
            port: ports.cluster,
            http_port: ports.gateway.map(|(http, _)| http),
            https_port: ports.gateway.map(|(_, https)| https),
            folder: gone_with_it.is_none().then(|| folder.join("objects")),
            canonical_zone: Some(ZONE.to_owned()),
            dns: Some(dns.addr()),
            ..cluster::Options::default()
        };
        let cluster = Cluster::start(played).await.with_context(|| taken("the cluster's stand-in", ports.cluster))?;
        let repository = folder.join("manifests.git");
        tenantry_git::make_bare(&repository).with_context(|| format!("cannot make {}", repository.display()))?;
        cluster.write_kubeconfig(&folder.join("kubeconfig"))?;
        fs::write(folder.join("ca.pem"), cluster.ca_pem())?;
        // Every canonical host is there, as a wildcard record has it in production.
        dns.add_zone(ZONE)?;
        dns.set(&format!("*.{ZONE}"), "A", 60, ["127.0.0.1"])?;
        Ok(Some(Self { cluster, repository, folder, _gone_with_it: gone_with_it }))
    }

    /// The settings that lead to it.
    pub(crate) fn settings(&self) -> [(&'static str, String); 9] {
        let (http, https) = (self.cluster.gateway_http().port(), self.cluster.gateway_https().port());
        let text = |path: &Path| path.to_string_lossy().into_owned();
        [
            ("PORTAL_DOMAIN_CLUSTER", "kubeconfig".to_owned()),
            ("PORTAL_DOMAIN_KUBECONFIG", text(&self.kubeconfig())),
            ("PORTAL_DOMAIN_GIT_REPO", text(&self.repository)),
            ("PORTAL_DOMAIN_CACHE", text(&self.folder.join("copy"))),
            ("PORTAL_DOMAIN_LOOPBACK_PORTS", format!("{http},{https}")),
            ("PORTAL_DOMAIN_LOOPBACK_CA", text(&self.authority())),
            ("PORTAL_DOMAIN_TEST_NAMES", "true".to_owned()),
            ("PORTAL_DOMAIN_SETTLE_MILLISECONDS", "200".to_owned()),
            // Nobody wants to wait for minutes on a laptop.
            ("PORTAL_DOMAIN_CONFIRM_SECONDS", "5".to_owned()),
        ]
    }

    /// A kubeconfig for it, which `kubectl` takes too.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kubeconfig")
    }

    /// The certificate of the authority that its gateway's certificates are of.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    pub(crate) async fn stop(self) {
        self.cluster.stop().await;
    }
}
