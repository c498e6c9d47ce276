//! What is looked at in HTML and MJML before anything parses them.

use super::dialect::finding_at;
use crate::{Finding, Part};

/// How deep elements may stand in one another: what parses them does so by recursion.
const DEEPEST: usize = 100;

/// What mail programs take out or warn of, and what could only do harm where a mail is shown in a browser.
const REFUSED: &[&str] = &["script", "iframe", "object", "embed", "applet", "form", "base", "mj-include"];

/// Elements that are never closed, or that the next of their kind closes.
const OPEN: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p", "li",
    "dt", "dd", "option", "html", "head", "body",
];

/// Whether the HTML part is written in MJML.
#[must_use]
pub fn is_mjml(html: &str) -> bool {
    let mut rest = html.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    while let Some(end) = rest.strip_prefix("<!--").and_then(|inside| inside.find("-->").map(|at| at + 7)) {
        rest = rest[end..].trim_start();
    }
    rest.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("<mjml"))
}

/// Elements that are refused, and nesting that is too deep.
pub(crate) fn check(html: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut depth = 0_usize;
    for (at, element) in elements(html) {
        let element_at = |code, detail| finding_at(Part::Html, html, at, code, detail);
        match element {
            Element::Closed(name) if !is(name, OPEN) => depth = depth.saturating_sub(1),
            Element::Opened(name) => {
                if is(name, REFUSED) {
                    findings
                        .push(element_at("refused_element", format!("<{name}> cannot be part of a mail; remove it")));
                }
                depth += usize::from(!is(name, OPEN));
                if depth > DEEPEST {
                    let detail = format!("elements stand more than {DEEPEST} deep in one another, or are not closed");
                    findings.push(element_at("too_deep", detail));
                    break;
                }
            }
            Element::Closed(_) => {}
        }
    }
    findings.truncate(20);
    findings
}

fn is(name: &str, list: &[&str]) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(name))
}

enum Element<'a> {
    Opened(&'a str),
    Closed(&'a str),
}

/// The tags of elements, with where they start. `<br/>` opens and does not stay open; `<mj-text/>` neither.
fn elements(html: &str) -> impl Iterator<Item = (usize, Element<'_>)> {
    html.match_indices('<').flat_map(move |(at, _)| {
        let rest = &html[at + 1..];
        let (closes, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
        let name = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len())];
        let itself =
            rest.find(['<', '>']).is_some_and(|end| rest[end..].starts_with('>') && rest[..end].ends_with('/'));
        let opened = (!name.is_empty() && !closes).then_some((at, Element::Opened(name)));
        let closed = (!name.is_empty() && (closes || itself)).then_some((at, Element::Closed(name)));
        opened.into_iter().chain(closed)
    })
}
