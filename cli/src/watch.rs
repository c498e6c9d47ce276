//! A run followed by long polling, with a bar that moves or lines that are added.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    client::{Answer, Client},
    failure::Failure,
    output::{Output, printable},
    view::{moment::Moment, run::Run},
};

/// The longest the API is asked to wait for news; gateways in between give up at 30 s.
const POLL: Duration = Duration::from_secs(20);
/// The pause after an answer without news that came at once: not every API waits when asked to.
const REST: Duration = Duration::from_millis(500);

/// How a run is followed.
#[derive(Debug)]
pub struct Watch {
    /// How long at most; none for as long as it takes.
    pub patience: Option<Duration>,
    /// Go on while a person is asked.
    pub past_tasks: bool,
}

/// A run as it was last seen, with the API's own words.
#[derive(Debug)]
pub struct Seen {
    /// The run.
    pub run: Run,
    /// The document.
    pub body: String,
}

impl Seen {
    /// Reads an answer that is a run.
    ///
    /// # Errors
    /// [`Failure::NotUnderstood`] when it is none.
    pub fn new(answer: Answer) -> Result<Self, Failure> {
        Ok(Self { run: answer.read()?, body: answer.body })
    }
}

/// How progress is shown.
#[derive(Debug)]
pub enum Progress {
    /// A bar on standard error.
    Bar(ProgressBar),
    /// A line for every change, on standard output.
    Lines(Output),
    /// A line for every change, on standard error: standard output is for the result.
    Asides(Output),
}

impl Progress {
    /// A bar where a person looks at a terminal; else lines, on standard output when they are what was asked for.
    #[must_use]
    pub fn new(output: &Output, lines_are_the_answer: bool) -> Self {
        if lines_are_the_answer && !output.out_terminal && !output.json {
            Self::Lines(*output)
        } else if output.error_terminal {
            let bar = ProgressBar::with_draw_target(Some(100), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {bar:30} {percent:>3} %  {msg}  {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            Self::Bar(bar)
        } else {
            Self::Asides(*output)
        }
    }

    fn show(&self, run: &Run) -> Result<(), Failure> {
        let says_more = run.status != "running" && run.status != run.step;
        let status = if says_more { format!(" ({})", run.status) } else { String::new() };
        let words = printable(&format!("{}{status}", run.step));
        let line = || {
            let at = run.updated_at.map(Moment::day_and_time).unwrap_or_default();
            format!("{at}  {:>3} %  {words}", run.progress)
        };
        match self {
            Self::Bar(bar) => {
                bar.set_message(words);
                // A run's progress never goes back; neither does what was shown.
                bar.set_position(bar.position().max(run.progress.into()));
            }
            Self::Lines(output) => output.line(&line())?,
            Self::Asides(output) => output.aside(&line()),
        }
        Ok(())
    }

    fn end(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl Watch {
    /// Follows a run until it has ended, a person is asked, or patience is over; says how it was then.
    ///
    /// # Errors
    /// The API cannot be asked any more, or Ctrl-C. The failure says how to go on watching: the run does not stop.
    pub async fn follow(&self, client: &Client, seen: Seen, progress: Progress) -> Result<Seen, Failure> {
        let id = seen.run.id.clone();
        let goes_on = format!("The run goes on; follow it with: tenantry run watch {id}");
        let ended = tokio::select! {
            // Listened for before anything is asked.
            biased;
            Ok(()) = tokio::signal::ctrl_c() => Err(Failure::Interrupted { next: goes_on.clone() }),
            ended = self.until_it_rests(client, seen, &progress) => ended,
        };
        progress.end();
        ended.map_err(|failure| failure.besides(goes_on))
    }

    async fn until_it_rests(&self, client: &Client, mut seen: Seen, progress: &Progress) -> Result<Seen, Failure> {
        let deadline = self.patience.map(|patience| Instant::now() + patience);
        progress.show(&seen.run)?;
        while !seen.run.ended() && (self.past_tasks || !seen.run.asks_a_person()) {
            let left = deadline.map_or(POLL, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            // Whole seconds, rounded up, so that the last one is waited for too.
            let wait = left.min(POLL).as_secs_f64().ceil();
            let query = [("wait", Some(wait.to_string())), ("since", Some(seen.run.seq.to_string()))];
            let asked = Instant::now();
            let answer =
                client.get_slowly(&["v1", "runs", &seen.run.id], &query, Duration::from_secs_f64(wait)).await?;
            let before = seen.run.seq;
            seen = Seen::new(answer)?;
            if seen.run.seq != before {
                progress.show(&seen.run)?;
            } else if asked.elapsed() < REST {
                tokio::time::sleep(REST.min(left)).await;
            }
        }
        Ok(seen)
    }
}
