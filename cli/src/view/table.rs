//! Tables and details.

use comfy_table::{Attribute, Cell, Color, ContentArrangement, TableStyle, presets::NOTHING};

use super::moment::Moment;
use crate::output::{Paint, printable};

const STYLE: TableStyle = NOTHING;

/// How a text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As any other.
    Plain,
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Wrong.
    Bad,
    /// Less important.
    Faint,
}

/// A text and how it is meant.
#[derive(Debug, Clone)]
pub struct Toned(pub String, pub Tone);

impl<T: Into<String>> From<T> for Toned {
    fn from(text: T) -> Self {
        Self(text.into(), Tone::Plain)
    }
}

/// The words of a status, coloured by what they mean.
#[must_use]
pub fn status(word: &str) -> Toned {
    let tone = match word {
        "completed" | "active" | "answered" | "done" | "sent" | "delivered" | "published" | "verified" => Tone::Good,
        "running"
        | "waiting"
        | "provisioning"
        | "open"
        | "scheduled"
        | "queued"
        | "sending"
        | "deferred"
        | "draft"
        | "created"
        | "awaiting_dns"
        | "verifying"
        | "pending_dns"
        | "verifying_dns"
        | "pending_certificate"
        | "certificate_issuing"
        | "deploying" => Tone::Warn,
        "failed" | "rolled_back" | "suspended" | "offboarding" | "gave_up" | "unknown" | "bounced" | "complained"
        | "degraded" | "dns_failed" | "certificate_failed" => Tone::Bad,
        _ => Tone::Faint,
    };
    Toned(word.to_owned(), tone)
}

/// A text, or a dash where there is none.
#[must_use]
pub fn or_dash(text: Option<&str>) -> Toned {
    text.filter(|text| !text.is_empty()).map_or(Toned("-".to_owned(), Tone::Faint), Toned::from)
}

/// A moment, or a dash.
#[must_use]
pub fn time_or_dash(moment: Option<Moment>) -> Toned {
    or_dash(moment.map(Moment::day_and_time).as_deref())
}

/// Rows under a head, or the words for an empty list.
#[must_use]
pub fn table(head: &[&str], rows: Vec<Vec<Toned>>, empty: &str, paint: Paint) -> String {
    if rows.is_empty() {
        return empty.to_owned();
    }
    let mut table = blank(paint);
    table.set_header(head.iter().map(|name| Cell::new(name).add_attribute(Attribute::Bold)));
    for row in rows {
        table.add_row(row.into_iter().map(cell));
    }
    drawn(table)
}

/// Names and what they are, one per line.
#[must_use]
pub fn details(pairs: Vec<(&str, Toned)>, paint: Paint) -> String {
    let mut table = blank(paint);
    for (name, value) in pairs {
        table.add_row([Cell::new(name).add_attribute(Attribute::Dim), cell(value)]);
    }
    drawn(table)
}

fn blank(paint: Paint) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(STYLE).force_no_tty();
    if paint.on {
        table.enforce_styling();
    }
    match paint.width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table
}

fn drawn(mut table: comfy_table::Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

fn cell(Toned(text, tone): Toned) -> Cell {
    let cell = Cell::new(printable(&text));
    match tone {
        Tone::Plain => cell,
        Tone::Good => cell.fg(Color::Green),
        Tone::Warn => cell.fg(Color::Yellow),
        Tone::Bad => cell.fg(Color::Red),
        Tone::Faint => cell.add_attribute(Attribute::Dim),
    }
}
