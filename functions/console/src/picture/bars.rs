//! Days side by side, and what each came to.

use maud::{Markup, html};

use super::{
    scale,
    svg::{Fit, Frame, f, n},
    text,
};

/// Values of one name, one for each day.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// What they are called.
    pub(crate) name: String,
    /// One for each day, in the days' order; a missing one is 0.
    pub(crate) values: Vec<f64>,
    /// Which of the five colours; by its place among the others where none is named.
    pub(crate) colour: Option<usize>,
}

impl Series {
    /// The class of its colour, for the series at this place.
    fn class(&self, place: usize) -> String {
        format!("pic-series-{}", self.colour.unwrap_or(place + 1).clamp(1, COLOURS))
    }
}

const WIDTH: f64 = 320.0;
const PLOT: f64 = 110.0;
const LEFT: f64 = 38.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 10.0;
const LINE: f64 = 18.0;
/// So many colours there are; more series take the last one's.
const COLOURS: usize = 5;

/// Bars, stacked in the order of the series. Days are `2026-03-01`. The legend says each name with its sum.
pub(crate) fn bars(title: &str, days: &[String], series: &[Series]) -> Markup {
    let value =
        |series: &Series, day: usize| series.values.get(day).copied().filter(|v| v.is_finite()).unwrap_or(0.0).max(0.0);
    let sum = |day: usize| series.iter().map(|series| value(series, day)).sum::<f64>();
    let sums: Vec<(String, f64)> = series
        .iter()
        .map(|series| (series.name.clone(), (0..days.len()).map(|day| value(series, day)).sum()))
        .collect();
    let (end, step) = scale::nice((0..days.len()).map(sum).fold(0.0, f64::max));
    let slot = (WIDTH - LEFT - RIGHT) / f(days.len().max(1));
    let thick = (slot * 0.72).max(0.5);
    let y = |value: f64| TOP + PLOT - PLOT * (value / end).clamp(0.0, 1.0);
    let rows = legend(&sums);
    let height = TOP + PLOT + 20.0 + LINE * f(rows.iter().map(|(row, ..)| row + 1).max().unwrap_or(0)) + 4.0;
    let mut pieces = Vec::new();
    for (at, day) in days.iter().enumerate() {
        let mut below = 0.0;
        for (nth, series) in series.iter().enumerate().filter(|(_, series)| value(series, at) > 0.0) {
            let size = value(series, at);
            let (top, bottom) = (y(below + size), y(below));
            let words = format!("{}: {} {}", text::day(day), text::number(size), series.name);
            pieces.push((
                series.class(nth),
                LEFT + slot * f(at) + (slot - thick) / 2.0,
                top,
                (bottom - top).max(0.5),
                words,
            ));
            below += size;
        }
    }
    // As many days are named as there is room for: the first, the last, and some between.
    let every = (44.0 / slot).ceil().max(1.0);
    let named = |at: usize| {
        let back = f(days.len() - 1 - at);
        (back / every).fract() == 0.0
    };
    let body = html! {
        @for at in scale::marks(end, step) {
            line.pic-grid x1=(n(LEFT)) x2=(n(WIDTH - RIGHT)) y1=(n(y(at))) y2=(n(y(at))) {}
            text.pic-text.pic-soft x=(n(LEFT - 5.0)) y=(n(y(at) + 4.0)) text-anchor="end" { (text::number(at)) }
        }
        @for (colour, x, top, size, words) in &pieces {
            rect class=(colour) x=(n(*x)) y=(n(*top)) width=(n(thick)) height=(n(*size)) { title { (words) } }
        }
        @for (at, day) in days.iter().enumerate().filter(|(at, _)| named(*at)) {
            @let x = LEFT + slot * (f(at) + 0.5);
            @let x = x.min(WIDTH - RIGHT - text::width(&text::day(day)) / 2.0);
            text.pic-text.pic-soft x=(n(x)) y=(n(TOP + PLOT + 15.0)) text-anchor="middle" { (text::day(day)) }
        }
        @for (nth, (row, x, words)) in rows.iter().enumerate() {
            @let y = TOP + PLOT + 20.0 + LINE * (f(*row) + 0.7);
            rect class=(series[nth].class(nth)) x=(n(*x)) y=(n(y - 9.0)) width="10" height="10" rx="2" {}
            text.pic-text x=(n(x + 15.0)) y=(n(y)) { (words) }
        }
    };
    let desc = describe(days, &sums);
    Frame { width: WIDTH, height, fit: Fit::Grows, title, desc: &desc }.around(&body)
}

/// Where each name of the legend stands: its row, its x, and its words.
fn legend(sums: &[(String, f64)]) -> Vec<(usize, f64, String)> {
    let (mut row, mut x) = (0, LEFT);
    let mut all = Vec::new();
    for (name, sum) in sums {
        let words = format!("{} {}", text::cut(name, 24), text::number(*sum));
        let wide = 15.0 + text::width(&words) + 14.0;
        if x > LEFT && x + wide > WIDTH {
            (row, x) = (row + 1, LEFT);
        }
        all.push((row, x, words));
        x += wide;
    }
    all
}

fn describe(days: &[String], sums: &[(String, f64)]) -> String {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return "There are no days yet.".to_owned() };
    let sums: Vec<String> = sums.iter().map(|(name, sum)| format!("{} {name}", text::number(*sum))).collect();
    let sums = if sums.is_empty() { "nothing".to_owned() } else { sums.join(", ") };
    format!("From {} to {}: {sums}.", text::day(first), text::day(last))
}
