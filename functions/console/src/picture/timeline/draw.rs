//! The picture of a run.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{
    super::{
        svg::{Fit, Frame, f, n},
        text,
    },
    lanes::{Bar, Dot, Lane},
    scale::Scale,
    story::{Group, Look, Story},
};

/// The names of the rows stand in so many pixels.
const NAMES: f64 = 168.0;
const RIGHT: f64 = 16.0;
const ROW: f64 = 22.0;
/// Above the rows: when it began and ended, and how long what lies between took.
const TOP: f64 = 46.0;
/// Between two kinds of rows.
const BETWEEN: f64 = 10.0;

pub(super) fn draw(story: &Story, scale: &Scale, lanes: &[Lane]) -> Markup {
    let width = NAMES + scale.width() + RIGHT;
    let mut rows = Vec::with_capacity(lanes.len());
    let (mut y, mut rules) = (TOP, Vec::new());
    for (nth, lane) in lanes.iter().enumerate() {
        if nth > 0 && lanes[nth - 1].group != lane.group {
            rules.push(y + BETWEEN / 2.0);
            y += BETWEEN;
        }
        rows.push((y, lane));
        y += ROW;
    }
    let bottom = y.max(TOP + ROW);
    let body = html! {
        (axis(story, scale, bottom))
        @for y in rules { line.pic-grid x1="4" x2=(n(width - 4.0)) y1=(n(y)) y2=(n(y)) {} }
        @for (y, lane) in &rows { (row(*y, lane)) }
        (open_end(story, scale, bottom))
    };
    let title = format!("The run ({}) in time", text::words(&story.kind));
    let desc = describe(story, scale, lanes);
    Frame { width, height: bottom + 26.0, fit: Fit::Stays, title: &title, desc: &desc }.around(&body)
}

/// When it began and ended; a line at each change of state; and how long it was to the next one.
fn axis(story: &Story, scale: &Scale, bottom: f64) -> Markup {
    let last = story.ended.unwrap_or(story.now);
    let end = if story.ended.is_some() { text::moment(last) } else { format!("now, {}", text::moment(last)) };
    let begin = text::moment(scale.first());
    let width = NAMES + scale.width();
    html! {
        text.pic-text.pic-soft x=(n(NAMES)) y="16" { (begin) }
        text.pic-text.pic-soft x=(n(width)) y="16" text-anchor="end" { (end) }
        @for pair in scale.stops.windows(2) {
            @let (from, to) = (NAMES + pair[0].1, NAMES + pair[1].1);
            @let took = text::short((pair[1].0 - pair[0].0).as_seconds_f64());
            @if to - from > text::width(&took) + 8.0 {
                text.pic-text.pic-soft x=(n(f64::midpoint(from, to))) y="36" text-anchor="middle" { (took) }
            }
        }
        @for at in story.changes.iter().chain([&story.began, &last]).filter(|at| **at >= scale.first()) {
            @let x = NAMES + scale.x(*at);
            line.pic-grid x1=(n(x)) x2=(n(x)) y1="40" y2=(n(bottom)) {}
        }
    }
}

fn row(y: f64, lane: &Lane) -> Markup {
    html! {
        text.pic-text x=(n(NAMES - 10.0)) y=(n(y + 15.0)) text-anchor="end" {
            @if lane.name.chars().count() > 23 { title { (lane.name) } }
            (text::cut(&lane.name, 23))
        }
        @for bar in &lane.bars { (bar_of(y, lane.group, bar)) }
        @for dot in &lane.dots { (dot_of(y + ROW / 2.0, dot)) }
    }
}

fn bar_of(y: f64, group: Group, bar: &Bar) -> Markup {
    let state = group == Group::State;
    let (top, size) = if state { (y + 3.0, ROW - 6.0) } else { (y + ROW / 2.0 - 3.0, 6.0) };
    let took = bar.seconds.map(text::short).unwrap_or_default();
    let long = bar.seconds.map(|seconds| format!(" ({})", text::long(seconds))).unwrap_or_default();
    let wide = (bar.to - bar.from).max(2.0);
    html! {
        g class={ (if state { "pic-bar" } else { "pic-work" }) " " (class(bar.look)) } {
            title { (bar.words) (long) }
            rect x=(n(NAMES + bar.from)) y=(n(top)) width=(n(wide)) height=(n(size)) rx="3" {}
            @if state && wide > text::width(&took) + 10.0 {
                text.pic-text x=(n(NAMES + bar.from + wide / 2.0)) y=(n(y + 15.0)) text-anchor="middle" { (took) }
            }
        }
    }
}

/// A mark. Its shape says how it went, for whoever does not see its colour.
fn dot_of(y: f64, dot: &Dot) -> Markup {
    let (x, at) = (NAMES + dot.at, n(NAMES + dot.at));
    html! {
        g class={ "pic-mark " (class(dot.look)) } {
            title { (dot.words) }
            @match dot.look {
                Look::Good => circle cx=(at) cy=(n(y)) r="5" {},
                Look::Bad => path d=(format!("M{} {} l9 9 m0 -9 l-9 9", n(x - 4.5), n(y - 4.5))) fill="none" {},
                Look::Open => circle cx=(at) cy=(n(y)) r="5" fill="none" {},
                Look::Person => rect x=(n(x - 4.5)) y=(n(y - 4.5)) width="9" height="9" rx="1" {},
                Look::Calm => path d=(format!("M{} {} l5 5 l-5 5 l-5 -5 z", at, n(y - 5.0))) {},
            }
        }
    }
}

/// When it goes on by itself.
fn open_end(story: &Story, scale: &Scale, bottom: f64) -> Markup {
    let Some((at, why)) = &story.next else { return html! {} };
    let (from, to) = (NAMES + scale.x(story.now), NAMES + scale.x((*at).max(story.now)));
    let left = (*at - story.now).as_seconds_f64();
    let when = if left > 0.0 { format!("goes on in {}", text::long(left)) } else { "goes on now".to_owned() };
    let words = format!("{when}: {}", text::cut(why, 40));
    let inside = to.min(NAMES + scale.width()).max(text::width(&words));
    html! {
        g.pic-next-wake {
            title { (words) " (" (text::moment(*at)) ")" }
            path d=(format!("M{} {} L{} {}", n(from), n(bottom + 4.0), n(to), n(bottom + 4.0))) fill="none" {}
            circle cx=(n(to)) cy=(n(bottom + 4.0)) r="4" fill="none" {}
            text.pic-text x=(n(inside)) y=(n(bottom + 22.0)) text-anchor="end" { (words) }
        }
    }
}

fn class(look: Look) -> &'static str {
    match look {
        Look::Calm => "pic-calm",
        Look::Person => "pic-person",
        Look::Open => "pic-open",
        Look::Good => "pic-good",
        Look::Bad => "pic-bad",
    }
}

fn describe(story: &Story, scale: &Scale, lanes: &[Lane]) -> String {
    let mut words = format!("It began at {} and is {}", text::moment(story.began), text::words(&story.status));
    let took = (story.ended.unwrap_or(story.now) - story.began).as_seconds_f64();
    let _ = write!(words, " after {}.", text::long(took));
    let states: Vec<&str> =
        lanes.iter().filter(|lane| lane.group == Group::State).map(|lane| lane.name.as_str()).collect();
    let _ = write!(words, " States: {}.", states.join(", "));
    let bad = lanes.iter().flat_map(|lane| &lane.dots).filter(|dot| dot.look == Look::Bad).count();
    if bad > 0 {
        let _ = write!(words, " Something went wrong at {} {}.", f(bad), if bad == 1 { "place" } else { "places" });
    }
    if scale.left_out > 0 {
        let _ = write!(words, " The first {} changes are not drawn.", scale.left_out);
    }
    if let Some((at, why)) = &story.next {
        let _ = write!(words, " It goes on at {} ({why}).", text::moment(*at));
    }
    words
}
