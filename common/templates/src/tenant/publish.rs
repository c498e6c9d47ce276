//! From what a tenant wrote to what is kept: MJML becomes HTML, and a text part is made where there is none.

mod plain;

pub use plain::text as plain_text;

use std::collections::HashMap;

use mrml::prelude::{parser as mjml, render::RenderOptions};

use super::{
    compiled::{Compiled, Known, MAX_PUBLISHED, MAX_SUBJECT, Published, whole},
    dialect::{Read, finding_at},
    is_mjml,
};
use crate::{Finding, Part, SourceError, Variable, variable::examples};

/// The most bytes of a text or HTML part's source.
const MAX_SOURCE: usize = 256 * 1024;

/// A template as a tenant wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The subject line, at most 512 bytes.
    pub subject: String,
    /// The HTML part, in HTML or MJML, at most 256 KiB.
    pub html: String,
    /// The text part, at most 256 KiB; made from the HTML part if it is absent.
    pub text: Option<String>,
}

/// Checks a source with the variables it documents, and makes of it what is kept and sent: the HTML of its MJML, a text
/// part where it has none. It has been rendered once with the variables' examples.
///
/// # Errors
/// Everything that is wrong with it: see [`Finding`].
pub fn publish(source: &Source, variables: &[Variable]) -> Result<Published, SourceError> {
    let known = Known::new(variables)?;
    let mut findings = Vec::new();
    let mut check = |part, source: &str, most| {
        let read = known.read(part, source, most);
        read.map_err(|found| findings.extend(found)).ok()
    };
    check(Part::Subject, &source.subject, MAX_SUBJECT);
    let read = check(Part::Html, &source.html, MAX_SOURCE);
    if let Some(text) = &source.text {
        check(Part::Text, text, MAX_SOURCE);
    }
    let Some(read) = read.filter(|_| findings.is_empty()) else { return Err(SourceError { findings }) };
    let html = if is_mjml(&source.html) { from_mjml(&source.html, &read.tags, &known)? } else { source.html.clone() };
    let text = match &source.text {
        Some(text) => text.clone(),
        None => text_of(&html, &known)?,
    };
    let published = Published { subject: source.subject.trim().to_owned(), html, text };
    let tried = Compiled::new(&published, variables)?.render("en", &examples(variables.iter()));
    match tried {
        Ok(_) => Ok(published),
        Err(error) => Err(one(None, "examples", format!("with the variables' examples: {error}"))),
    }
}

fn one(part: Option<Part>, code: &'static str, detail: String) -> SourceError {
    SourceError { findings: vec![Finding { part, line: 0, column: 0, code, detail }] }
}

/// The HTML of a MJML source. Nothing is read or fetched for it: an include is an element that is refused before.
fn from_mjml(source: &str, tags: &[String], known: &Known) -> Result<String, SourceError> {
    let parsed = mrml::parse(source).map_err(|error| invalid_mjml(source, &error))?;
    // No fonts: a mail loads nothing from elsewhere unless the tenant says so.
    let options = RenderOptions { fonts: HashMap::new(), ..RenderOptions::default() };
    let html = parsed.element.render(&options).map_err(|_| {
        one(Some(Part::Html), "invalid_mjml", "the MJML cannot become HTML; simplify it, or give HTML".to_owned())
    })?;
    let dropped = |tag: &str| {
        let detail = format!("MJML drops or moves {tag}; move it into an mj-text, mj-raw or mj-table");
        SourceError { findings: vec![whole(Part::Html, "lost_tag", &detail)] }
    };
    // What MJML does not know it writes out as it is.
    if let Some((_, unknown)) = html.split_once("<mj-") {
        let name = unknown.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default();
        let at = source.find(&format!("<mj-{name}")).unwrap_or_default();
        let detail = format!("MJML has no element mj-{name}, or not here; correct its name or its place");
        return Err(SourceError { findings: vec![finding_at(Part::Html, source, at, "unknown_element", detail)] });
    }
    // Places in what MJML made mean nothing to the tenant.
    let made = known.read(Part::Html, &html, MAX_PUBLISHED).map_err(|findings| match findings.as_slice() {
        [finding, ..] if finding.code == "too_large" => SourceError { findings },
        _ => dropped("a block or its end"),
    })?;
    match tags.iter().find(|tag| !made.tags.contains(tag)) {
        Some(lost) => Err(dropped(&format!("{{{{{lost}}}}}"))),
        None => Ok(html),
    }
}

/// What is wrong with a MJML source, in words of ours and with its place.
fn invalid_mjml(source: &str, error: &mjml::Error) -> SourceError {
    let (why, at) = match error {
        mjml::Error::UnexpectedElement { position, .. } => ("this element cannot stand here", Some(position.start)),
        mjml::Error::UnexpectedToken { position, .. } => ("this cannot stand here", Some(position.start)),
        mjml::Error::MissingAttribute { position, .. } => {
            ("this element needs another attribute", Some(position.start))
        }
        mjml::Error::InvalidAttribute { position, .. } => ("this attribute has no such value", Some(position.start)),
        mjml::Error::InvalidFormat { position, .. } => ("this is not well formed", Some(position.start)),
        mjml::Error::EndOfStream { .. } => ("it ends before all elements are closed", None),
        _ => ("it is not well formed", None),
    };
    let detail = format!("the MJML cannot be read: {why}; correct it, or give HTML");
    let finding = match at {
        Some(at) if source.is_char_boundary(at) => finding_at(Part::Html, source, at, "invalid_mjml", detail),
        _ => whole(Part::Html, "invalid_mjml", &detail),
    };
    SourceError { findings: vec![finding] }
}

/// The text part out of the HTML part. It must hold the blocks that the HTML holds, in the same order: what the HTML
/// parser would move about is not guessed.
fn text_of(html: &str, known: &Known) -> Result<String, SourceError> {
    let needed =
        |why: &str| whole(Part::Text, "text_needed", &format!("no text part can be made from the HTML: {why}"));
    let failed = |finding| SourceError { findings: vec![finding] };
    let text = plain::text(html).ok_or_else(|| failed(needed("it is too tangled; write one")))?;
    let (html, made) = (known.read(Part::Html, html, usize::MAX), known.read(Part::Text, &text, usize::MAX));
    let blocks = |read: &Read| {
        let block = |tag: &&String| tag.starts_with(['#', '/']) || tag.starts_with("else");
        read.tags.iter().filter(block).cloned().collect::<Vec<_>>()
    };
    match (html, made) {
        (Ok(html), Ok(made)) if blocks(&html) == blocks(&made) => Ok(text),
        (Ok(_), Err(found)) if found.iter().any(|finding| finding.code == "empty") => {
            Err(failed(needed("there are no words in it; write one")))
        }
        (Err(findings), _) => Err(SourceError { findings }),
        _ => Err(failed(needed("blocks stand inside of tags or attributes; write one"))),
    }
}
