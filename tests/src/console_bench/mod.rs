//! How soon a page of the console begins to come, on a platform that has been busy for a while.
//!
//! The local stack on a filled database, and two people who sign in: one of the platform's, and an administrator of a tenant that has
//! a tenth of half the mail. Each opens page after page; beside it stands what the API's own answer takes over HTTP, for the
//! question that the page mostly asks. No timing decides anything; the report says what was seen.

mod fill;
mod pages;
mod report;
mod visitor;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use local::Run;
use reqwest::header::AUTHORIZATION;
use tenantry_standins::{
    issuer::Person,
    postgres::{Options as PostgresOptions, Postgres},
};

pub use self::{
    fill::Fill,
    report::{Report, Row, Times},
};
use self::{
    pages::{Asked, Facts, asked},
    visitor::Visitor,
};
use crate::{Database, TestStack};

/// How soon the first byte of any page is to come.
pub const GOAL: Duration = Duration::from_millis(50);

/// What is measured.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the database is filled with.
    pub fill: Fill,
    /// How often each page is opened, after once to warm up.
    pub rounds: usize,
    /// How many pages of a hundred down a list goes for its page deep down.
    pub deep: usize,
    /// Where the filled database is kept for the next time; none: it is made anew, and goes afterwards.
    pub folder: Option<PathBuf>,
    /// The URL of a database that `fill.sql` has filled already; with it, none is made.
    pub database: Option<String>,
    /// Only pages whose path contains this.
    pub only: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { fill: Fill::default(), rounds: 20, deep: 30, folder: None, database: None, only: None }
    }
}

/// Measures all pages; `say` is told how far it is.
///
/// # Errors
/// Something cannot start, the database cannot be filled, or somebody cannot sign in. A page that is refused stands in the report.
pub async fn run(options: &Options, say: impl Fn(&str)) -> Result<Report> {
    if let Some(url) = &options.database {
        return on(options, Database::at("", url), &say).await;
    }
    let postgres = match &options.folder {
        // What is kept is made once more when it is lost.
        Some(folder) => PostgresOptions {
            durability: PostgresOptions::temporary().durability,
            max_connections: 300,
            ..PostgresOptions::kept(folder)
        },
        None => PostgresOptions::temporary(),
    };
    let postgres = Postgres::start(postgres).await?;
    let name = fill::filled(&postgres, &options.fill, &say).await?;
    let report = on(options, Database::at(&name, &postgres.url(&name)), &say).await;
    postgres.stop().await?;
    report
}

async fn on(options: &Options, database: Database, say: &impl Fn(&str)) -> Result<Report> {
    let settings =
        [("EDITION", "enterprise"), ("EMAIL_DOMAIN_TEST_NAMES", "true"), ("RATE_LIMIT_PER_MINUTE", "1000000")];
    let stack = TestStack::on(database, &settings, Run::ALL).await;
    let rows = measure(options, &stack, say).await;
    stack.stack.stop().await;
    Ok(Report { fill: options.fill, rounds: options.rounds, rows: rows? })
}

async fn measure(options: &Options, stack: &TestStack, say: &impl Fn(&str)) -> Result<Vec<Row>> {
    let facts = Facts::read(stack).await?;
    let administrator = Person {
        sub: "ada".to_owned(),
        name: "Ada".to_owned(),
        email: "ada@filled.test".to_owned(),
        tenant: Some(facts.tenant.clone()),
        tenant_name: None,
        roles: vec!["tenant_admin".to_owned()],
    };
    let mut rows = Vec::new();
    for (who, person) in [("operator", Person::operator()), ("administrator", administrator)] {
        let visitor = Visitor::is(&stack.stack.console_url, &person).await.with_context(|| who.to_owned())?;
        let claims =
            tenantry_standins::issuer::Claims { valid_for: Some(Duration::from_secs(3 * 3600)), ..person.claims() };
        let caller = Caller {
            base: stack.stack.api_url.clone(),
            token: format!("Bearer {}", stack.issuer().mint(&claims)),
            http: reqwest::Client::new(),
        };
        for page in asked(&facts, person.tenant.is_none()) {
            if options.only.as_ref().is_some_and(|only| !page.page.contains(only.as_str())) {
                continue;
            }
            let cursor = if page.deep { caller.deep(&page, options.deep).await? } else { None };
            for (cursor, depth) in [(None, ""), (cursor, ", deep down")] {
                if cursor.is_none() && !depth.is_empty() {
                    continue;
                }
                let (shown, question) = (with(&page.page, cursor.as_deref()), with(&page.api, cursor.as_deref()));
                let row = Row {
                    who,
                    page: format!("{}{depth}", facts.named(&page.page)),
                    seen: times(options.rounds, async || visitor.open(&shown).await).await?,
                    api: match page.api.is_empty() {
                        true => None,
                        false => Some(times(options.rounds, async || caller.ask(&question).await).await?),
                    },
                };
                say(&row.to_string());
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

/// The API without the console.
struct Caller {
    base: String,
    token: String,
    http: reqwest::Client,
}

impl Caller {
    async fn answer(&self, path: &str) -> Result<reqwest::Response> {
        Ok(self.http.get(format!("{}{path}", self.base)).header(AUTHORIZATION, &self.token).send().await?)
    }

    /// The status of an answer, and how long until it began.
    async fn ask(&self, path: &str) -> Result<(u16, Duration)> {
        visitor::timed(self.answer(path)).await
    }

    /// A cursor far down in the list, if it is that long.
    async fn deep(&self, page: &Asked, pages: usize) -> Result<Option<String>> {
        let mut cursor = None;
        for _ in 0..pages {
            let path = with(&page.api, cursor.as_deref()).replace("limit=50", "limit=100");
            let list: serde_json::Value = self.answer(&path).await?.json().await?;
            match list["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => break,
            }
        }
        Ok(cursor)
    }
}

fn with(path: &str, cursor: Option<&str>) -> String {
    match cursor {
        Some(cursor) => format!("{path}{}after={cursor}", if path.contains('?') { '&' } else { '?' }),
        None => path.to_owned(),
    }
}

async fn times(rounds: usize, open: impl AsyncFn() -> Result<(u16, Duration)>) -> Result<Times> {
    let (status, first) = open().await?;
    let mut all = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        all.push(open().await?.1);
    }
    Ok(Times { status, first, all })
}

/// How long it takes until this is there.
async fn took<T>(what: impl Future<Output = Result<T>>) -> Result<(T, Duration)> {
    let begun = Instant::now();
    Ok((what.await?, begun.elapsed()))
}
