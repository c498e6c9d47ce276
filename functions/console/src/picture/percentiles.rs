//! How long something takes: half of the time, and nearly always.

use maud::{Markup, html};

use super::{
    svg::{Fit, Frame, n},
    text,
};

const WIDTH: f64 = 320.0;
const LEFT: f64 = 12.0;
const RIGHT: f64 = 308.0;
/// The scale begins at a tenth of a second and goes on to 30 days, by powers.
const FIRST: f64 = 0.1;
const LAST: f64 = 30.0 * 86_400.0;
/// Marks of the scale.
const MARKS: [f64; 5] = [1.0, 60.0, 3600.0, 86_400.0, 2_592_000.0];

/// A range from the median to the 95th percentile on a scale from a tenth of a second to 30 days; in seconds. None where nothing was
/// measured.
pub(crate) fn percentiles(what: &str, p50: Option<f64>, p95: Option<f64>) -> Markup {
    let held = |value: Option<f64>| value.filter(|v| v.is_finite()).map(|v| v.max(0.0));
    let (p50, p95) = (held(p50), held(p95));
    let x = |seconds: f64| LEFT + (RIGHT - LEFT) * ((seconds.clamp(FIRST, LAST) / FIRST).ln() / (LAST / FIRST).ln());
    let marks = html! {
        line.pic-grid x1=(n(LEFT)) x2=(n(RIGHT)) y1="40" y2="40" {}
        @for at in MARKS {
            line.pic-grid x1=(n(x(at))) x2=(n(x(at))) y1="36" y2="44" {}
            text.pic-text.pic-soft x=(n(x(at))) y="58" text-anchor=(anchor(x(at))) { (text::short(at)) }
        }
    };
    let (desc, body) = match (p50, p95) {
        (Some(half), Some(most)) => {
            let (low, high) = (x(half.min(most)), x(most.max(half)));
            // Close together, their words stand in one line.
            let words = format!("half within {}, 95 % within {}", text::long(half), text::long(most));
            let body = html! {
                (marks)
                text.pic-text x=(n(LEFT)) y="14" { (words) }
                rect.pic-range x=(n(low)) y="32" width=(n((high - low).max(3.0))) height="16" rx="3" {}
                rect.pic-full x=(n((low - 2.0).max(0.0))) y="28" width="4" height="24" rx="1" { title { "half within " (text::long(half)) } }
                line.pic-line x1=(n(high)) x2=(n(high)) y1="28" y2="52" { title { "95 % within " (text::long(most)) } }
            };
            (format!("Half took at most {}, nineteen of twenty at most {}.", text::long(half), text::long(most)), body)
        }
        _ => {
            let words = "nothing measured yet";
            (
                "Nothing was measured yet.".to_owned(),
                html! { (marks) text.pic-text.pic-soft x=(n(LEFT)) y="14" { (words) } },
            )
        }
    };
    Frame { width: WIDTH, height: 64.0, fit: Fit::Grows, title: what, desc: &desc }.around(&body)
}

/// Words at either end stay inside.
fn anchor(x: f64) -> &'static str {
    match x {
        x if x < 30.0 => "start",
        x if x > WIDTH - 30.0 => "end",
        _ => "middle",
    }
}
