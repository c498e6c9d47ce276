//! A mail of the system out of its frames, words and variables.

use std::sync::LazyLock;

use handlebars::{Context, Handlebars, HelperDef};
use serde_json::Value;

use super::{
    catalog::{FOOTER, LOCALES, Lazy, PIECES, Template},
    helpers::{Plural, Say},
    words::Speech,
};
use crate::{
    DEFAULT_LOCALE, Owner, Part, Rendered, TemplateError,
    engine::{one_line, run, strict},
    fallback,
    variable::accept,
};

/// Renders a mail in the best locale there is for `locale` (a BCP 47 tag such as `de-AT`).
///
/// # Errors
/// A variable of [`Template::variables`] is missing or unusable; see [`TemplateError`].
pub fn render(template: Template, locale: &str, variables: &Value) -> Result<Rendered, TemplateError> {
    let mail = template.mail();
    let written = |owner: Owner, tag: &str| owner == Owner::System && LOCALES.contains(&tag);
    let locale = fallback(locale, DEFAULT_LOCALE, written).map_or(DEFAULT_LOCALE.to_owned(), |(_, locale)| locale);
    let speech = Speech::of(mail, &locale);
    let mut given = accept(template.shaped(), variables)?;
    given.insert("locale".to_owned(), speech.locale.into());
    let context = Context::from(Value::Object(given));
    let subject = speech.say("subject").ok_or(TemplateError::Broken { part: Part::Subject })?;
    Ok(Rendered {
        subject: one_line(part(Part::Subject, subject, speech, &context)?)?,
        text: part(Part::Text, frame(&mail.text), speech, &context)?.trim_end().to_owned() + "\n",
        html: part(Part::Html, frame(&mail.html), speech, &context)?,
        locale: speech.locale.to_owned(),
    })
}

fn part(
    part: Part,
    template: &'static handlebars::Template,
    speech: Speech,
    context: &Context,
) -> Result<String, TemplateError> {
    let html = part == Part::Html;
    let helpers: Vec<(&str, Box<dyn HelperDef + Send + Sync>)> =
        vec![("say", Box::new(Say { speech, html })), ("plural", Box::new(Plural { locale: speech.locale }))];
    run(if html { &ESCAPED } else { &PLAIN }, part, template, context, helpers)
}

/// The frames are part of the binary, so one that does not parse never leaves the workshop.
fn frame(file: &'static Lazy<handlebars::Template>) -> &'static handlebars::Template {
    file.parsed.get_or_init(|| handlebars::Template::compile(file.source).expect("the frames are well formed"))
}

/// For subjects and text parts.
static PLAIN: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = strict(false);
    engine.register_partial("footer", FOOTER).expect("the pieces are well formed");
    engine
});

/// For HTML parts: what a variable or a sentence holds can only ever be text.
static ESCAPED: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut engine = strict(true);
    for (name, source) in PIECES {
        engine.register_partial(name, source.trim_end()).expect("the pieces are well formed");
    }
    engine
});
