//! What is outside of us. Each part is embedded, unless the environment names a real one.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use aws_sdk_sqs::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
};
use tenantry_runtime::config::Environment;
use tenantry_standins::{
    issuer::{self, Issuer},
    postgres::{self, Postgres},
    smtp::{self, Smtp},
    sqs::{self, Sqs},
};

use crate::{cluster::ClusterParts, folder, resend::ResendParts};

/// The ports of a stack; `None` takes a free one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ports {
    /// The API.
    pub api: Option<u16>,
    /// The console.
    pub console: Option<u16>,
    /// The mailbox one can read.
    pub mail: Option<u16>,
    /// The token issuer.
    pub issuer: Option<u16>,
    /// The SQS endpoint.
    pub sqs: Option<u16>,
    /// The SMTP server.
    pub smtp: Option<u16>,
    /// Resend's API.
    pub resend: Option<u16>,
    /// The DNS server, by UDP and TCP.
    pub dns: Option<u16>,
    /// The DNS server's zones, over HTTP.
    pub zones: Option<u16>,
    /// The cluster's API.
    pub cluster: Option<u16>,
    /// The cluster's gateway: http and https.
    pub gateway: Option<(u16, u16)>,
}

impl Ports {
    /// The ports that the documentation names.
    #[must_use]
    pub fn usual() -> Self {
        Self {
            api: Some(8080),
            console: Some(8070),
            mail: Some(8025),
            issuer: Some(8090),
            sqs: Some(9324),
            smtp: Some(2525),
            resend: Some(8091),
            dns: Some(8053),
            zones: Some(8054),
            cluster: Some(8055),
            gateway: Some((8088, 8443)),
        }
    }
}

/// Where parts keep their data and listen.
#[derive(Debug, Clone, Default)]
pub struct PartsOptions {
    /// The process's environment, or a test's.
    pub environment: Option<Environment>,
    /// The folder for data; none keeps nothing.
    pub folder: Option<PathBuf>,
    /// The ports.
    pub ports: Ports,
}

/// The parts of a running stack. Those that are real are none here.
pub struct Parts {
    /// The embedded Postgres.
    pub postgres: Option<Postgres>,
    /// The SQS endpoint in this process.
    pub sqs: Option<Sqs>,
    /// The SMTP stand-in.
    pub smtp: Option<Smtp>,
    /// The development issuer.
    pub issuer: Option<Issuer>,
    /// Resend's stand-in; none also where nothing goes by Resend.
    pub resend: Option<ResendParts>,
    /// The cluster with its gateway; none also where there is no DNS server whose zones can be edited.
    pub cluster: Option<ClusterParts>,
}

/// The database's name in the embedded Postgres.
const DATABASE: &str = "tenantry";

impl Parts {
    /// Starts what the environment does not name: `DATABASE_URL`, `AWS_ENDPOINT_URL` (or real AWS, with
    /// `AWS_REGION` and `TENANTRY_REAL_QUEUES=1`), `EMAIL_HOST`, `OIDC_ISSUER`; and, where mail goes by Resend, `RESEND_API_KEY`.
    ///
    /// # Errors
    /// A part cannot start: what is wrong, and what to do.
    pub async fn start(options: &PartsOptions) -> Result<Self> {
        let named = |name: &str| options.environment.as_ref().and_then(|environment| environment.get(name)).is_some();
        let ports = options.ports;
        // First of all: it says best that another stack runs on this folder.
        let postgres = if named("DATABASE_URL") { None } else { Some(database(options).await?) };
        let sqs = if named("AWS_ENDPOINT_URL") || named("TENANTRY_REAL_QUEUES") {
            None
        } else {
            Some(
                Sqs::start(sqs::Options { port: ports.sqs })
                    .await
                    .with_context(|| taken("the SQS endpoint", ports.sqs))?,
            )
        };
        let smtp = if named("EMAIL_HOST") || named("SMTP_HOST") {
            None
        } else {
            let folder = options.folder.as_ref().map(|folder| folder.join("mail"));
            let smtp = smtp::Options { port: ports.smtp, folder, ..smtp::Options::default() };
            Some(Smtp::start(smtp).await.with_context(|| taken("the SMTP server", ports.smtp))?)
        };
        let issuer = if named("OIDC_ISSUER") {
            None
        } else {
            let folder = options.folder.as_ref().map(|folder| folder.join("issuer"));
            let issuer = issuer::Options { port: ports.issuer, folder, ..issuer::Options::default() };
            Some(Issuer::start(issuer).await.with_context(|| taken("the token issuer", ports.issuer))?)
        };
        let resend = ResendParts::start(options).await?;
        let cluster = match &resend {
            Some(resend) => ClusterParts::start(options, &resend.dns).await?,
            None => None,
        };
        Ok(Self { postgres, sqs, smtp, issuer, resend, cluster })
    }

    /// The URL of the embedded database.
    #[must_use]
    pub fn database_url(&self) -> Option<String> {
        self.postgres.as_ref().map(|postgres| postgres.url(DATABASE))
    }

    /// A client for the queues: the endpoint in this process, or as the process's environment says.
    pub async fn queues(&self) -> Client {
        let Some(sqs) = &self.sqs else {
            return Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await);
        };
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(sqs.endpoint())
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .build();
        Client::from_conf(config)
    }

    /// Stops everything; what is kept stays.
    pub async fn stop(self) {
        if let Some(cluster) = self.cluster {
            cluster.stop().await;
        }
        if let Some(resend) = self.resend {
            resend.stop().await;
        }
        if let Some(smtp) = self.smtp {
            smtp.stop().await;
        }
        if let Some(sqs) = self.sqs {
            sqs.stop().await;
        }
        if let Some(issuer) = self.issuer {
            issuer.stop().await;
        }
        if let Some(postgres) = self.postgres
            && let Err(error) = postgres.stop().await
        {
            tracing::warn!(%error, "Postgres did not stop as it should");
        }
    }
}

async fn database(options: &PartsOptions) -> Result<Postgres> {
    let how = match &options.folder {
        Some(folder) => postgres::Options::kept(folder::for_postgres(folder)),
        None => postgres::Options::temporary(),
    };
    let postgres = Postgres::start(how).await?;
    if !postgres.has_database(DATABASE).await? {
        postgres.create_database(DATABASE, None).await?;
    }
    Ok(postgres)
}

pub(crate) fn taken(part: &str, port: Option<u16>) -> String {
    match port {
        Some(port) => format!(
            "{part} cannot listen on 127.0.0.1:{port}; if another stack runs there, stop it or start this one with --free-ports"
        ),
        None => format!("{part} cannot start"),
    }
}
