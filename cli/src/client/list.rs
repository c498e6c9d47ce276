//! Lists, page by page.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::Client;
use crate::{args::Paging, failure::Failure};

/// A list, or the part of it that was asked for.
#[derive(Debug)]
pub struct List<T> {
    /// What it holds.
    pub data: Vec<T>,
    /// Where the next part begins, if there is one.
    pub next: Option<String>,
    /// The document for programs: the API's own, or all of its pages as one of the same form.
    pub body: String,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Box<RawValue>>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    next_cursor: Option<String>,
}

impl Client {
    /// A list, with the filters that say something.
    ///
    /// # Errors
    /// What the API refuses, or that it cannot be reached.
    pub async fn list<T: DeserializeOwned>(
        &self,
        path: &[&str],
        filters: &[(&str, Option<String>)],
        paging: &Paging,
    ) -> Result<List<T>, Failure> {
        let limit = if paging.all { Some(100) } else { paging.limit };
        let mut after = paging.after.clone();
        let mut rows = Vec::new();
        loop {
            let mut query = filters.to_vec();
            query.push(("limit", limit.map(|limit| limit.to_string())));
            query.push(("after", after.clone()));
            let answer = self.get(path, &query).await?;
            let page: Page = answer.read()?;
            let next = page.next_cursor.filter(|_| page.has_more);
            rows.extend(page.data);
            // A cursor that leads to itself would lead there for ever.
            let goes_on = paging.all && next.is_some() && next != after;
            if !goes_on {
                let body = if paging.all { whole(&rows) } else { answer.body.clone() };
                let data = rows.iter().map(|row| serde_json::from_str(row.get())).collect::<Result<_, _>>();
                return Ok(List { data: data.map_err(|error| answer.not_understood(&error))?, next, body });
            }
            after = next;
        }
    }
}

fn whole(rows: &[Box<RawValue>]) -> String {
    let rows: Vec<_> = rows.iter().map(|row| row.get()).collect();
    format!(r#"{{"data":[{}],"has_more":false,"next_cursor":null}}"#, rows.join(","))
}
