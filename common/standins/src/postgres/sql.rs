//! The few statements about whole databases.

use super::Error;
use super::cluster::USER;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// TLS over loopback would only cost a round trip: it is switched off.
pub(super) fn url(password: &str, port: u16, database: &str) -> String {
    format!("postgres://{USER}:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
}

pub(super) async fn create(url: &str, name: &str, template: Option<&str>) -> Result<(), Error> {
    let template = template.map(|template| format!(" template {}", quoted(template))).unwrap_or_default();
    run(url, format!("create database {}{template}", quoted(name))).await.map_err(failed("create", name))
}

pub(super) async fn drop(url: &str, name: &str) -> Result<(), Error> {
    run(url, format!("drop database if exists {} with (force)", quoted(name))).await.map_err(failed("drop", name))
}

pub(super) async fn exists(url: &str, name: &str) -> Result<bool, Error> {
    let ask = async {
        let mut connection = PgConnection::connect(url).await?;
        let found: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok(found)
    };
    ask.await.map_err(failed("look for", name))
}

async fn run(url: &str, statement: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    // The names in it are quoted; databases cannot be named by a parameter.
    connection.execute(AssertSqlSafe(statement)).await?;
    connection.close().await
}

fn failed(doing: &'static str, name: &str) -> impl FnOnce(sqlx::Error) -> Error {
    let name = name.to_owned();
    move |source| Error::Sql { doing, name, source }
}

/// A quoted identifier, with its own quotes doubled.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
