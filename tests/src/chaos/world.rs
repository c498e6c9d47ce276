//! What is outside of the workers, and how each part of it misbehaves.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use aws_sdk_sqs::Client;
use local::{Parts, PartsOptions};
use secrecy::ExposeSecret as _;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tenantry_mail::Limits;
use tenantry_model::{MessageId, TenantId};
use tenantry_outbox::Outbox;
use tenantry_runtime::Queues;
use tenantry_secrets::Sealer;
use tenantry_standins::{
    postgres::Postgres,
    resend::{self, Resend},
    smtp::Smtp,
    sqs::Sqs,
};
use tenantry_store::{Clock, Db, DbOptions, DbRole};
use tokio::sync::Mutex;

use super::{
    plan::{Blow, Carrier, Plan, letters::GONE},
    wire::Wire,
};

/// A worker that dies keeps its command for 6 s and 5 s more.
const LIMITS: [(&str, &str); 2] = [("OPERATION_SECONDS", "6"), ("ANSWER_SECONDS", "5")];

/// How many messages of a tenant may leave in any minute.
pub(super) const PER_MINUTE: u32 = 60;

/// Postgres, the line to it, the queue, the mail server and perhaps Resend, in this process.
pub(super) struct World {
    parts: Parts,
    resend: Option<Resend>,
    wire: Wire,
    keys: secrecy::SecretString,
    environment: Vec<(&'static str, String)>,
    queues: Client,
    /// One blow at a time for the database and for the mail server.
    one_at_a_time: Mutex<()>,
    pub(super) tally: Tally,
}

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) database_killed: AtomicU64,
    pub(super) database_stopped: AtomicU64,
    pub(super) mail_away: AtomicU64,
}

impl World {
    pub(super) async fn start(plan: &Plan) -> Self {
        let parts = Parts::start(&PartsOptions::default()).await.expect("the parts");
        let direct = parts.database_url().expect("Postgres is embedded");
        tenantry_store::migrate(&direct.clone().into()).await.expect("the migrations");
        let port = parts.postgres.as_ref().expect("Postgres is embedded").port();
        let wire = Wire::to(port, plan.options.seed).await;
        let through_wire = direct.replace(&format!(":{port}/"), &format!(":{}/", wire.address.port()));
        let mail = parts.smtp.as_ref().expect("the mail server is a stand-in").address();
        let keys = local::folder::fresh_secret().expect("a sealing key");
        let mut environment = vec![
            ("DATABASE_URL", through_wire),
            ("DATABASE_CONNECTIONS", "12".to_owned()),
            ("DATABASE_PATIENCE_SECONDS", "3".to_owned()),
            ("HINT_PATIENCE_SECONDS", "1".to_owned()),
            ("PASSWORD_HASH_COST", "4".to_owned()),
            ("SEALING_KEYS", keys.expose_secret().to_owned()),
            ("AWS_ENDPOINT_URL", parts.sqs.as_ref().expect("the queue is a stand-in").endpoint()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "chaos".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "chaos".to_owned()),
            ("EMAIL_HOST", mail.ip().to_string()),
            ("EMAIL_PORT", mail.port().to_string()),
            ("OIDC_ISSUER", parts.issuer.as_ref().expect("the issuer is a stand-in").url().to_owned()),
            ("EMAIL_TENANT_PER_MINUTE", PER_MINUTE.to_string()),
            ("LOG_FORMAT", "text".to_owned()),
            ("RUST_BACKTRACE", "1".to_owned()),
        ];
        environment.extend(LIMITS.map(|(name, value)| (name, value.to_owned())));
        let resend = match plan.options.carrier {
            Carrier::Smtp => None,
            Carrier::Resend => {
                let options = resend::Options { any_domain: true, ..resend::Options::default() };
                Some(Resend::start(options).await.expect("Resend's stand-in"))
            }
        };
        environment.extend(resend.iter().flat_map(through_resend));
        // Whoever looks for a mistake wants to choose what the workers say.
        environment.extend(std::env::var("RUST_LOG").ok().map(|log| ("RUST_LOG", log)));
        let queues = parts.queues().await;
        Self {
            parts,
            resend,
            wire,
            keys,
            environment,
            queues,
            one_at_a_time: Mutex::default(),
            tally: Tally::default(),
        }
    }

    /// What a worker process must know.
    pub(super) fn environment(&self) -> &[(&'static str, String)] {
        &self.environment
    }

    /// The database as a caller of the platform sees it: over the same line.
    pub(super) fn db(&self) -> Db {
        let url = &self.environment[0].1;
        let options = DbOptions {
            url: url.clone().into(),
            max_connections: 20,
            patience: Duration::from_secs(3),
            role: DbRole::Worker,
            hint_patience: Duration::from_secs(1),
        };
        Db::new(&options, Clock::default()).expect("a URL")
    }

    /// The database past the line, bound by nothing.
    pub(super) fn superuser(&self) -> PgPool {
        let url = self.parts.database_url().expect("Postgres is embedded");
        PgPoolOptions::new().max_connections(3).connect_lazy(&url).expect("a URL")
    }

    pub(super) fn hints(&self) -> Queues {
        Queues::new(self.queues.clone(), "tenantry-")
    }

    /// Messages are sealed with the workers' key.
    pub(super) fn outbox(&self) -> Outbox {
        let sealer = Sealer::new(&self.keys).expect("the key was just made");
        Outbox::new(sealer, Limits::default(), Duration::from_secs(86_400))
    }

    /// One address that these tenants must not write to.
    pub(super) async fn nobody_writes_to_the_gone(&self, houses: &[TenantId]) {
        let sql = self.superuser();
        for house in houses {
            sqlx::query(
                "insert into suppressions (tenant_id, address, reason, created_by, created_at) values ($1, $2, 'hard_bounce', 'chaos', now())",
            )
            .bind(house.0)
            .bind(GONE)
            .execute(&sql)
            .await
            .expect("nothing is broken yet");
        }
        sql.close().await;
    }

    fn postgres(&self) -> &Postgres {
        self.parts.postgres.as_ref().expect("Postgres is embedded")
    }

    fn mail(&self) -> &Smtp {
        self.parts.smtp.as_ref().expect("the mail server is a stand-in")
    }

    fn sqs(&self) -> &Sqs {
        self.parts.sqs.as_ref().expect("the queue is a stand-in")
    }

    /// Takes a blow; returns when it is over, where it has an end.
    pub(super) async fn suffer(&self, blow: Blow) {
        let _alone = self.one_at_a_time.lock().await;
        match blow {
            Blow::Database { kill, away } => {
                if kill {
                    self.postgres().kill().await;
                    self.tally.database_killed.fetch_add(1, Ordering::Relaxed);
                } else {
                    self.postgres().stop().await.expect("Postgres stops");
                    self.tally.database_stopped.fetch_add(1, Ordering::Relaxed);
                }
                tokio::time::sleep(away).await;
                self.postgres().restart().await.expect("Postgres recovers");
            }
            Blow::Wire(probability) => self.wire.cut(probability),
            Blow::Queue(how) => self.sqs().misbehave(how),
            Blow::Mail(seed, rules) => self.mail().misbehave(seed, rules),
            Blow::Resend(seed, rules) => self.resend.iter().for_each(|resend| resend.misbehave(seed, rules.clone())),
            Blow::MailAway(away) => {
                self.mail().refuse_connections(true).await.expect("the mail server goes");
                tokio::time::sleep(away).await;
                self.mail().refuse_connections(false).await.expect("the mail server comes back");
                self.tally.mail_away.fetch_add(1, Ordering::Relaxed);
            }
            Blow::KillWorker(_) | Blow::KillSweeper(_) | Blow::FreezeWorker(..) => {}
        }
    }

    /// From now on everything behaves.
    pub(super) async fn behave(&self) {
        let _alone = self.one_at_a_time.lock().await;
        self.wire.cut(0.0);
        self.sqs().misbehave(None);
        self.mail().behave();
        self.resend.iter().for_each(Resend::behave);
    }

    /// How often each mail was accepted, and by whom.
    pub(super) fn accepted(&self) -> HashMap<(&'static str, MessageId), u32> {
        let mut accepted = HashMap::new();
        for (header, times) in self.mail().mailbox().counts() {
            accepted.insert(("smtp", named(&header)), times);
        }
        for mail in self.resend.iter().flat_map(Resend::accepted) {
            // A batch has a key of its own; its mails are named by their tags.
            let name = mail.tags.get("message").or(mail.idempotency_key.as_ref()).expect("we name every mail");
            *accepted.entry(("resend", named(name))).or_default() += 1;
        }
        accepted
    }

    /// How often the line to the database was cut.
    pub(super) fn cuts(&self) -> u64 {
        self.wire.cuts()
    }
}

/// The message that a Message-ID, a tag or a key of ours names.
fn named(name: &str) -> MessageId {
    name.split('@').next().and_then(|id| id.parse().ok()).expect("a name of ours")
}

/// Mail goes through Resend, and through the mail server where Resend does not take it.
fn through_resend(resend: &Resend) -> Vec<(&'static str, String)> {
    vec![
        ("EMAIL_PROVIDER", "resend".to_owned()),
        ("EMAIL_FALLBACK_PROVIDER", "smtp".to_owned()),
        ("EMAIL_PATIENCE_SECONDS", "2".to_owned()),
        ("RESEND_BASE_URL", resend.url().to_owned()),
        ("RESEND_API_KEY", resend.key().to_owned()),
        ("RESEND_VERIFIED_DOMAINS", "tenantry.test,*.tenantry.test".to_owned()),
    ]
}
