//! A run as a picture: where it was when, what it did and how that went, what it waited for, what people said, and when it goes on.

mod draw;
mod lanes;
mod scale;
mod story;

use maud::Markup;
use serde_json::Value;
use time::OffsetDateTime;

/// Draws a run (`GET /v1/runs/{id}`) with what happened to it (`GET /v1/runs/{id}/timeline`), as it is `now`.
///
/// Time is compressed: the longer something took, the less of it is drawn, so that a second and a month have room side by side. Only
/// the last forty changes of state are drawn. Marks that would lie on each other are one mark that says how many it is.
pub(crate) fn timeline(run: &Value, entries: &Value, now: OffsetDateTime) -> Markup {
    let story = story::Story::read(run, entries, now);
    let scale = scale::Scale::of(&story);
    draw::draw(&story, &scale, &lanes::lanes(&story, &scale))
}

#[cfg(test)]
pub(super) mod tests;
