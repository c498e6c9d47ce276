//! The functions, the pumps, the sweeper and the API, put together.

use std::{collections::HashMap, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use aws_sdk_sqs::{Client, types::QueueAttributeName};
use secrecy::SecretString;
use serde_json::json;
use tenantry_runtime::{
    Function, Queues, Worker,
    config::{self, Environment, Reader},
};
use tenantry_store::{Db, DbRole, migrate};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    Parts,
    parts::{Ports, taken},
    people::Everybody,
    pump::{Target, pump},
    settings::{Urls, settings},
};

/// Which roles a process plays.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// The API.
    pub api: bool,
    /// The functions behind queues.
    pub workers: bool,
    /// The sweeper.
    pub sweeper: bool,
}

impl Run {
    /// All of them.
    pub const ALL: Self = Self { api: true, workers: true, sweeper: true };
}

/// How a stack is to run.
#[derive(Debug, Clone)]
pub struct StackOptions {
    /// The process's environment, or a test's.
    pub environment: Environment,
    /// The folder for data; none keeps nothing.
    pub folder: Option<PathBuf>,
    /// The ports of the API and the mailbox.
    pub ports: Ports,
    /// Receives at once for each queue.
    pub pumps: usize,
    /// How often the sweeper looks.
    pub sweep_every: Duration,
    /// Functions behind Lambda's invocation URL, in place of those in this process.
    pub functions: Option<String>,
    /// Which roles to play.
    pub run: Run,
}

impl StackOptions {
    /// Receives at once for each queue, unless somebody says otherwise.
    pub const PUMPS: usize = 2;

    /// All roles, nothing kept, free ports: what tests want.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self {
            environment,
            folder: None,
            ports: Ports::default(),
            pumps: Self::PUMPS,
            sweep_every: Duration::from_secs(1),
            functions: None,
            run: Run::ALL,
        }
    }
}

/// A running stack. Dropped, it stops at once.
pub struct Stack {
    /// The API's base URL.
    pub api_url: String,
    /// The console's base URL; empty where no API runs.
    pub console_url: String,
    /// The mailbox's base URL, where mail goes to the stand-in.
    pub mail_url: Option<String>,
    /// The base URL of the DNS stand-in's zones, where there is one.
    pub zones_url: Option<String>,
    /// The database, as the functions see it.
    pub db: Db,
    /// The settings that the functions see.
    pub environment: Environment,
    /// Queues, for who wants to send a message by hand.
    pub queues: Client,
    workers: HashMap<&'static str, Arc<Worker>>,
    tasks: JoinSet<()>,
}

impl Stack {
    /// Migrates the database and starts everything on the parts.
    ///
    /// # Errors
    /// What cannot start, and what to do.
    pub async fn start(parts: &Parts, options: StackOptions) -> Result<Self> {
        // First of all: links in mail lead to the API, wherever it comes to listen.
        let listener = if options.run.api { Some(bind("the API", options.ports.api).await?) } else { None };
        let own_url = listener.as_ref().map(url_of).transpose()?;
        let pages = if options.run.api { Some(bind("the console", options.ports.console).await?) } else { None };
        let urls = Urls { api: own_url.clone(), console: pages.as_ref().map(url_of).transpose()? };
        let environment = settings(options.environment, parts, &urls, options.folder.as_deref())?;
        let mut read = Reader::new(environment.clone());
        let url: SecretString = read.secret("DATABASE_URL").await;
        let db = config::database(&mut read, DbRole::Worker).await;
        let api_db = config::database(&mut read, DbRole::Api).await.with_clock(db.clock().clone());
        let (prefix, limits) = (config::queue_prefix(&mut read), config::limits(&mut read));
        let functions: [Function; 11] = [
            onboard_tenant::function(&mut read, &db).await,
            send_email::function(&mut read, &db).await,
            create_domain::function(&mut read, &db).await,
            check_dns::function(&mut read, &db).await,
            activate_domain::function(&mut read, &db).await,
            delete_domain::function(&mut read, &db).await,
            check_portal::function(&mut read, &db).await,
            reconcile_cluster::function(&mut read, &db).await,
            deliver_webhook::function(&mut read, &db).await,
            offboard_tenant::function(&mut read, &db).await,
            notify::function(&mut read, &db).await,
        ];
        let client = parts.queues().await;
        let hints = Arc::new(Queues::new(client.clone(), prefix.clone()));
        let api = api::configured(&mut read, api_db, hints.clone()).await;
        let console = match &api {
            Some(api) => tenantry_console::configured(&mut read, api.clone()).await,
            None => None,
        };
        read.finish()?;
        migrate(&url).await.context("the database could not be migrated")?;
        if let Some(issuer) = &parts.issuer {
            issuer.offer(Arc::new(Everybody(db.clone())));
        }

        let mut tasks = JoinSet::new();
        let mut workers = HashMap::new();
        let http = reqwest::Client::new();
        for function in functions {
            let name = function.name();
            let queue_url = queue(&client, &format!("{prefix}{name}")).await?;
            let worker = Arc::new(Worker::new(function, db.clone(), hints.clone()).with_limits(limits));
            workers.insert(name, worker.clone());
            let target = match &options.functions {
                Some(url) => Target::There { name: name.to_owned(), url: url.clone(), http: http.clone() },
                None => Target::Here(worker),
            };
            for _ in 0..if options.run.workers { options.pumps } else { 0 } {
                tasks.spawn(pump(client.clone(), queue_url.clone(), target.clone()));
            }
        }
        if options.run.sweeper {
            tasks.spawn(sweep_for_ever(db.clone(), hints, options.sweep_every));
        }
        let api_url = match (api, listener) {
            (Some(state), Some(listener)) => serve(&mut tasks, listener, api::router(state))?,
            _ => String::new(),
        };
        let console_url = match (console, pages) {
            (Some(console), Some(listener)) => serve(&mut tasks, listener, tenantry_console::router(console))?,
            _ => String::new(),
        };
        let mail_url = match &parts.smtp {
            Some(smtp) => {
                let listener = bind("the mailbox", options.ports.mail).await?;
                Some(serve(&mut tasks, listener, smtp.mailbox_routes())?)
            }
            None => None,
        };
        let mut zones_url = None;
        if let (Some(resend), Some(url)) = (&parts.resend, &own_url) {
            resend.tell(url);
            let listener = bind("the DNS server's zones", options.ports.zones).await?;
            zones_url = Some(serve(&mut tasks, listener, resend.dns.routes())?);
        }
        Ok(Self { api_url, console_url, mail_url, zones_url, db, environment, queues: client, workers, tasks })
    }

    /// A function, for who wants to hand it a message.
    #[must_use]
    pub fn worker(&self, name: &str) -> Option<Arc<Worker>> {
        self.workers.get(name).cloned()
    }

    /// Stops taking work and waits for nothing: whatever is under way is taken up again at the next start.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
        self.db.close().await;
    }
}

async fn sweep_for_ever(db: Db, hints: Arc<Queues>, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let until = std::time::Instant::now() + Duration::from_secs(30);
        if let Err(error) = sweep::sweep(&db, hints.as_ref(), until).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the sweeper could not look; it looks again");
        }
    }
}

/// Makes a queue with its dead letters, if it is not there, and gives its URL.
async fn queue(client: &Client, name: &str) -> Result<String> {
    let what = || format!("the queue {name} could not be made; is AWS_ENDPOINT_URL right?");
    let dead = client.create_queue().queue_name(format!("{name}-dead")).send().await.with_context(what)?;
    let arn = client
        .get_queue_attributes()
        .queue_url(dead.queue_url.unwrap_or_default())
        .attribute_names(QueueAttributeName::QueueArn)
        .send()
        .await
        .with_context(what)?
        .attributes
        .and_then(|mut attributes| attributes.remove(&QueueAttributeName::QueueArn))
        .with_context(what)?;
    let redrive = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": 5 }).to_string();
    let made = client
        .create_queue()
        .queue_name(name)
        .attributes(QueueAttributeName::RedrivePolicy, redrive)
        .attributes(QueueAttributeName::VisibilityTimeout, "60")
        .send()
        .await
        .with_context(what)?;
    made.queue_url.with_context(what)
}

/// Listens on loopback.
async fn bind(what: &str, port: Option<u16>) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port.unwrap_or(0))).await.with_context(|| taken(what, port))
}

fn url_of(listener: &TcpListener) -> Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

/// Serves a router, and gives its base URL.
fn serve(tasks: &mut JoinSet<()>, listener: TcpListener, router: axum::Router) -> Result<String> {
    let url = url_of(&listener)?;
    // The audit log says from where somebody came.
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tasks.spawn(async move {
        if let Err(error) = axum::serve(listener, service).await {
            tracing::error!(%error, "a server has stopped");
        }
    });
    Ok(url)
}
