//! A tenant's template, checked and ready to render. Nothing here needs more than the engine: this is the send path.

use std::{collections::BTreeMap, sync::LazyLock};

use handlebars::{Context, Handlebars};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    dialect::{Read, read},
    markup,
    scope::{RESERVED, is_name},
};
use crate::{
    Finding, Part, Rendered, SourceError, TemplateError, Variable,
    engine::{one_line, run, strict},
    variable::{Shape, accept},
};

/// The most bytes of a subject's source.
pub(crate) const MAX_SUBJECT: usize = 512;

/// The most bytes of a part as it is kept: MJML grows when it becomes HTML.
pub(crate) const MAX_PUBLISHED: usize = 1024 * 1024;

const MOST_VARIABLES: usize = 64;
const MAX_EXAMPLE: usize = 16 * 1024;

/// A tenant's template as it is kept once published: no MJML any more, the text part always there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The subject line.
    pub subject: String,
    /// The HTML part.
    pub html: String,
    /// The text part.
    pub text: String,
}

/// A tenant's template, ready to render.
#[derive(Debug, Clone)]
pub struct Compiled {
    variables: Vec<(Variable, Shape)>,
    subject: handlebars::Template,
    text: handlebars::Template,
    html: handlebars::Template,
}

impl Compiled {
    /// Checks and reads a published template with the variables it documents (those of [`crate::Template`] where it
    /// takes the place of a mail of the system).
    ///
    /// # Errors
    /// Everything that is wrong with it: see [`Finding`].
    pub fn new(published: &Published, variables: &[Variable]) -> Result<Self, SourceError> {
        let known = Known::new(variables)?;
        let mut findings = Vec::new();
        let mut compile = |part: Part, source: &str, most: usize| {
            let read = known.read(part, source, most).map_err(|found| findings.extend(found)).ok()?;
            // The dialect is a part of what the engine reads, so this fails only if the two ever disagree.
            let refused = |_| findings.push(whole(part, "not_allowed", "this part cannot be read; simplify its tags"));
            handlebars::Template::compile(&read.source).map_err(refused).ok()
        };
        let subject = compile(Part::Subject, &published.subject, MAX_SUBJECT);
        let html = compile(Part::Html, &published.html, MAX_PUBLISHED);
        let text = compile(Part::Text, &published.text, MAX_PUBLISHED);
        match (subject, text, html) {
            (Some(subject), Some(text), Some(html)) => Ok(Self { variables: known.variables, subject, text, html }),
            _ => Err(SourceError { findings }),
        }
    }

    /// Renders a mail. `locale` is that of the words; templates may use it as the variable `locale`.
    ///
    /// # Errors
    /// A variable is missing or unusable, or a part would grow beyond its limit; see [`TemplateError`].
    pub fn render(&self, locale: &str, variables: &Value) -> Result<Rendered, TemplateError> {
        let mut given = accept(&self.variables, variables)?;
        given.insert("locale".to_owned(), locale.into());
        let context = Context::from(Value::Object(given));
        let part = |engine, part, template| run(engine, part, template, &context, Vec::new());
        Ok(Rendered {
            subject: one_line(part(&PLAIN, Part::Subject, &self.subject)?.trim().to_owned())?,
            text: part(&PLAIN, Part::Text, &self.text)?,
            html: part(&ESCAPED, Part::Html, &self.html)?,
            locale: locale.to_owned(),
        })
    }
}

/// The variables that a template documents, and the form of them all.
pub(crate) struct Known {
    variables: Vec<(Variable, Shape)>,
    root: Shape,
}

impl Known {
    pub(crate) fn new(variables: &[Variable]) -> Result<Self, SourceError> {
        let mut findings = Vec::new();
        if variables.len() > MOST_VARIABLES {
            findings
                .push(documented("too_many_variables", format!("a template has at most {MOST_VARIABLES} variables")));
        }
        let mut fields = BTreeMap::from([("locale".to_owned(), Shape::Scalar)]);
        let mut shaped = Vec::new();
        for variable in variables.iter().take(MOST_VARIABLES) {
            let name: String = variable.name.chars().take(64).collect();
            let mut refuse = |code, why: &str| findings.push(documented(code, format!("the variable {name:?} {why}")));
            if !is_name(&variable.name) || RESERVED.contains(&variable.name.as_str()) {
                refuse(
                    "invalid_name",
                    "needs another name: a letter, then letters, digits and _, and no word of the language",
                );
            } else if fields.contains_key(&variable.name) {
                refuse("twice", "is documented twice");
            }
            match Shape::of(&variable.example).filter(named_well) {
                _ if variable.example.to_string().len() > MAX_EXAMPLE => {
                    refuse("too_large", "has an example above 16 KiB")
                }
                None => refuse(
                    "no_example",
                    "needs an example that shows its form: no null, one entry in each list, and names as those of variables",
                ),
                Some(shape) => {
                    fields.insert(variable.name.clone(), shape.clone());
                    shaped.push((variable.clone(), shape));
                }
            }
        }
        let known = Self { variables: shaped, root: Shape::Object(fields) };
        if findings.is_empty() { Ok(known) } else { Err(SourceError { findings }) }
    }

    /// Checks one part of at most `most` bytes.
    pub(crate) fn read(&self, part: Part, source: &str, most: usize) -> Result<Read, Vec<Finding>> {
        if source.len() > most {
            let detail = format!("{} bytes are more than the {most} there may be", source.len());
            return Err(vec![whole(part, "too_large", &detail)]);
        }
        if source.trim().is_empty() {
            return Err(vec![whole(part, "empty", "there is nothing in this part; write something")]);
        }
        if part == Part::Subject && source.trim().contains(char::is_control) {
            return Err(vec![whole(part, "line_break", "a subject is one line, without control characters")]);
        }
        let mut findings = if part == Part::Html { markup::check(source) } else { Vec::new() };
        match read(part, source, &self.root) {
            Ok(read) if findings.is_empty() => Ok(read),
            Ok(_) => Err(findings),
            Err(found) => {
                findings.extend(found);
                Err(findings)
            }
        }
    }
}

fn named_well(shape: &Shape) -> bool {
    match shape {
        Shape::Scalar => true,
        Shape::List(entry) => named_well(entry),
        Shape::Object(fields) => {
            fields.iter().all(|(name, shape)| is_name(name) && !RESERVED.contains(&name.as_str()) && named_well(shape))
        }
    }
}

fn documented(code: &'static str, detail: String) -> Finding {
    Finding { part: None, line: 0, column: 0, code, detail }
}

/// A finding about a whole part.
pub(crate) fn whole(part: Part, code: &'static str, detail: &str) -> Finding {
    Finding { part: Some(part), line: 0, column: 0, code, detail: detail.to_owned() }
}

/// For subjects and text parts.
static PLAIN: LazyLock<Handlebars<'static>> = LazyLock::new(|| bare(false));

/// For HTML parts: what a variable holds can only ever be text.
static ESCAPED: LazyLock<Handlebars<'static>> = LazyLock::new(|| bare(true));

/// An engine that knows no more helpers than a tenant may use: a variable may be called as one of the others.
fn bare(escapes: bool) -> Handlebars<'static> {
    let mut engine = strict(escapes);
    for helper in ["lookup", "raw", "log", "eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not", "len"] {
        engine.unregister_helper(helper);
    }
    engine
}
