//! A piece of a page that asks for itself while something moves, and is left alone while nothing has changed: whoever is about to copy
//! something, or reads it by keyboard, keeps their place.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use time::OffsetDateTime;

use crate::page::Page;

/// Seconds for which a page asks on after somebody has asked for a look: what was found is there a little later.
const AFTER_A_LOOK: i64 = 60;

/// What a piece tells when it asks for itself.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Seen {
    /// The piece that is shown.
    seen: Option<String>,
    /// Until when to ask although nothing moves: seconds since 1970.
    until: Option<String>,
}

impl Seen {
    fn until(&self) -> Option<i64> {
        self.until.as_deref()?.parse().ok()
    }
}

/// A piece of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Live<'a> {
    id: &'a str,
    from: &'a str,
    every: &'static str,
    until: Option<i64>,
    asks: bool,
    known_by: Option<u64>,
}

impl<'a> Live<'a> {
    /// The piece with this id, that comes from this path.
    pub(crate) fn new(id: &'a str, from: &'a str) -> Self {
        Self { id, from, every: "every 2s", until: None, asks: false, known_by: None }
    }

    /// That asks as often (in the words of htmx), and not every two seconds.
    pub(crate) fn every(self, every: &'static str) -> Self {
        Self { every, ..self }
    }

    /// That is the same as before as long as this is: a picture that shows the present moment is another at each.
    pub(crate) fn known_by(self, what: &str) -> Self {
        Self { known_by: Some(hash(what)), ..self }
    }

    /// That asks while this is so.
    pub(crate) fn moving(self, moving: bool) -> Self {
        Self { asks: self.asks || moving, ..self }
    }

    /// That asks for a minute from now on, where somebody has just asked for a look.
    pub(crate) fn after_a_look(self, looked: bool, now: OffsetDateTime) -> Self {
        if looked { Self { until: Some(now.unix_timestamp() + AFTER_A_LOOK), asks: true, ..self } } else { self }
    }

    /// That goes on asking, as it has said.
    pub(crate) fn going_on(self, seen: &Seen, now: OffsetDateTime) -> Self {
        let asks = self.asks || seen.until().is_some_and(|until| now.unix_timestamp() < until);
        Self { until: seen.until(), asks, ..self }
    }

    /// The piece.
    pub(crate) fn draw(&self, body: &Markup) -> Markup {
        let until = self.until.map(|until| format!("&until={until}")).unwrap_or_default();
        let and = if self.from.contains('?') { '&' } else { '?' };
        let from = self.asks.then(|| format!("{}{and}seen={}{until}", self.from, self.mark(body)));
        html! {
            div id=(self.id) hx-get=[from] hx-trigger=[self.asks.then_some(self.every)] hx-swap=[self.asks.then_some("outerHTML")] { (body) }
        }
    }

    fn mark(&self, body: &Markup) -> String {
        format!("{:016x}", self.known_by.unwrap_or_else(|| hash(&body.0)))
    }

    /// What is answered to a piece that asks for itself: nothing (204), where it is shown as it is.
    pub(crate) fn answer(&self, seen: &Seen, body: &Markup) -> Response {
        if self.asks && seen.seen.as_deref() == Some(&self.mark(body)) {
            return StatusCode::NO_CONTENT.into_response();
        }
        Page::piece(self.draw(body)).into_response()
    }
}

/// Tells one content from another. What two versions of the console disagree about is drawn once more than needed.
fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(seconds)
    }

    #[test]
    fn what_is_shown_already_is_not_drawn_again() {
        let live = Live::new("x", "/x/live").moving(true);
        let (one, other) = (html! { "one" }, html! { "other" });
        let seen = Seen { seen: Some(live.mark(&one)), until: None };
        assert_eq!(live.answer(&seen, &one).status(), StatusCode::NO_CONTENT);
        assert_eq!(live.answer(&seen, &other).status(), StatusCode::OK);
    }

    #[test]
    fn what_is_known_by_something_else_is_the_same_as_long_as_that_is() {
        let live = Live::new("x", "/x/live").moving(true).known_by("seq 7");
        let (one, other) = (html! { "12:00" }, html! { "12:01" });
        let seen = Seen { seen: Some(live.mark(&one)), until: None };
        assert_eq!(live.answer(&seen, &other).status(), StatusCode::NO_CONTENT);
        assert_eq!(live.known_by("seq 8").answer(&seen, &other).status(), StatusCode::OK);
    }

    #[test]
    fn what_has_come_to_rest_is_drawn_once_more_without_asking() {
        let body = html! { "done" };
        let seen = Seen { seen: Some(Live::new("x", "").mark(&body)), until: Some("60".to_owned()) };
        let late = Live::new("x", "/x/live").going_on(&seen, at(60));
        assert_eq!(late.answer(&seen, &body).status(), StatusCode::OK);
        assert!(!late.draw(&body).0.contains("hx-get"));
        let early = Live::new("x", "/x/live").going_on(&seen, at(59));
        assert_eq!(early.answer(&seen, &body).status(), StatusCode::NO_CONTENT);
        assert!(early.draw(&body).0.contains("until=60"));
    }
}
