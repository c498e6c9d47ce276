//! A line without axes: how something went, at a glance.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::{
    svg::{Fit, Frame, f, n},
    text,
};

const WIDTH: f64 = 160.0;
const HEIGHT: f64 = 36.0;
const EDGE: f64 = 4.0;

/// A line through the points, oldest first; `what` says what they are ("runs per day"). Negative and endless values count as 0.
pub(crate) fn sparkline(what: &str, points: &[f64]) -> Markup {
    let points: Vec<f64> = points.iter().map(|value| if value.is_finite() { value.max(0.0) } else { 0.0 }).collect();
    let most = points.iter().copied().fold(0.0, f64::max);
    let desc = match (points.first(), points.last()) {
        (Some(first), Some(last)) => format!(
            "{} values, from {} to {}; the greatest is {}.",
            points.len(),
            text::number(*first),
            text::number(*last),
            text::number(most)
        ),
        _ => "There are no values yet.".to_owned(),
    };
    let x = |at: usize| EDGE + (WIDTH - 2.0 * EDGE) * if points.len() > 1 { f(at) / f(points.len() - 1) } else { 0.5 };
    let y = |value: f64| HEIGHT - EDGE - (HEIGHT - 2.0 * EDGE) * if most > 0.0 { value / most } else { 0.0 };
    let mut line = String::new();
    for (at, value) in points.iter().enumerate() {
        let _ = write!(line, "{}{} {}", if at == 0 { "M" } else { " L" }, n(x(at)), n(y(*value)));
    }
    let area = (points.len() > 1).then(|| {
        let floor = n(HEIGHT - EDGE);
        format!("{line} L{} {floor} L{} {floor} Z", n(x(points.len() - 1)), n(x(0)))
    });
    let body = html! {
        @if let Some(area) = area { path.pic-area d=(area) {} path.pic-line d=(line) fill="none" {} }
        @if let Some(last) = points.last() {
            circle.pic-dot cx=(n(x(points.len() - 1))) cy=(n(y(*last))) r="3" {}
        } @else {
            line.pic-grid x1=(n(EDGE)) x2=(n(WIDTH - EDGE)) y1=(n(HEIGHT - EDGE)) y2=(n(HEIGHT - EDGE)) {}
        }
    };
    Frame { width: WIDTH, height: HEIGHT, fit: Fit::Small, title: what, desc: &desc }.around(&body)
}
