//! Lists: `limit`, `after` and `before`, and the opaque cursors between them.

use axum::{extract::FromRequestParts, http::request::Parts};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tenantry_model::{
    ApiKeyId, EmailDomainId, MessageId, RunId, TaskId, TenantId, WebhookDeliveryId, WebhookEndpointId,
};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    extract::{invalid_parameters, pairs, pairs_of},
    problem::{FieldError, Problem},
};

const SHORTEST: u16 = 1;
const USUAL: u16 = 20;
const LONGEST: u16 = 100;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The page, newest first.
    pub(crate) data: Vec<T>,
    /// Whether there is more in the direction that was asked for.
    pub(crate) has_more: bool,
    /// Where more begins: to be sent as `after`, or as `before` where that was asked for.
    pub(crate) next_cursor: Option<String>,
}

/// A place in a list. A cursor of one list is not one of another.
pub(crate) trait Place: Sized {
    /// Tells the lists apart.
    const TAG: u8;
    /// The place in bytes.
    fn bytes(&self) -> Vec<u8>;
    /// The place again.
    fn parse(bytes: &[u8]) -> Option<Self>;
}

macro_rules! place {
    ($($id:ty = $tag:literal),+) => {
        $(impl Place for $id {
            const TAG: u8 = $tag;
            fn bytes(&self) -> Vec<u8> {
                self.0.as_bytes().to_vec()
            }
            fn parse(bytes: &[u8]) -> Option<Self> {
                Uuid::from_slice(bytes).ok().map(Self)
            }
        })+
    };
}
place!(
    RunId = b'r',
    TaskId = b't',
    ApiKeyId = b'k',
    MessageId = b'm',
    EmailDomainId = b'd',
    WebhookEndpointId = b'w',
    WebhookDeliveryId = b'v'
);

/// A portal's hostname, by the id of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PortalPlace(pub(crate) Uuid);
place!(PortalPlace = b'p');

/// A chain of the audit log, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChainPlace(pub(crate) String);

impl Place for ChainPlace {
    const TAG: u8 = b'c';

    fn bytes(&self) -> Vec<u8> {
        self.0.as_bytes().to_vec()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        String::from_utf8(bytes.to_vec()).ok().map(Self)
    }
}

/// A line of an audit chain.
impl Place for i64 {
    const TAG: u8 = b'a';

    fn bytes(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

/// A tenant, by the time of its creation (whole microseconds, as in the database).
impl Place for (OffsetDateTime, TenantId) {
    const TAG: u8 = b'n';

    fn bytes(&self) -> Vec<u8> {
        let micros = i64::try_from(self.0.unix_timestamp_nanos() / 1000).unwrap_or_default();
        [&micros.to_be_bytes()[..], self.1.0.as_bytes()].concat()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (micros, id) = bytes.split_at_checked(8)?;
        let micros = i64::from_be_bytes(micros.try_into().ok()?);
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).ok()?;
        Some((at, TenantId(Uuid::from_slice(id).ok()?)))
    }
}

/// A task in the inbox: its deadline (whole microseconds, as in the database), if it has one, and its id.
impl Place for (Option<OffsetDateTime>, TaskId) {
    const TAG: u8 = b'i';

    fn bytes(&self) -> Vec<u8> {
        let micros = |at: OffsetDateTime| i64::try_from(at.unix_timestamp_nanos() / 1000).unwrap_or_default();
        [&self.0.map_or(i64::MAX, micros).to_be_bytes()[..], self.1.0.as_bytes()].concat()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (micros, id) = bytes.split_at_checked(8)?;
        let due = match i64::from_be_bytes(micros.try_into().ok()?) {
            i64::MAX => None,
            micros => Some(OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).ok()?),
        };
        Some((due, TaskId(Uuid::from_slice(id).ok()?)))
    }
}

/// An entry of a suppression list: when it was made, its address, reason and category.
impl Place for (OffsetDateTime, String, String, String) {
    const TAG: u8 = b's';

    fn bytes(&self) -> Vec<u8> {
        let micros = i64::try_from(self.0.unix_timestamp_nanos() / 1000).unwrap_or_default();
        // None of the three has a NUL.
        [&micros.to_be_bytes()[..], [&*self.1, &*self.2, &*self.3].join("\0").as_bytes()].concat()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (micros, words) = bytes.split_at_checked(8)?;
        let micros = i64::from_be_bytes(micros.try_into().ok()?);
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).ok()?;
        let mut words = str::from_utf8(words).ok()?.split('\0').map(str::to_owned);
        let place = (at, words.next()?, words.next()?, words.next()?);
        words.next().is_none().then_some(place)
    }
}

/// A place as callers send it back.
pub(crate) fn cursor<P: Place>(place: &P) -> String {
    URL_SAFE_NO_PAD.encode([&[P::TAG][..], &place.bytes()].concat())
}

/// The place that a cursor names.
pub(crate) fn place<P: Place>(name: &str, cursor: Option<String>) -> Result<Option<P>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap_or_default();
    let place = bytes.split_first().filter(|(tag, _)| **tag == P::TAG).and_then(|(_, rest)| P::parse(rest));
    place.map(Some).ok_or_else(|| {
        let words = "This is not a cursor of this list; take it from next_cursor as it is.";
        invalid_parameters(vec![FieldError::parameter(name, "invalid_value", words)])
    })
}

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// At most so many.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u16>,
    /// Those that follow this cursor (older ones).
    after: Option<String>,
    /// Those that precede this cursor (newer ones); not together with `after`.
    before: Option<String>,
}

/// Which page, for a list that only goes on in one direction.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes the parameters to OpenAPI")]
pub(crate) struct ForwardParams {
    /// At most so many.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u16>,
    /// Those that follow this cursor (older ones).
    after: Option<String>,
}

/// The query of a list: a page, and filters of the list's own.
pub(crate) struct Listing<F> {
    /// The filters.
    pub(crate) filter: F,
    page: PageParams,
}

impl<F: DeserializeOwned, S: Sync> FromRequestParts<S> for Listing<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let (page, filter): (Vec<_>, Vec<_>) =
            pairs_of(parts).into_iter().partition(|(name, _)| matches!(name.as_str(), "limit" | "after" | "before"));
        let page: PageParams = pairs(&page).map_err(invalid_parameters)?;
        let refuse = |name: &str, words: &str| {
            Err(invalid_parameters(vec![FieldError::parameter(name, "invalid_value", words)]))
        };
        if page.limit.is_some_and(|limit| !(SHORTEST..=LONGEST).contains(&limit)) {
            return refuse("limit", "This must be between 1 and 100.");
        }
        if page.after.is_some() && page.before.is_some() {
            return refuse("before", "This cannot be combined with after.");
        }
        Ok(Self { filter: pairs(&filter).map_err(invalid_parameters)?, page })
    }
}

/// A page in terms of a list's places.
pub(crate) struct Page<P> {
    limit: usize,
    /// Older than this.
    pub(crate) after: Option<P>,
    /// Newer than this.
    pub(crate) before: Option<P>,
}

impl<F> Listing<F> {
    /// The page of a list that goes both ways.
    pub(crate) fn page<P: Place>(self) -> Result<(F, Page<P>), Problem> {
        let page = Page {
            limit: usize::from(self.page.limit.unwrap_or(USUAL)),
            after: place("after", self.page.after)?,
            before: place("before", self.page.before)?,
        };
        Ok((self.filter, page))
    }

    /// The page of a list that goes on towards older ones only.
    pub(crate) fn forward<P: Place>(self) -> Result<(F, Page<P>), Problem> {
        if self.page.before.is_some() {
            let words = "This list has no before; go on with after.";
            return Err(invalid_parameters(vec![FieldError::parameter("before", "unknown_parameter", words)]));
        }
        self.page()
    }
}

impl<P: Place> Page<P> {
    /// How many rows to read: one more than is shown says whether there is more.
    pub(crate) fn rows(&self) -> i64 {
        self.limit as i64 + 1
    }

    /// The page of the rows that were read, newest first.
    pub(crate) fn list<R, T>(&self, mut rows: Vec<R>, at: impl Fn(&R) -> P, show: impl Fn(R) -> T) -> List<T> {
        let has_more = rows.len() > self.limit;
        let edge = if self.before.is_some() {
            // The one too many is the newest.
            rows.drain(..rows.len().saturating_sub(self.limit));
            rows.first()
        } else {
            rows.truncate(self.limit);
            rows.last()
        };
        let next_cursor = edge.filter(|_| has_more).map(|row| cursor(&at(row)));
        List { has_more, next_cursor, data: rows.into_iter().map(show).collect() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::http::Request;

    use super::*;
    use crate::problem::Code;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        status: Option<String>,
    }

    async fn listing(query: &str) -> Result<Listing<Filter>, Problem> {
        let request = Request::get(format!("/v1/things?{query}")).body(()).unwrap();
        Listing::from_request_parts(&mut request.into_parts().0, &()).await
    }

    fn page(limit: usize, before: Option<i64>) -> Page<i64> {
        Page { limit, after: None, before }
    }

    #[test]
    fn a_cursor_reads_back_and_only_in_its_own_list() {
        let now = OffsetDateTime::from_unix_timestamp_nanos(1_700_000_000_123_456_000).unwrap();
        let here = (now, TenantId::new());
        assert_eq!(place("after", Some(cursor(&here))).unwrap(), Some(here));
        assert_eq!(place("after", Some(cursor(&7_i64))).unwrap(), Some(7_i64));
        for due in [Some(now), None] {
            let task = (due, TaskId::new());
            assert_eq!(place("after", Some(cursor(&task))).unwrap(), Some(task));
        }
        let run = RunId::new();
        assert_eq!(place("after", Some(cursor(&run))).unwrap(), Some(run));
        for foreign in [cursor(&run), String::new(), "%%".to_owned(), "dGVzdA".to_owned()] {
            assert_eq!(place::<TaskId>("after", Some(foreign)).unwrap_err().code(), Code::InvalidParameter);
        }
    }

    #[test]
    fn one_row_too_many_means_more_and_the_cursor_is_the_last_shown() {
        let list = page(2, None).list(vec![9_i64, 8, 7], |seq| *seq, |seq| seq);
        assert_eq!((list.data, list.has_more, list.next_cursor), (vec![9, 8], true, Some(cursor(&8_i64))));
        let list = page(2, None).list(vec![7_i64, 6], |seq| *seq, |seq| seq);
        assert_eq!((list.data, list.has_more, list.next_cursor), (vec![7, 6], false, None));
    }

    #[test]
    fn backwards_the_newest_is_the_one_too_many() {
        let list = page(2, Some(6)).list(vec![9_i64, 8, 7], |seq| *seq, |seq| seq);
        assert_eq!((list.data, list.has_more, list.next_cursor), (vec![8, 7], true, Some(cursor(&8_i64))));
    }

    #[tokio::test]
    async fn a_query_is_a_page_and_filters() {
        let (filter, page) = listing("status=open&limit=5").await.unwrap().page::<RunId>().unwrap();
        assert_eq!((filter.status.as_deref(), page.rows()), (Some("open"), 6));
        for wrong in ["limit=0", "limit=101", "limit=x", "stauts=open", "after=a&before=b", "limit=1&limit=2"] {
            assert_eq!(listing(wrong).await.err().unwrap().code(), Code::InvalidParameter, "{wrong}");
        }
        assert!(listing("before=x").await.unwrap().forward::<i64>().is_err());
    }
}
