//! A message followed until it has left.

use std::time::{Duration, Instant};

use crate::{
    client::{Answer, Client},
    failure::Failure,
    output::{Output, printable},
    view::mail::message::{self, Message},
};

/// The rest after the first look; half as long again after each further one.
const FIRST_REST: Duration = Duration::from_millis(300);
const LONGEST_REST: Duration = Duration::from_secs(5);

/// A message as it was last seen, with the API's own words.
pub(super) struct Seen {
    pub(super) message: Message,
    pub(super) body: String,
}

impl Seen {
    pub(super) fn new(answer: Answer) -> Result<Self, Failure> {
        Ok(Self { message: answer.read()?, body: answer.body })
    }

    pub(super) fn show(&self, output: &Output) -> Result<(), Failure> {
        output.answer(&self.body, |paint| message::message(&self.message, paint))
    }

    /// Success for a message that has left; else the failure that says how it stands.
    pub(super) fn judge(&self) -> Result<(), Failure> {
        self.message.has_left()
    }
}

pub(super) async fn look(id: &str, client: &Client) -> Result<Seen, Failure> {
    Seen::new(client.get(&["v1", "messages", id], &[]).await?)
}

/// How a message is followed.
pub(super) struct Follow {
    /// How long at most; none for as long as it takes.
    pub(super) patience: Option<Duration>,
    /// Go on after it was sent.
    pub(super) past_sent: bool,
}

impl Follow {
    /// Looks at a message again and again; every change is told on standard error.
    pub(super) async fn follow(&self, client: &Client, seen: Seen, output: &Output) -> Result<Seen, Failure> {
        let goes_on = format!("The message goes its way; follow it with: tenantry mail watch {}", seen.message.id);
        let ended = tokio::select! {
            // Listened for before anything is asked.
            biased;
            Ok(()) = tokio::signal::ctrl_c() => Err(Failure::Interrupted { next: goes_on.clone() }),
            ended = self.until_it_rests(client, seen, output) => ended,
        };
        ended.map_err(|failure| failure.besides(goes_on))
    }

    async fn until_it_rests(&self, client: &Client, mut seen: Seen, output: &Output) -> Result<Seen, Failure> {
        let deadline = self.patience.map(|patience| Instant::now() + patience);
        let mut rest = FIRST_REST;
        let mut said = String::new();
        loop {
            let words = printable(&seen.message.standing());
            if words != said {
                output.aside(&words);
                (said, rest) = (words, FIRST_REST);
            }
            let left = deadline.map_or(LONGEST_REST, |deadline| deadline.saturating_duration_since(Instant::now()));
            if seen.message.rests(self.past_sent) || left.is_zero() {
                return Ok(seen);
            }
            tokio::time::sleep(rest.min(left)).await;
            rest = (rest * 3 / 2).min(LONGEST_REST);
            seen = look(&seen.message.id, client).await?;
        }
    }
}
