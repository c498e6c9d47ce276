//! The one template engine.

use std::{fmt, sync::LazyLock};

use handlebars::{Handlebars, RenderErrorReason, no_escape};
use serde_json::{Map, Value};

use crate::{
    Template, TemplateError,
    catalog::{LAYOUT, WORDS, Words},
};

/// A mail, ready to be sent. Its `Debug` form does not show the body, which may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line, not empty, without control characters.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The locale whose words these are.
    pub locale: &'static str,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").field("locale", &self.locale).finish_non_exhaustive()
    }
}

/// Renders a mail in the best locale there is for `locale` (a BCP 47 tag such as `de-AT`).
///
/// # Errors
/// A variable of [`Template::variables`] is missing or unusable; see [`TemplateError`].
pub fn render(template: Template, locale: &str, variables: &Value) -> Result<Rendered, TemplateError> {
    let words = choose(template, locale);
    let given = variables.as_object().ok_or(TemplateError::NotAnObject)?;
    check(template, given)?;
    let mut context = given.clone();
    context.insert("locale".to_owned(), words.locale.into());
    let subject = part(&PLAIN, words, "subject", &context)?;
    if subject.chars().any(char::is_control) {
        return Err(TemplateError::SubjectBreaksLine { template: template.name() });
    }
    Ok(Rendered {
        subject,
        text: part(&PLAIN, words, "body.txt", &context)?,
        html: part(&ESCAPED, words, "body.html", &context)?,
        locale: words.locale,
    })
}

/// The words of a mail: exactly this locale, else its language, else English.
fn choose(template: Template, locale: &str) -> &'static Words {
    let language = locale.split(['-', '_']).next().unwrap_or(locale);
    let written = |tag: &str| WORDS.iter().find(|w| w.template == template && w.locale.eq_ignore_ascii_case(tag));
    [locale, language, "en"].into_iter().find_map(written).expect("every template is written in English")
}

/// Every documented variable is there and has a value that can be shown.
fn check(template: Template, given: &Map<String, Value>) -> Result<(), TemplateError> {
    for variable in template.variables() {
        let missing = || TemplateError::MissingVariable { template: template.name(), variable: variable.name.into() };
        match given.get(variable.name).ok_or_else(missing)? {
            Value::Null => return Err(missing()),
            Value::String(text) if text.is_empty() && !variable.may_be_empty => return Err(missing()),
            Value::String(text) if variable.name.ends_with("_url") && !is_web_address(text) => {
                return Err(TemplateError::UnsafeUrl { template: template.name(), variable: variable.name });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Escaping keeps a value inside its `href`, but not a `javascript:` out of it.
fn is_web_address(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme))
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

fn part(
    engine: &Handlebars<'_>,
    words: &Words,
    part: &'static str,
    context: &Map<String, Value>,
) -> Result<String, TemplateError> {
    let template = words.template.name();
    engine.render(&key(words, part), context).map_err(|error| match error.reason() {
        RenderErrorReason::MissingVariable(Some(variable)) => {
            TemplateError::MissingVariable { template, variable: variable.clone() }
        }
        _ => TemplateError::Broken { template, part },
    })
}

fn key(words: &Words, part: &str) -> String {
    format!("{}/{}/{part}", words.template.name(), words.locale)
}

/// For subjects and text parts.
static PLAIN: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = strict();
    engine.register_escape_fn(no_escape);
    for words in WORDS {
        add(&mut engine, &key(words, "subject"), words.subject.trim_end());
        add(&mut engine, &key(words, "body.txt"), words.text);
    }
    engine
});

/// For HTML parts: what a variable holds can only ever be text.
static ESCAPED: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = strict();
    for (name, source) in LAYOUT {
        add(&mut engine, name, source.trim_end());
    }
    for words in WORDS {
        add(&mut engine, &key(words, "body.html"), words.html);
    }
    engine
});

fn strict() -> Handlebars<'static> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine
}

/// The sources are part of the binary, so one that does not parse never leaves the workshop.
fn add(engine: &mut Handlebars<'static>, name: &str, source: &str) {
    engine.register_template_string(name, source).expect("the templates of the system are well formed");
}
