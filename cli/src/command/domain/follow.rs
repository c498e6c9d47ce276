//! A domain followed until it is as somebody waits for it.

use std::time::{Duration, Instant};

use super::place::Place;
use crate::{
    client::{Answer, Client},
    failure::Failure,
    output::Output,
    view::domain::{self, Domain},
};

/// The rest after the first look; half as long again after each further one without news.
const FIRST_REST: Duration = Duration::from_millis(300);
const LONGEST_REST: Duration = Duration::from_secs(5);
/// How long the records of a new domain are waited for: the mail service makes the key in a second or two.
const SETTLES_WITHIN: Duration = Duration::from_secs(15);

/// A domain as it was last seen, with the API's own words.
pub(in super::super) struct Seen {
    pub(in super::super) domain: Domain,
    body: String,
}

impl Seen {
    pub(super) fn new(answer: Answer) -> Result<Self, Failure> {
        Ok(Self { domain: answer.read()?, body: answer.body })
    }

    pub(super) async fn look(place: &Place, client: &Client) -> Result<Self, Failure> {
        Self::new(client.get(&place.path(&[]), &[]).await?)
    }

    pub(super) fn show(&self, output: &Output) -> Result<(), Failure> {
        output.answer(&self.body, |paint| domain::domain(&self.domain, paint))
    }

    /// Success for a domain that is verified and whose records are all there; else how it stands.
    pub(super) fn judge(&self) -> Result<(), Failure> {
        let Domain { name, verdict, .. } = &self.domain;
        match verdict.as_deref() {
            Some("not_ready") => Err(Failure::NotReady {
                what: format!("{name} is not ready"),
                next: "Do what the findings say, and look again; a zone's servers may take minutes to know a change."
                    .to_owned(),
            }),
            Some("unclear") => Err(Failure::Ended {
                what: format!("It cannot be said whether {name} is ready"),
                detail: "What we saw: too much of it could not be looked up.".to_owned(),
                next: "Nothing; it is looked at again soon.".to_owned(),
                code: "unclear",
            }),
            _ => self.domain.is_verified(),
        }
    }
}

/// How a domain is followed.
pub(super) struct Follow {
    /// How long at most; none for as long as it takes.
    pub(super) patience: Option<Duration>,
    /// Every change is told on standard error.
    pub(super) aloud: bool,
}

impl Follow {
    /// Looks at a domain again and again until `rests`, or patience is over; says how it was then.
    pub(super) async fn until(
        &self,
        rests: impl Fn(&Domain) -> bool,
        place: &Place,
        client: &Client,
        output: &Output,
    ) -> Result<Seen, Failure> {
        let Place { tenant, domain } = place;
        let goes_on = format!("It goes on; follow it with: tenantry domain watch {domain} --tenant {tenant}");
        let ended = tokio::select! {
            // Listened for before anything is asked.
            biased;
            Ok(()) = tokio::signal::ctrl_c() => Err(Failure::Interrupted { next: goes_on.clone() }),
            ended = self.until_it_rests(rests, place, client, output) => ended,
        };
        ended.map_err(|failure| failure.besides(goes_on))
    }

    async fn until_it_rests(
        &self,
        rests: impl Fn(&Domain) -> bool,
        place: &Place,
        client: &Client,
        output: &Output,
    ) -> Result<Seen, Failure> {
        let deadline = self.patience.map(|patience| Instant::now() + patience);
        let (mut rest, mut before) = (FIRST_REST, None);
        loop {
            let seen = Seen::look(place, client).await?;
            let changes = domain::changes(before.as_ref(), &seen.domain, output.error_paint());
            if !changes.is_empty() {
                rest = FIRST_REST;
            }
            if self.aloud {
                changes.iter().for_each(|change| output.aside(change));
            }
            let left = deadline.map_or(LONGEST_REST, |deadline| deadline.saturating_duration_since(Instant::now()));
            if rests(&seen.domain) || left.is_zero() {
                return Ok(seen);
            }
            tokio::time::sleep(rest.min(left)).await;
            rest = (rest * 3 / 2).min(LONGEST_REST);
            before = Some(seen.domain);
        }
    }
}

/// A new domain once its records are known, or as it is when that takes long.
pub(in super::super) async fn until_there_are_records(
    place: &Place,
    client: &Client,
    output: &Output,
) -> Result<Seen, Failure> {
    let known = |domain: &Domain| domain.status != "created" || domain.reason.is_some();
    Follow { patience: Some(SETTLES_WITHIN), aloud: false }.until(known, place, client, output).await
}
