//! How much of a whole: a bar, or a ring.

use std::f64::consts::TAU;

use maud::{Markup, html};

use super::svg::{Fit, Frame, n};

/// A bar that is filled so far; `share` is 0 to 1.
pub(crate) fn meter(what: &str, share: f64) -> Markup {
    let share = held(share);
    let percent = percent(share);
    let body = html! {
        rect.pic-empty x="1" y="7" width="262" height="10" rx="5" {}
        @if share > 0.0 { rect.pic-full x="1" y="7" width=(n((262.0 * share).max(2.0))) height="10" rx="5" {} }
        text.pic-text x="318" y="16" text-anchor="end" { (percent) }
    };
    Frame { width: 320.0, height: 24.0, fit: Fit::Grows, title: what, desc: &percent }.around(&body)
}

/// A ring that is filled so far, with the share in its middle; `share` is 0 to 1.
pub(crate) fn donut(what: &str, share: f64) -> Markup {
    const RADIUS: f64 = 38.0;
    let share = held(share);
    let percent = percent(share);
    let around = TAU * RADIUS;
    let body = html! {
        circle.pic-ring-empty cx="48" cy="48" r=(n(RADIUS)) fill="none" stroke-width="12" {}
        @if share > 0.0 {
            circle.pic-ring cx="48" cy="48" r=(n(RADIUS)) fill="none" stroke-width="12"
                stroke-dasharray={ (n(around * share)) " " (n(around)) } transform="rotate(-90 48 48)" {}
        }
        text.pic-text.pic-big x="48" y="54" text-anchor="middle" { (percent) }
    };
    Frame { width: 96.0, height: 96.0, fit: Fit::Stays, title: what, desc: &percent }.around(&body)
}

fn held(share: f64) -> f64 {
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
}

/// In whole percent; what is not whole is not said to be, nor what is something to be nothing.
fn percent(share: f64) -> String {
    let percent = match (share * 100.0).round() {
        p if p >= 100.0 && share < 1.0 => 99.0,
        p if p <= 0.0 && share > 0.0 => 1.0,
        p => p,
    };
    format!("{percent:.0} %")
}
