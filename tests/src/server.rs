//! One private Postgres for the whole test binary, one database per test.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{PgPool, postgres::PgPoolOptions};
use tenantry_standins::postgres::{Options, Postgres};
use tokio::sync::OnceCell;

const TEMPLATE: &str = "template_of_tests";

/// A test's own database.
pub struct Database {
    pub name: String,
    pub url: String,
}

/// The server; started by the first test, stopped with the process.
pub async fn server() -> &'static Postgres {
    static SERVER: OnceCell<Postgres> = OnceCell::const_new();
    SERVER
        .get_or_init(|| async {
            let server = Postgres::start(Options::temporary()).await.expect("a private Postgres");
            server.create_database(TEMPLATE, None).await.expect("the template database");
            tenantry_store::migrate(&server.url(TEMPLATE).into()).await.expect("the migrations");
            server
        })
        .await
}

impl Database {
    /// A fresh database with every migration.
    pub async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let server = server().await;
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        server.create_database(&name, Some(TEMPLATE)).await.expect("a database of its own");
        Self { url: server.url(&name), name }
    }

    /// Connections that see everything and are bound by nothing: for looking, and for breaking things.
    pub fn superuser(&self) -> PgPool {
        PgPoolOptions::new().max_connections(3).connect_lazy(&self.url).expect("a URL")
    }
}
