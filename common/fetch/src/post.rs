//! Telling somebody something, and hearing how it was taken.

use std::time::Duration;

use reqwest::{
    Response,
    header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER},
};

use crate::{FetchError, Guarded, guarded::explain};

/// So much of an answer is taken in, so that the connection can be used again; the rest is left.
const DRAINED: usize = 16 * 1024;
/// ... if it comes so soon.
const DRAINED_WITHIN: Duration = Duration::from_secs(1);

/// How something was taken. What else the answer said is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// The status; that of a redirect, where it is one.
    pub status: u16,
    /// Seconds for which the receiver asks to be left alone.
    pub retry_after: Option<u64>,
}

impl Guarded {
    /// Sends JSON to the URL with these headers, and gives up after `within`, resolving and connecting included. Any answer is an
    /// answer, whatever its status.
    ///
    /// # Errors
    /// There was none; see [`FetchError`]. The receiver may have heard it all the same.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: String,
        within: Duration,
    ) -> Result<Posted, FetchError> {
        let url = self.check(url)?;
        let mut request = self.client.post(url).header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = tokio::time::timeout(within, request.body(body).send()).await;
        let response = answer.map_err(|_| FetchError::TimedOut)?.map_err(|error| explain(&error))?;
        let posted = Posted { status: response.status().as_u16(), retry_after: retry_after(response.headers()) };
        // Whatever becomes of the rest: it was answered.
        let _ = tokio::time::timeout(DRAINED_WITHIN, drain(response)).await;
        Ok(posted)
    }
}

async fn drain(mut response: Response) {
    let mut taken = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        taken += chunk.len();
        if taken > DRAINED {
            return;
        }
    }
}

/// Seconds, or a time (RFC 9110 section 10.2.3), which is compared with the receiver's own clock.
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text(RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(seconds);
    }
    let at = httpdate::parse_http_date(asked).ok()?;
    let now = httpdate::parse_http_date(text(DATE)?).ok()?;
    Some(at.duration_since(now).map_or(0, |left| left.as_secs()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_receiver_says_how_long_in_seconds_or_by_its_clock() {
        let of = |text: &str, date: Option<&str>| {
            let given = [Some((RETRY_AFTER, text.parse().unwrap())), date.map(|date| (DATE, date.parse().unwrap()))];
            retry_after(&HeaderMap::from_iter(given.into_iter().flatten()))
        };
        let (earlier, later) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 09:49:37 GMT");
        assert_eq!((of("120", None), of("120", Some(earlier))), (Some(120), Some(120)));
        assert_eq!((of(later, Some(earlier)), of(earlier, Some(later))), (Some(3600), Some(0)));
        assert_eq!(
            (of(later, None), of("-1", None), of("soon", Some(earlier)), of("", None)),
            (None, None, None, None)
        );
    }
}
