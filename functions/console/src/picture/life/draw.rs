//! The diagram, once everything is in its place.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{
    super::{
        svg::{Fit, Frame, f, n},
        text,
    },
    graph::{Edge, Graph},
    layers::Layers,
    place::{ARC, Box, EDGE, LINE, Placed},
};

/// Below the diagram: what the marks mean.
const LEGEND: f64 = 42.0;
/// How long an arrow's head is.
const HEAD: f64 = 7.0;
/// The legend's width.
const LEAST: f64 = 292.0;

/// The diagram.
pub(super) fn draw(kind: &str, graph: &Graph, layers: &Layers, placed: &Placed, state: &str) -> Markup {
    let here = graph.states.iter().position(|known| known == state);
    let drawn = |from: Option<usize>| {
        placed.ways.iter().filter(move |way| (Some(graph.edges[way.edge].from) == here) == from.is_some())
    };
    // What leads on from here stands above the rest.
    let ways: Vec<_> = drawn(None).chain(drawn(Some(0))).collect();
    let (width, bottom) = (placed.width.max(LEAST), placed.height);
    let body = html! {
        @for at in &layers.drawn {
            @let edge = &graph.edges[*at];
            @if layers.of[edge.from] == layers.of[edge.to] {
                (arrow(graph, edge, here, false, &beside(&placed.boxes[edge.from], &placed.boxes[edge.to])))
            }
        }
        @for way in &ways {
            @let edge = &graph.edges[way.edge];
            (arrow(graph, edge, here, layers.of[edge.to] < layers.of[edge.from], &along(&way.points)))
        }
        @for (nth, own) in placed.boxes.iter().enumerate() { (state_box(graph, nth, own, here)) }
        g.pic-legend {
            rect.pic-state.pic-here x=(n(EDGE)) y=(n(bottom + 6.0)) width="14" height="12" rx="3" {}
            text.pic-text x=(n(EDGE + 20.0)) y=(n(bottom + 16.0)) { "where it is" }
            rect.pic-state.pic-end x=(n(EDGE + 110.0)) y=(n(bottom + 6.0)) width="14" height="12" rx="3" {}
            text.pic-text x=(n(EDGE + 130.0)) y=(n(bottom + 16.0)) { "an end" }
            path.pic-edge.pic-back d=(format!("M{} {} h24", n(EDGE + 190.0), n(bottom + 12.0))) fill="none" {}
            text.pic-text x=(n(EDGE + 220.0)) y=(n(bottom + 16.0)) { "back" }
        }
    };
    let title = format!("The life of {}", text::words(kind));
    let desc = describe(graph, layers, here, state);
    Frame { width, height: bottom + LEGEND - 14.0, fit: Fit::Stays, title: &title, desc: &desc }.around(&body)
}

fn state_box(graph: &Graph, nth: usize, own: &Box, here: Option<usize>) -> Markup {
    let mut class = "pic-state".to_owned();
    if here == Some(nth) {
        class.push_str(" pic-here");
    }
    if graph.ends.contains(&nth) {
        class.push_str(" pic-end");
    }
    let middle = n(own.x + own.width / 2.0);
    let first =
        own.y + own.height / 2.0 - LINE * (f(own.lines.len() + usize::from(own.note.is_some())) / 2.0) + LINE * 0.75;
    let again =
        graph.again.get(&nth).map(|labels| format!(" Begins again with: {}.", list(labels))).unwrap_or_default();
    html! {
        g class=(class) {
            title { (text::words(&graph.states[nth])) "." (again) }
            rect x=(n(own.x)) y=(n(own.y)) width=(n(own.width)) height=(n(own.height)) rx="7" {}
            @for (line, words) in own.lines.iter().enumerate() {
                text.pic-text x=(middle) y=(n(first + LINE * f(line))) text-anchor="middle" { (words) }
            }
            @if let Some(note) = &own.note {
                text.pic-text.pic-soft x=(middle) y=(n(first + LINE * f(own.lines.len()))) text-anchor="middle" { (note) }
            }
        }
    }
}

/// An arrow's line and head.
#[derive(Default)]
struct Line {
    path: String,
    head: String,
}

/// An arrow, wide enough to be pointed at.
fn arrow(graph: &Graph, edge: &Edge, here: Option<usize>, back: bool, line: &Line) -> Markup {
    let mut class = "pic-arrow".to_owned();
    if here == Some(edge.from) {
        class.push_str(" pic-next");
    }
    if back {
        class.push_str(" pic-back");
    }
    html! {
        g class=(class) {
            title { (text::words(&graph.states[edge.from])) " to " (text::words(&graph.states[edge.to])) ": " (list(&edge.labels)) }
            path.pic-hit d=(line.path) fill="none" {}
            path.pic-edge d=(line.path) fill="none" {}
            path.pic-head d=(line.head) {}
        }
    }
}

/// Two states of one row: from below the one to below the other, in an arc.
fn beside(from: &Box, to: &Box) -> Line {
    let towards = if from.x < to.x { 9.0 } else { -9.0 };
    let (start, end) = (from.x + from.width / 2.0 + towards, to.x + to.width / 2.0 - towards);
    let (start_y, end_y) = (from.y + from.height, to.y + to.height);
    let deep = start_y.max(end_y) + ARC;
    let path = format!(
        "M{} {} C{} {} {} {} {} {}",
        n(start),
        n(start_y),
        n(start),
        n(deep),
        n(end),
        n(deep),
        n(end),
        n(end_y + HEAD)
    );
    Line { path, head: format!("M{} {} l-4 {} h8 z", n(end), n(end_y), n(HEAD)) }
}

/// From row to row along the points of a way.
fn along(points: &[(f64, f64)]) -> Line {
    let (Some((x, y)), Some((end_x, end_y))) = (points.first(), points.last()) else { return Line::default() };
    // The head points the way the last piece goes.
    let head = if points.iter().rev().nth(1).is_some_and(|before| *end_y > before.1) { -HEAD } else { HEAD };
    let mut path = format!("M{} {}", n(*x), n(*y));
    let (mut at_x, mut at_y) = (*x, *y);
    for (nth, (to_x, to_y)) in points.iter().enumerate().skip(1) {
        let to_y = if nth + 1 == points.len() { to_y + head } else { *to_y };
        let half = f64::midpoint(at_y, to_y);
        let _ = write!(path, " C{} {} {} {} {} {}", n(at_x), n(half), n(*to_x), n(half), n(*to_x), n(to_y));
        (at_x, at_y) = (*to_x, to_y);
    }
    Line { path, head: format!("M{} {} l-4 {} h8 z", n(*end_x), n(*end_y), n(head)) }
}

fn list(labels: &[String]) -> String {
    let words: Vec<String> = labels.iter().map(|label| text::words(label)).collect();
    words.join(", ")
}

/// Where it is and what leads on from there, and what is not drawn.
fn describe(graph: &Graph, layers: &Layers, here: Option<usize>, state: &str) -> String {
    let mut words = format!("{} states.", graph.states.len());
    match here {
        Some(here) => {
            let _ = write!(words, " It is in {}", text::words(&graph.states[here]));
            let next: Vec<String> = graph
                .edges
                .iter()
                .filter(|edge| edge.from == here)
                .map(|edge| text::words(&graph.states[edge.to]))
                .collect();
            let _ = match next.as_slice() {
                [] => write!(words, ", where it ends."),
                next => write!(words, "; from there it may go to {}.", next.join(", ")),
            };
        }
        None => {
            let _ = write!(words, " Its state, {}, is not among them.", text::words(state));
        }
    }
    for (state, from) in layers.hub.iter().enumerate().filter(|(_, from)| **from > 0) {
        let _ = write!(words, " The arrows to {} from {from} states are not drawn.", text::words(&graph.states[state]));
    }
    words
}
