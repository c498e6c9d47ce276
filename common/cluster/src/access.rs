//! By what way a cluster is reached, and as whom.

use std::{fmt, path::PathBuf, time::Duration};

use kube::{
    Config,
    config::{KubeConfigOptions, Kubeconfig, KubeconfigError},
};
use serde_json::json;

use crate::{ClusterError, eks::Tokens};

/// For a connection to be made, TLS included.
const CONNECT: Duration = Duration::from_secs(5);

/// By what way a cluster is reached. That there is none is the absence of a [`crate::Cluster`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// As `kubectl` does. No file: `KUBECONFIG`, else `~/.kube/config`. No context: the file's current one. An exec
    /// plugin of the file's user is run.
    Kubeconfig {
        /// The file.
        file: Option<PathBuf>,
        /// One of its contexts.
        context: Option<String>,
    },
    /// From a pod: its service account's token, read again every minute, and `KUBERNETES_SERVICE_HOST`.
    InCluster,
    /// An EKS cluster, with the AWS credentials of this process.
    Eks {
        /// Its name, which the token is for.
        cluster: String,
        /// Its region, whose STS signs.
        region: String,
        /// `https://....eks.amazonaws.com`.
        endpoint: String,
        /// Its certificate authority as EKS tells it: base64 of PEM.
        certificate_authority: String,
    },
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kubeconfig { file: Some(file), .. } => write!(f, "kubeconfig {}", file.display()),
            Self::Kubeconfig { file: None, .. } => f.write_str("kubeconfig"),
            Self::InCluster => f.write_str("the cluster that we run in"),
            Self::Eks { cluster, region, .. } => write!(f, "EKS cluster {cluster} in {region}"),
        }
    }
}

impl Access {
    /// What a client is made of: where, whom to trust there, who we are; and where every call needs a token that we
    /// make ourselves, the maker.
    pub(crate) async fn open(&self) -> Result<(Config, Option<Tokens>), ClusterError> {
        let (mut config, tokens) = match self {
            Self::Kubeconfig { file, context } => {
                let file = match file {
                    Some(file) => Kubeconfig::read_from(file),
                    None => Kubeconfig::read(),
                };
                (load(file.map_err(|error| told(&error))?, context.clone()).await?, None)
            }
            Self::InCluster => (Config::incluster().map_err(|error| in_cluster(&error))?, None),
            Self::Eks { cluster, region, endpoint, certificate_authority } => {
                let config = load(eks(endpoint, certificate_authority)?, None).await?;
                (config, Some(Tokens::of_this_process(cluster, region).await?))
            }
        };
        config.connect_timeout = Some(CONNECT);
        // Every call as a whole has a time-out of its own; kube's would count the time a connection was idle.
        config.read_timeout = None;
        config.write_timeout = None;
        // Whether and when again is the caller's to say.
        config.default_retry = false;
        Ok((config, tokens))
    }
}

async fn load(file: Kubeconfig, context: Option<String>) -> Result<Config, ClusterError> {
    let chosen = context.as_ref().or(file.current_context.as_ref());
    let proxy = file
        .contexts
        .iter()
        .find(|named| Some(&named.name) == chosen)
        .and_then(|named| named.context.as_ref())
        .and_then(|context| file.clusters.iter().find(|named| named.name == context.cluster))
        .and_then(|named| named.cluster.as_ref())
        .is_some_and(|cluster| cluster.proxy_url.as_ref().is_some_and(|url| !url.is_empty()));
    if proxy {
        let why = "its kubeconfig names a proxy-url, and proxies are not supported; use a route without one";
        return Err(ClusterError::Access { why: why.to_owned() });
    }
    let options = KubeConfigOptions { context, cluster: None, user: None };
    let mut config = Config::from_custom_kubeconfig(file, &options).await.map_err(|error| told(&error))?;
    // The environment's proxy is for what goes to the internet; kube takes it for the cluster, too.
    config.proxy_url = None;
    Ok(config)
}

/// What `aws eks update-kubeconfig` would write, without its user.
fn eks(endpoint: &str, certificate_authority: &str) -> Result<Kubeconfig, ClusterError> {
    let cluster = json!({"server": endpoint, "certificate-authority-data": certificate_authority});
    let file = json!({
        "clusters": [{"name": "eks", "cluster": cluster}],
        "contexts": [{"name": "eks", "context": {"cluster": "eks"}}],
        "current-context": "eks",
    });
    serde_json::from_value(file)
        .map_err(|_| ClusterError::Access { why: "endpoint or certificate authority cannot be used".to_owned() })
}

/// In our words: a parser's error quotes the file, and the file holds secrets.
fn told(error: &KubeconfigError) -> ClusterError {
    let why = match error {
        KubeconfigError::ReadConfig(error, path) => {
            format!("the kubeconfig {} cannot be read: {}", path.display(), error.kind())
        }
        KubeconfigError::FindPath => "there is no kubeconfig: neither KUBECONFIG nor a home folder is set".to_owned(),
        KubeconfigError::CurrentContextNotSet => {
            "the kubeconfig has no current context; name one of its contexts".to_owned()
        }
        KubeconfigError::LoadContext(name) => format!("the kubeconfig has no context {name:?}"),
        KubeconfigError::LoadClusterOfContext(name) => format!("the kubeconfig has no cluster {name:?}"),
        KubeconfigError::Parse(_) | KubeconfigError::KindMismatch | KubeconfigError::ApiVersionMismatch => {
            "the kubeconfig is not one: it cannot be parsed".to_owned()
        }
        KubeconfigError::MissingClusterUrl => "the kubeconfig names no server for the cluster".to_owned(),
        KubeconfigError::ParseClusterUrl(_) => "the address of the server is not a URL".to_owned(),
        KubeconfigError::ParseProxyUrl(_) => "the proxy of the environment is not a URL".to_owned(),
        KubeconfigError::LoadCertificateAuthority(_) | KubeconfigError::ParseCertificates(_) => {
            "the certificate authority of the cluster is not base64 of PEM, or its file cannot be read".to_owned()
        }
        KubeconfigError::LoadClientCertificate(_) | KubeconfigError::LoadClientKey(_) => {
            "the client certificate or its key is not base64 of PEM, or its file cannot be read".to_owned()
        }
    };
    ClusterError::Access { why }
}

fn in_cluster(error: &kube::config::InClusterError) -> ClusterError {
    use kube::config::InClusterError as Error;
    let why = match error {
        Error::ReadEnvironmentVariable(_) | Error::ParseClusterPort(_) | Error::ParseClusterUrl(_) => {
            "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not say where; do we run in a pod?"
        }
        Error::ReadDefaultNamespace(_) | Error::ReadCertificateBundle(_) | Error::ParseCertificates(_) => {
            "the service account's files cannot be read; is its token mounted?"
        }
    };
    ClusterError::Access { why: why.to_owned() }
}
