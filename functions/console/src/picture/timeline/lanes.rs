//! The rows in pixels: what lies too close together is one.

use super::{
    scale::Scale,
    story::{Group, Look, Mark, Row, Span, Story},
};

/// Marks nearer than this are one.
const NEAR: f64 = 10.0;
/// Spans nearer than this are one.
const TOUCH: f64 = 2.0;
/// So many of what is one are named.
const NAMED: usize = 4;

/// A row in pixels.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    pub(super) group: Group,
    pub(super) name: String,
    pub(super) bars: Vec<Bar>,
    pub(super) dots: Vec<Dot>,
}

/// Something that took a while.
#[derive(Debug, Clone)]
pub(super) struct Bar {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) look: Look,
    pub(super) words: String,
    /// How long it took, in seconds; none where several are one.
    pub(super) seconds: Option<f64>,
}

/// Something that happened at one moment.
#[derive(Debug, Clone)]
pub(super) struct Dot {
    pub(super) at: f64,
    pub(super) look: Look,
    pub(super) words: String,
}

/// What is one.
struct Several {
    from: f64,
    to: f64,
    look: Look,
    words: Vec<String>,
    more: usize,
}

impl Several {
    fn take(&mut self, to: f64, look: Look, words: &str) {
        (self.to, self.look) = (self.to.max(to), self.look.max(look));
        if self.words.len() < NAMED {
            self.words.push(words.to_owned());
        } else {
            self.more += 1;
        }
    }

    fn words(&self) -> String {
        let more = if self.more > 0 { format!("; and {} more", self.more) } else { String::new() };
        format!("{}{more}", self.words.join("; "))
    }
}

/// The rows of a story, without those of which nothing is drawn.
pub(super) fn lanes(story: &Story, scale: &Scale) -> Vec<Lane> {
    let lanes = story.rows.iter().map(|row| Lane {
        group: row.group,
        name: row.name.clone(),
        bars: bars(story, row, scale),
        dots: dots(row, scale),
    });
    lanes.filter(|lane| !lane.bars.is_empty() || !lane.dots.is_empty()).collect()
}

fn bars(story: &Story, row: &Row, scale: &Scale) -> Vec<Bar> {
    let until = |span: &Span| span.to.unwrap_or(story.ended.unwrap_or(story.now));
    let mut spans: Vec<&Span> = row.spans.iter().filter(|span| until(span) >= scale.first()).collect();
    spans.sort_by_key(|span| span.from);
    let mut all: Vec<(Several, Option<f64>)> = Vec::new();
    for span in spans {
        let (from, to) = (scale.x(span.from), scale.x(until(span)));
        let took = (until(span) - span.from).as_seconds_f64();
        match all.last_mut().filter(|(last, _)| row.group != Group::State && from - last.to < TOUCH) {
            Some((last, seconds)) => {
                last.take(to, span.look, &span.words);
                *seconds = None;
            }
            None => {
                let words = vec![span.words.clone()];
                all.push((Several { from, to, look: span.look, words, more: 0 }, Some(took)));
            }
        }
    }
    let bar = |(one, seconds): (Several, Option<f64>)| Bar {
        from: one.from,
        to: one.to,
        look: one.look,
        words: one.words(),
        seconds,
    };
    all.into_iter().map(bar).collect()
}

fn dots(row: &Row, scale: &Scale) -> Vec<Dot> {
    let mut marks: Vec<&Mark> = row.marks.iter().filter(|mark| mark.at >= scale.first()).collect();
    marks.sort_by_key(|mark| mark.at);
    let mut all: Vec<Several> = Vec::new();
    for mark in marks {
        let at = scale.x(mark.at);
        match all.last_mut().filter(|last| at - last.from < NEAR) {
            Some(last) => last.take(at, mark.look, &mark.words),
            None => all.push(Several { from: at, to: at, look: mark.look, words: vec![mark.words.clone()], more: 0 }),
        }
    }
    all.into_iter().map(|one| Dot { at: f64::midpoint(one.from, one.to), look: one.look, words: one.words() }).collect()
}
