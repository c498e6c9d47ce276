//! One private Postgres for the whole test binary, one database per test.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use sqlx::{PgPool, postgres::PgPoolOptions};
use tenantry_standins::postgres::{Options, Postgres};
use tokio::sync::OnceCell;

const TEMPLATE: &str = "template_of_tests";

/// Those that no test uses any more: hundreds of them would fill a disk.
static OVER: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A test's own database. One that was made here is dropped before the next one is made.
pub struct Database {
    pub name: String,
    pub url: String,
    _made: Option<Made>,
}

struct Made(String);

impl Drop for Made {
    fn drop(&mut self) {
        OVER.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut self.0));
    }
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
        Self::made_of(TEMPLATE).await
    }

    /// A copy of it, as it is now; nobody may be connected to it.
    pub async fn copy(&self) -> Self {
        Self::made_of(&self.name).await
    }

    /// One that somebody else has made, and keeps.
    pub fn at(name: &str, url: &str) -> Self {
        Self { name: name.to_owned(), url: url.to_owned(), _made: None }
    }

    async fn made_of(template: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let server = server().await;
        let over = std::mem::take(&mut *OVER.lock().unwrap_or_else(PoisonError::into_inner));
        for name in over {
            server.drop_database(&name).await.expect("a database that is not used any more");
        }
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        server.create_database(&name, Some(template)).await.expect("a database of its own");
        Self { url: server.url(&name), _made: Some(Made(name.clone())), name }
    }

    /// Connections that see everything and are bound by nothing: for looking, and for breaking things.
    pub fn superuser(&self) -> PgPool {
        PgPoolOptions::new().max_connections(3).connect_lazy(&self.url).expect("a URL")
    }
}
