//! One page of an export.

use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value, json};
use tenantry_mail::Limits;
use tenantry_model::{ErrorClass, Fault, MessageId, RunId, TenantId};
use tenantry_outbox::Outbox;
use tenantry_secrets::Sealer;
use tenantry_store::{
    Db, PgConnection,
    export::{self, CONTENTS, Content, NewPage, NewPart, TABLES, part_context},
};

use super::gzip;

/// Bytes of lines after which a page is large enough.
const LARGE: usize = 4 * 1024 * 1024;
/// A page that has taken so long is large enough, too.
const LONG: Duration = Duration::from_secs(8);
/// Rows that are read by one statement.
const ROWS: i64 = 500;

/// Makes pages.
#[derive(Debug, Clone)]
pub struct Pages {
    db: Db,
    sealer: Sealer,
    outbox: Outbox,
}

/// A page that is being filled.
#[derive(Default)]
struct Filling {
    text: Vec<u8>,
    counts: Map<String, Value>,
}

impl Filling {
    fn line(&mut self, table: &str, row: &Value) {
        self.text.extend(json!({ "table": table, "row": row }).to_string().into_bytes());
        self.text.push(b'\n');
        let count = self.counts.get(table).and_then(Value::as_u64).unwrap_or_default();
        self.counts.insert(table.to_owned(), json!(count + 1));
    }
}

impl Pages {
    /// Pages of this database's rows; `sealer` opens the words of messages, and seals what is written.
    #[must_use]
    pub fn new(db: Db, sealer: Sealer) -> Self {
        let outbox = Outbox::new(sealer.clone(), Limits::default(), Duration::ZERO);
        Self { db, sealer, outbox }
    }

    /// Reads the rows of a page behind the page before it. Nothing is written.
    ///
    /// # Errors
    /// The database cannot be reached; words of a message cannot be opened.
    pub async fn read(&self, export: RunId, tenant: TenantId, page: u32) -> Result<NewPage, Fault> {
        let mut connection = self.db.connection().await?;
        let row = export::export(&mut connection, tenant, export).await?;
        if row.pages.unsigned_abs() + 1 != page || row.completed_at.is_some() {
            return Err(Fault::new(ErrorClass::DatabaseError, "another page of the export was written meanwhile"));
        }
        let began = Instant::now();
        let mut filling = Filling::default();
        let (mut table, mut after) = place(row.place.as_ref())?;
        while let Some(name) = TABLES.get(table) {
            match self.fill(&mut connection, tenant, name, &after, &mut filling).await? {
                Some(last) => after = last,
                None => (table, after) = (table + 1, Value::Null),
            }
            if filling.text.len() >= LARGE || began.elapsed() >= LONG {
                break;
            }
        }
        drop(connection);
        let place = TABLES.get(table).map(|name| json!({ "table": name, "after": after }));
        let first_part = row.parts.unsigned_abs() + 1;
        let parts = self.parts(export, first_part, filling.text).await?;
        Ok(NewPage { page, first_part, parts, counts: filling.counts, place })
    }

    /// Writes lines of a table behind `after`; where they end, or none when the table has no more.
    async fn fill(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        table: &str,
        after: &Value,
        filling: &mut Filling,
    ) -> Result<Option<Value>, Fault> {
        if table == CONTENTS {
            return self.fill_contents(connection, tenant, after, filling).await;
        }
        let rows = export::rows(connection, tenant, table, after, ROWS).await?;
        let full = rows.len() as i64 == ROWS;
        let last = rows.last().map(|row| row.key.clone());
        for row in rows {
            filling.line(table, &row.row);
        }
        Ok(last.filter(|_| full))
    }

    async fn fill_contents(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        after: &Value,
        filling: &mut Filling,
    ) -> Result<Option<Value>, Fault> {
        let after: Option<uuid::Uuid> = serde_json::from_value(after[0].clone()).unwrap_or_default();
        let contents = export::contents(connection, tenant, after.map(MessageId), LARGE as i64).await?;
        let last = contents.last().map(|content| json!([content.message.0]));
        for content in contents {
            let row = self.words(&content)?;
            filling.line(CONTENTS, &row);
        }
        Ok(last)
    }

    /// The words of a message.
    fn words(&self, content: &Content) -> Result<Value, Fault> {
        let id = content.message.0;
        if content.sensitive {
            return Ok(json!({ "message_id": id, "withheld": "It holds a credential." }));
        }
        let mut draft = self.outbox.open(content.message, &content.sealed)?;
        // A link by which one unsubscribes is its recipient's own.
        draft.headers.retain(|name, _| !name.to_ascii_lowercase().starts_with("list-unsubscribe"));
        Ok(json!({ "message_id": id, "content": draft }))
    }

    async fn parts(&self, export: RunId, first: u32, text: Vec<u8>) -> Result<Vec<NewPart>, Fault> {
        let mistake = |words: String| Fault::new(ErrorClass::InternalError, words);
        let members = tokio::task::spawn_blocking(move || gzip::members(&text)).await;
        let members =
            members.map_err(|error| mistake(error.to_string()))?.map_err(|error| mistake(error.to_string()))?;
        let part = |(n, member): (u32, Vec<u8>)| {
            let sealed =
                self.sealer.seal(&member, &part_context(export, n)).map_err(|error| mistake(error.to_string()))?;
            let mut sha256 = [0; 32];
            sha256.copy_from_slice(digest(&SHA256, &member).as_ref());
            Ok(NewPart { sealed, size: u32::try_from(member.len()).unwrap_or(u32::MAX), sha256 })
        };
        (first..).zip(members).map(part).collect()
    }
}

/// Where a page begins: the table's number in [`TABLES`], and the key of the last row before it.
fn place(stored: Option<&Value>) -> Result<(usize, Value), Fault> {
    let Some(stored) = stored else { return Ok((0, Value::Null)) };
    let table = stored["table"].as_str().and_then(|name| TABLES.iter().position(|table| *table == name));
    let unknown = || Fault::new(ErrorClass::InternalError, "the export was begun by another version, and cannot go on");
    Ok((table.ok_or_else(unknown)?, stored["after"].clone()))
}
