//! Hostnames that tenants bring for their portals, and how they come into the cluster.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use secrecy::SecretString;

use super::{Reader, domains::address};

/// How hostnames are looked at from outside.
#[derive(Debug, Clone)]
pub struct PortalLooks {
    /// `PORTAL_DOMAIN_CA` (`letsencrypt.org`): the authority's name in CAA records.
    pub ca: String,
    /// `PORTAL_DOMAIN_CA_ACCOUNT`: the URI of our account there (RFC 8657).
    pub ca_account: Option<String>,
    /// `PORTAL_DOMAIN_ORDERS_ACCOUNT` (1 to 100,000; 300): orders of the account in 3 hours.
    pub orders_account: u32,
    /// `PORTAL_DOMAIN_ORDERS_REGISTERED` (1 to 100,000; 50): certificates of a registered domain in 7 days.
    pub orders_registered: u32,
    /// `PORTAL_DOMAIN_ORDERS_NAME` (1 to 1000; 5): certificates of the same name in 7 days.
    pub orders_name: u32,
    /// `PORTAL_DOMAIN_ORDER_FAILURES` (1 to 1000; 5): failed validations of a name in an hour.
    pub order_failures: u32,
    /// `PORTAL_DOMAIN_SYNC_MINUTES` (1 to 1440; 15): the cluster is compared with the rows so often, to see what others have changed.
    pub sync_every: Duration,
    /// `DNS_SERVER`, `DNS_RESOLVERS`: as for sending domains.
    pub server: Option<SocketAddr>,
    /// See `server`.
    pub resolvers: Option<Vec<SocketAddr>>,
    /// `PORTAL_DOMAIN_LOOPBACK_PORTS` (`8080,8443`): a gateway of this machine, for laptops and tests; no deployment sets it.
    pub loopback: Option<(u16, u16)>,
    /// `PORTAL_DOMAIN_LOOPBACK_CA` (a file): whose certificates that gateway shows.
    pub loopback_ca: Option<PathBuf>,
}

/// Reads [`PortalLooks`].
pub fn portal_looks(read: &mut Reader) -> PortalLooks {
    let loopback = read.text("PORTAL_DOMAIN_LOOPBACK_PORTS").and_then(|text| {
        let ports = text
            .split_once(',')
            .and_then(|(http, https)| Some((http.trim().parse().ok()?, https.trim().parse().ok()?)));
        if ports.is_none() {
            read.problem(
                "PORTAL_DOMAIN_LOOPBACK_PORTS",
                "must be two ports: that for http and that for https, as 8080,8443",
            );
        }
        ports
    });
    PortalLooks {
        ca: read.text("PORTAL_DOMAIN_CA").unwrap_or_else(|| "letsencrypt.org".to_owned()),
        ca_account: read.text("PORTAL_DOMAIN_CA_ACCOUNT"),
        orders_account: read.number("PORTAL_DOMAIN_ORDERS_ACCOUNT", 300, 1..=100_000),
        orders_registered: read.number("PORTAL_DOMAIN_ORDERS_REGISTERED", 50, 1..=100_000),
        orders_name: read.number("PORTAL_DOMAIN_ORDERS_NAME", 5, 1..=1000),
        order_failures: read.number("PORTAL_DOMAIN_ORDER_FAILURES", 5, 1..=1000),
        sync_every: Duration::from_secs(60 * read.number::<u64>("PORTAL_DOMAIN_SYNC_MINUTES", 15, 1..=1440)),
        server: read.text("DNS_SERVER").and_then(|text| address(read, "DNS_SERVER", &text)),
        resolvers: read
            .text("DNS_RESOLVERS")
            .map(|text| text.split(',').filter_map(|one| address(read, "DNS_RESOLVERS", one.trim())).collect()),
        loopback,
        loopback_ca: read.text("PORTAL_DOMAIN_LOOPBACK_CA").map(PathBuf::from),
    }
}

/// Which hostnames tenants may set.
#[derive(Debug, Clone)]
pub struct PortalNames {
    /// `PORTAL_ZONE`: the zone of the canonical hosts.
    pub zone: String,
    /// `PORTAL_DOMAIN_RESERVED` (`example.com,example.net`): other names of the platform's own; nothing at or below them is taken.
    pub reserved: Vec<String>,
    /// `PORTAL_DOMAIN_TEST_NAMES` (off): names below `.test` are taken too. For laptops and tests.
    pub test_names: bool,
    /// `PORTAL_DOMAIN_CONFIRM_SECONDS` (1 to 3600; 300): a hostname must be seen twice to point here, so far apart.
    pub confirm: Duration,
}

/// Reads [`PortalNames`].
pub fn portal_names(read: &mut Reader) -> PortalNames {
    PortalNames {
        zone: read.required("PORTAL_ZONE"),
        reserved: list(read.text("PORTAL_DOMAIN_RESERVED")),
        test_names: read.switch("PORTAL_DOMAIN_TEST_NAMES", false),
        confirm: read.seconds("PORTAL_DOMAIN_CONFIRM_SECONDS", 300, 1..=3600),
    }
}

/// `PORTAL_PAGE_URL_PATTERN` (the console's page of the tenant's portal below `CONSOLE_URL`; without one `https://{host}/`): where a
/// tenant sees how its hostname stands, with `{host}` for its canonical host, or `{tenant}` for its id.
pub fn portal_page(read: &mut Reader) -> String {
    let name = "PORTAL_PAGE_URL_PATTERN";
    let console =
        read.text("CONSOLE_URL").map(|url| format!("{}/tenants/{{tenant}}/portal", url.trim_end_matches('/')));
    let pattern = read.pattern(name, Some(console.as_deref().unwrap_or("https://{host}/")), &[]);
    if !pattern.contains("{host}") && !pattern.contains("{tenant}") {
        read.problem(name, "must contain {host} or {tenant}");
    }
    pattern
}

fn list(text: Option<String>) -> Vec<String> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

/// How the cluster is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterAccess {
    /// Not at all: somebody else applies what is in the repository.
    Off,
    /// By a kubeconfig.
    Kubeconfig {
        /// `PORTAL_DOMAIN_KUBECONFIG`: the file; usually `KUBECONFIG`, or `~/.kube/config`.
        file: Option<PathBuf>,
        /// `PORTAL_DOMAIN_KUBE_CONTEXT`: usually the current one.
        context: Option<String>,
    },
    /// As a pod of it.
    InCluster,
    /// EKS, by a token of the function's role.
    Eks {
        /// `PORTAL_DOMAIN_EKS_CLUSTER`: its name.
        cluster: String,
        /// `AWS_REGION`.
        region: String,
        /// `PORTAL_DOMAIN_EKS_ENDPOINT`: `https://...eks.amazonaws.com`.
        endpoint: String,
        /// `PORTAL_DOMAIN_EKS_CA`: its certificate authority, in base64 as EKS shows it.
        certificate_authority: String,
    },
}

/// The repository of manifests.
#[derive(Debug, Clone)]
pub struct GitOps {
    /// `PORTAL_DOMAIN_GIT_REPO`: `https://...`, or a folder on a laptop.
    pub url: String,
    /// `PORTAL_DOMAIN_GIT_BRANCH` (`main`).
    pub branch: String,
    /// `PORTAL_DOMAIN_GIT_ROOT` (`portal-domains`): the folder in it; production and staging have one each.
    pub root: String,
    /// `PORTAL_DOMAIN_GIT_PULL_REQUEST` (a branch): changes are pushed there, for a pull request; usually to the branch itself.
    pub pull_request: Option<String>,
    /// `PORTAL_DOMAIN_GIT_USER` (`x-access-token`).
    pub user: String,
    /// `PORTAL_DOMAIN_GIT_TOKEN` (secret).
    pub token: Option<SecretString>,
    /// `PORTAL_DOMAIN_GIT_AUTHOR` (`Tenantry <tenantry@PORTAL_ZONE>`): name and address of the commits.
    pub author: (String, String),
}

/// How hostnames come into the cluster.
#[derive(Debug, Clone)]
pub struct PortalCluster {
    /// `PORTAL_DOMAIN_CLUSTER`: `off` (usual), `kubeconfig`, `in-cluster`, `eks`.
    pub access: ClusterAccess,
    /// `PORTAL_DOMAIN_GIT_REPO`; none: no repository.
    pub git: Option<GitOps>,
    /// `PORTAL_DOMAIN_MANIFEST_DIR`: the files are written here as well.
    pub folder: Option<PathBuf>,
    /// `PORTAL_DOMAIN_CACHE` (a folder for temporary files): where the copy of the repository is kept.
    pub cache: PathBuf,
    /// `PORTAL_DOMAIN_GATEWAY_NAMESPACE` (`istio-system`).
    pub gateway_namespace: String,
    /// `PORTAL_DOMAIN_GATEWAY_SELECTOR` (`istio=ingressgateway`).
    pub gateway_selector: (String, String),
    /// `PORTAL_DOMAIN_SERVICE_NAMESPACE` (`msp`).
    pub service_namespace: String,
    /// `PORTAL_DOMAIN_SERVICE_HOST` (`portal.msp.svc.cluster.local`) and `PORTAL_DOMAIN_SERVICE_PORT` (3000).
    pub service: (String, u16),
    /// `PORTAL_DOMAIN_CHALLENGE_HOST`, `PORTAL_DOMAIN_CHALLENGE_PORT` (8089): what answers the authority; none: the issuer's own.
    pub challenge: Option<(String, u16)>,
    /// `PORTAL_DOMAIN_CERT_NAMESPACE`: usually the gateway's, which is where it reads certificates.
    pub certificate_namespace: Option<String>,
    /// `PORTAL_DOMAIN_CERT_ISSUER` (`letsencrypt-http01`), `PORTAL_DOMAIN_CERT_ISSUER_KIND` (`ClusterIssuer`).
    pub issuer: (String, String),
    /// `PORTAL_DOMAIN_FORCE` (off): fields that somebody else has set are taken over.
    pub force: bool,
    /// `PORTAL_DOMAIN_BRAKE_OBJECTS` (0 to 100,000; 30): more deletions at once than this are asked about.
    pub brake_objects: u32,
    /// `PORTAL_DOMAIN_BRAKE_PERCENT` (0 to 100; 20): ... or more than this share, where it is more than three hostnames' objects.
    pub brake_percent: u8,
    /// `PORTAL_DOMAIN_SETTLE_MILLISECONDS` (0 to 10,000; 1000): so long a reconcile waits for others that begin at the same moment.
    pub settle: Duration,
}

/// Reads [`PortalCluster`].
pub async fn portal_cluster(read: &mut Reader) -> PortalCluster {
    let text = |read: &Reader, name: &str, usual: &str| read.text(name).unwrap_or_else(|| usual.to_owned());
    let selector = text(read, "PORTAL_DOMAIN_GATEWAY_SELECTOR", "istio=ingressgateway");
    let gateway_selector =
        selector.split_once('=').map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()));
    if gateway_selector.is_none() {
        read.problem("PORTAL_DOMAIN_GATEWAY_SELECTOR", "must be a label, as istio=ingressgateway");
    }
    let access = access(read);
    let git = git(read).await;
    if access != ClusterAccess::Off && git.as_ref().is_some_and(|git| git.pull_request.is_some()) {
        let why = "is for installations in which somebody else applies what was merged; set PORTAL_DOMAIN_CLUSTER to off, or remove it";
        read.problem("PORTAL_DOMAIN_GIT_PULL_REQUEST", why);
    }
    PortalCluster {
        access,
        git,
        folder: read.text("PORTAL_DOMAIN_MANIFEST_DIR").map(PathBuf::from),
        cache: read
            .text("PORTAL_DOMAIN_CACHE")
            .map_or_else(|| std::env::temp_dir().join("tenantry-manifests"), PathBuf::from),
        gateway_namespace: text(read, "PORTAL_DOMAIN_GATEWAY_NAMESPACE", "istio-system"),
        gateway_selector: gateway_selector.unwrap_or_default(),
        service_namespace: text(read, "PORTAL_DOMAIN_SERVICE_NAMESPACE", "msp"),
        service: (
            text(read, "PORTAL_DOMAIN_SERVICE_HOST", "portal.msp.svc.cluster.local"),
            read.number("PORTAL_DOMAIN_SERVICE_PORT", 3000, 1..=u16::MAX),
        ),
        challenge: read
            .text("PORTAL_DOMAIN_CHALLENGE_HOST")
            .map(|host| (host, read.number("PORTAL_DOMAIN_CHALLENGE_PORT", 8089, 1..=u16::MAX))),
        certificate_namespace: read.text("PORTAL_DOMAIN_CERT_NAMESPACE"),
        issuer: (
            text(read, "PORTAL_DOMAIN_CERT_ISSUER", "letsencrypt-http01"),
            text(read, "PORTAL_DOMAIN_CERT_ISSUER_KIND", "ClusterIssuer"),
        ),
        force: read.switch("PORTAL_DOMAIN_FORCE", false),
        brake_objects: read.number("PORTAL_DOMAIN_BRAKE_OBJECTS", 30, 0..=100_000),
        brake_percent: read.number("PORTAL_DOMAIN_BRAKE_PERCENT", 20, 0..=100),
        settle: Duration::from_millis(read.number("PORTAL_DOMAIN_SETTLE_MILLISECONDS", 1000, 0..=10_000)),
    }
}

fn access(read: &mut Reader) -> ClusterAccess {
    match read.text("PORTAL_DOMAIN_CLUSTER").as_deref() {
        None | Some("off") => ClusterAccess::Off,
        Some("kubeconfig") => ClusterAccess::Kubeconfig {
            file: read.text("PORTAL_DOMAIN_KUBECONFIG").map(PathBuf::from),
            context: read.text("PORTAL_DOMAIN_KUBE_CONTEXT"),
        },
        Some("in-cluster") => ClusterAccess::InCluster,
        Some("eks") => ClusterAccess::Eks {
            cluster: read.required("PORTAL_DOMAIN_EKS_CLUSTER"),
            region: read.required("AWS_REGION"),
            endpoint: read.required("PORTAL_DOMAIN_EKS_ENDPOINT"),
            certificate_authority: read.required("PORTAL_DOMAIN_EKS_CA"),
        },
        Some(_) => {
            read.problem("PORTAL_DOMAIN_CLUSTER", "must be off, kubeconfig, in-cluster or eks");
            ClusterAccess::Off
        }
    }
}

async fn git(read: &mut Reader) -> Option<GitOps> {
    let url = read.text("PORTAL_DOMAIN_GIT_REPO")?;
    let author = read.text("PORTAL_DOMAIN_GIT_AUTHOR").unwrap_or_else(|| {
        format!("Tenantry <tenantry@{}>", read.text("PORTAL_ZONE").unwrap_or_else(|| "localhost".to_owned()))
    });
    let split = author.strip_suffix('>').and_then(|text| text.split_once(" <"));
    if split.is_none() {
        read.problem("PORTAL_DOMAIN_GIT_AUTHOR", "must be a name and an address, as Tenantry <tenantry@example.com>");
    }
    let author = split.map(|(name, address)| (name.to_owned(), address.to_owned())).unwrap_or_default();
    Some(GitOps {
        url,
        branch: read.text("PORTAL_DOMAIN_GIT_BRANCH").unwrap_or_else(|| "main".to_owned()),
        root: read.text("PORTAL_DOMAIN_GIT_ROOT").unwrap_or_else(|| "portal-domains".to_owned()),
        pull_request: read.text("PORTAL_DOMAIN_GIT_PULL_REQUEST"),
        user: read.text("PORTAL_DOMAIN_GIT_USER").unwrap_or_else(|| "x-access-token".to_owned()),
        token: read.find_secret("PORTAL_DOMAIN_GIT_TOKEN").await,
        author,
    })
}
