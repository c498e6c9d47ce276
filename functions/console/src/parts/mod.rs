//! What pages are made of.

mod badge;
mod field;
mod list;
mod live;
mod said;
mod table;
mod trouble;
mod when;

pub(crate) use badge::{Tone, badge, status};
pub(crate) use field::{Field, csrf, hidden, input, once, select, tick};
pub(crate) use list::{List, pager};
pub(crate) use live::{Live, Seen};
pub(crate) use said::said;
pub(crate) use table::{empty, facts};
pub(crate) use trouble::trouble_card;
pub(crate) use when::{duration, when};

use maud::{Markup, html};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What cannot stand in a segment of a path as it is (RFC 3986).
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'/')
    .add(b'%');

/// A text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A text that a button beside it copies. Without scripts it is a text that can be marked.
pub(crate) fn copyable(text: &str, what: &str) -> Markup {
    html! {
        span.copyable {
            code { (text) }
            button.copy type="button" data-copy=(text) aria-label={ "Copy " (what) } { "Copy" }
        }
    }
}

/// How far something is.
pub(crate) fn progress(percent: u8, what: &str) -> Markup {
    html! { progress max="100" value=(percent) aria-label=(what) { (percent) " %" } }
}
