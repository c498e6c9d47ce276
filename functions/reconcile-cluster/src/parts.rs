//! What a reconcile works with, as the settings say.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use tenantry_cluster::{Access, Cluster, ClusterError};
use tenantry_git::{Credentials, GitError, Repository, Settings as GitSettings, Target};
use tenantry_model::Fault;
use tenantry_runtime::config::{ClusterAccess, GitOps, PortalCluster};
use tokio::sync::OnceCell;

use crate::{
    brake::Limits,
    render::{Issuer, Rendering, Service},
};

/// As whom we write in the cluster; never changed, since what was written belongs to it.
pub const FIELD_MANAGER: &str = "tenantry";
/// Where changes go that are to be looked at first, unless a branch is set for it.
const REVIEW: &str = "tenantry/portal-domains";

/// The repository of manifests.
pub struct Manifests {
    /// The repository.
    pub repository: Repository,
    /// The folder in it.
    pub root: String,
    /// Every change is for a pull request.
    pub review: bool,
    /// The branch for that.
    pub branch: String,
}

impl Manifests {
    /// Where a change goes; `review`: this one is for a pull request.
    #[must_use]
    pub fn target(&self, review: bool) -> Target {
        if review || self.review { Target::PullRequest(self.branch.clone()) } else { Target::Branch }
    }
}

/// A fault in the words of the cluster, for operators: tenants read their own ([`ClusterError::fault`]).
pub(crate) fn said(error: ClusterError) -> Fault {
    let message = format!("The cluster: {error}.");
    Fault { message, ..error.fault() }
}

/// What a reconcile works with.
pub struct Parts {
    access: Option<Access>,
    cluster: OnceCell<Cluster>,
    /// The repository; none: nothing is committed.
    pub manifests: Option<Manifests>,
    /// A folder in which the same files are written.
    pub folder: Option<PathBuf>,
    /// What the objects look like.
    pub rendering: Rendering,
    /// How much may go without a person.
    pub limits: Limits,
    /// Fields that somebody else has set are taken over.
    pub force: bool,
    /// So long others are waited for that begin at the same moment.
    pub settle: Duration,
}

impl Parts {
    /// The parts that the settings name. Nothing is connected yet.
    ///
    /// # Errors
    /// What is wrong with the repository's settings.
    pub fn new(settings: PortalCluster) -> Result<Arc<Self>, GitError> {
        let manifests = match settings.git {
            Some(git) => Some(manifests(git, settings.cache)?),
            None => None,
        };
        let service = |(host, port)| Service { host, port };
        let (key, value) = settings.gateway_selector;
        let (name, kind) = settings.issuer;
        let usual = Rendering::new(service(settings.service));
        let rendering = Rendering {
            gateway_namespace: settings.gateway_namespace,
            service_namespace: settings.service_namespace,
            certificate_namespace: settings.certificate_namespace,
            gateway_selector: BTreeMap::from([(key, value)]),
            issuer: Issuer { name, kind, ..usual.issuer.clone() },
            challenge: settings.challenge.map(service),
            ..usual
        };
        let limits = Limits {
            objects: settings.brake_objects as usize,
            share_percent: settings.brake_percent,
            ..Limits::default()
        };
        Ok(Arc::new(Self {
            access: access(settings.access),
            cluster: OnceCell::new(),
            manifests,
            folder: settings.folder,
            rendering,
            limits,
            force: settings.force,
            settle: settings.settle,
        }))
    }

    /// The cluster; none: somebody else applies what is in the repository.
    ///
    /// # Errors
    /// It cannot be connected to.
    pub async fn cluster(&self) -> Result<Option<&Cluster>, ClusterError> {
        match &self.access {
            None => Ok(None),
            Some(access) => {
                self.cluster.get_or_try_init(|| Cluster::connect(access.clone(), FIELD_MANAGER)).await.map(Some)
            }
        }
    }
}

fn access(access: ClusterAccess) -> Option<Access> {
    match access {
        ClusterAccess::Off => None,
        ClusterAccess::Kubeconfig { file, context } => Some(Access::Kubeconfig { file, context }),
        ClusterAccess::InCluster => Some(Access::InCluster),
        ClusterAccess::Eks { cluster, region, endpoint, certificate_authority } => {
            Some(Access::Eks { cluster, region, endpoint, certificate_authority })
        }
    }
}

fn manifests(git: GitOps, cache: PathBuf) -> Result<Manifests, GitError> {
    let GitOps { url, branch, root, pull_request, user, token, author: (author_name, author_email) } = git;
    let credentials = token.map(|token| Credentials { user, token });
    let timeout = GitSettings::TIMEOUT;
    let repository =
        Repository::new(GitSettings { url, branch, credentials, author_name, author_email, cache, timeout })?;
    let review = pull_request.is_some();
    Ok(Manifests { repository, root, review, branch: pull_request.unwrap_or_else(|| REVIEW.to_owned()) })
}
