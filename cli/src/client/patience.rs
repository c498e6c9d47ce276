//! When a request is made again, and how long it rests before.

use std::time::Duration;

use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use tokio::time::Instant;

/// Tries of one request, the first included.
const TRIES: u32 = 4;
/// The rest after the first try when the API names none; doubled after each further one.
const REST: Duration = Duration::from_millis(250);
/// Longer than this nobody wants to look at a silent terminal; the failure says how long the API asked for.
const LONGEST_REST: Duration = Duration::from_secs(30);
/// No further try begins this long after the first: an API that takes its time-out for each would take minutes.
const WHOLE: Duration = Duration::from_secs(60);

/// What the API says about another try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// Any time.
    Soon,
    /// Not before.
    After(Duration),
}

/// The tries that are left.
#[derive(Debug)]
pub(super) struct Patience {
    tried: u32,
    since: Instant,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { tried: 0, since: Instant::now() }
    }

    /// How long to rest before the next try; none when it was tried often enough.
    pub(super) fn wait(&mut self, wish: Wish) -> Option<Duration> {
        self.tried += 1;
        let rest = match wish {
            Wish::Soon => REST * 2_u32.pow(self.tried - 1),
            Wish::After(rest) => rest,
        };
        let in_time = rest <= LONGEST_REST && self.since.elapsed() + rest < WHOLE;
        (self.tried < TRIES && in_time).then_some(rest)
    }
}

/// Whether an answer invites another try. Only what cannot have been done, or is done once whatever happens, is asked
/// again: every POST carries its key.
pub(super) fn wish(status: StatusCode, headers: &HeaderMap) -> Option<Wish> {
    let after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let after = after.map(|seconds| Wish::After(Duration::from_secs(seconds)));
    match status {
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => after.or(Some(Wish::Soon)),
        // An earlier try with the same key is still being worked on.
        StatusCode::CONFLICT => after,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rests_grow_and_end() {
        let mut patience = Patience::new();
        let rests: Vec<_> = std::iter::from_fn(|| patience.wait(Wish::Soon)).map(|rest| rest.as_millis()).collect();
        assert_eq!(rests, [250, 500, 1000]);
    }

    #[test]
    fn the_api_says_how_long_to_rest_within_reason() {
        assert_eq!(Patience::new().wait(Wish::After(Duration::from_secs(7))), Some(Duration::from_secs(7)));
        assert_eq!(Patience::new().wait(Wish::After(Duration::from_secs(3600))), None);
    }

    #[test]
    fn only_what_may_yet_work_is_asked_again() {
        let none = HeaderMap::new();
        let soon: HeaderMap = [(RETRY_AFTER, "2".parse().unwrap())].into_iter().collect();
        let after = Some(Wish::After(Duration::from_secs(2)));
        for (status, without, with) in
            [(429, Some(Wish::Soon), after), (503, Some(Wish::Soon), after), (409, None, after)]
        {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!((wish(status, &none), wish(status, &soon)), (without, with), "{status}");
        }
        for status in [400, 401, 403, 404, 410, 422, 500] {
            assert_eq!(wish(StatusCode::from_u16(status).unwrap(), &soon), None, "{status}");
        }
    }
}
