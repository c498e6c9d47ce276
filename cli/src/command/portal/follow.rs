//! A portal followed until nothing happens by itself any more.

use std::time::{Duration, Instant};

use super::path;
use crate::{
    client::{Answer, Client},
    failure::Failure,
    output::Output,
    view::portal::{self, Hostname, Portal},
};

/// The rest after the first look; half as long again after each further one without news.
const FIRST_REST: Duration = Duration::from_millis(300);
const LONGEST_REST: Duration = Duration::from_secs(5);

/// A portal as it was last seen, with the API's own words.
pub(in super::super) struct Seen {
    pub(in super::super) portal: Portal,
    body: String,
}

impl Seen {
    pub(super) fn new(answer: Answer) -> Result<Self, Failure> {
        Ok(Self { portal: answer.read()?, body: answer.body })
    }

    pub(super) fn show(&self, output: &Output) -> Result<(), Failure> {
        output.answer(&self.body, |paint| portal::portal(&self.portal, paint))
    }
}

/// The portal as it is.
pub(in super::super) async fn look(tenant: &str, client: &Client) -> Result<Seen, Failure> {
    Seen::new(client.get(&path(tenant, &[]), &[]).await?)
}

/// Looks at a portal again and again until it rests, or patience is over; tells every change.
pub(super) async fn until_it_rests(
    tenant: &str,
    wait: Option<u64>,
    client: &Client,
    output: &Output,
) -> Result<Seen, Failure> {
    let goes_on = format!("It goes on; follow it with: tenantry portal status --tenant {tenant} --watch");
    let ended = tokio::select! {
        // Listened for before anything is asked.
        biased;
        Ok(()) = tokio::signal::ctrl_c() => Err(Failure::Interrupted { next: goes_on.clone() }),
        ended = followed(tenant, wait.map(Duration::from_secs), client, output) => ended,
    };
    ended.map_err(|failure| failure.besides(goes_on))
}

async fn followed(tenant: &str, patience: Option<Duration>, client: &Client, output: &Output) -> Result<Seen, Failure> {
    let deadline = patience.map(|patience| Instant::now() + patience);
    let (mut rest, mut before) = (FIRST_REST, None);
    loop {
        let seen = look(tenant, client).await?;
        let changes = portal::changes(before.as_ref(), &seen.portal, output.error_paint());
        if !changes.is_empty() {
            rest = FIRST_REST;
        }
        changes.iter().for_each(|change| output.aside(change));
        let left = deadline.map_or(LONGEST_REST, |deadline| deadline.saturating_duration_since(Instant::now()));
        if seen.portal.awaited().is_none_or(Hostname::rests) || left.is_zero() {
            return Ok(seen);
        }
        tokio::time::sleep(rest.min(left)).await;
        rest = (rest * 3 / 2).min(LONGEST_REST);
        before = Some(seen.portal);
    }
}
