//! Words of mails.

use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{
        moment::Moment,
        table::{Tone, Toned, details, or_dash, status, table, time_or_dash},
    },
    content::lines,
};
use crate::output::{Paint, printable};

/// A template of the system.
#[derive(Debug, Deserialize)]
pub struct SystemTemplate {
    /// Its name.
    pub name: String,
    /// Its languages.
    #[serde(default)]
    pub locales: Vec<String>,
    /// What it is filled with.
    #[serde(default)]
    pub variables: Vec<Variable>,
}

/// A variable of a template.
#[derive(Debug, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it means.
    #[serde(default)]
    pub meaning: String,
    /// It may be left out.
    #[serde(default)]
    pub required: Option<bool>,
    /// A value as it may be.
    #[serde(default)]
    pub example: Value,
}

/// The system's templates, each with its variables.
#[must_use]
pub fn system(templates: &[SystemTemplate], paint: Paint) -> String {
    let one = |template: &SystemTemplate| {
        let head = paint.head(&printable(&template.name));
        let locales = printable(&template.locales.join(" "));
        format!("{head}  {locales}\n{}", variables(&template.variables, paint))
    };
    templates.iter().map(one).collect::<Vec<_>>().join("\n\n")
}

fn variables(variables: &[Variable], paint: Paint) -> String {
    let row = |variable: &Variable| {
        let optional = if variable.required == Some(false) { " (may be left out)" } else { "" };
        vec![
            format!("  {}", variable.name).into(),
            format!("{}{optional}", variable.meaning).into(),
            Toned(variable.example.to_string(), Tone::Faint),
        ]
    };
    table(&["  VARIABLE", "MEANING", "EXAMPLE"], variables.iter().map(row).collect(), "  No variables.", paint)
}

/// A template of a tenant, or of the system for it.
#[derive(Debug, Deserialize)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// `system`, `overridden`, `own`
    #[serde(default)]
    pub kind: Option<String>,
    /// Its languages.
    #[serde(default)]
    pub locales: Vec<Locale>,
    /// What it is filled with.
    #[serde(default)]
    pub variables: Vec<Variable>,
}

/// One language of a template.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Locale {
    /// Its name.
    pub locale: String,
    /// The system has words in it.
    #[serde(default)]
    pub system: bool,
    /// The version of the tenant's words that mail is written with.
    #[serde(default)]
    pub published: Option<u32>,
    /// The version that is being written.
    #[serde(default)]
    pub draft: Option<u32>,
    /// The tenant's subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// When something last changed.
    #[serde(default)]
    pub updated_at: Option<Moment>,
}

/// Templates, one per line.
#[must_use]
pub fn templates(templates: &[Template], paint: Paint) -> String {
    let row = |template: &Template| {
        let locales: Vec<_> = template.locales.iter().map(|locale| locale.locale.as_str()).collect();
        vec![template.name.as_str().into(), or_dash(template.kind.as_deref()), or_dash(Some(&locales.join(" ")))]
    };
    table(&["TEMPLATE", "KIND", "LANGUAGES"], templates.iter().map(row).collect(), "No templates.", paint)
}

/// One template in all its languages.
#[must_use]
pub fn template(template: &Template, paint: Paint) -> String {
    let head =
        details(vec![("template", template.name.as_str().into()), ("kind", or_dash(template.kind.as_deref()))], paint);
    let row = |locale: &Locale| {
        let version = |version: Option<u32>| or_dash(version.map(|version| version.to_string()).as_deref());
        vec![
            locale.locale.as_str().into(),
            or_dash(locale.system.then_some("yes")),
            version(locale.published),
            version(locale.draft),
            or_dash(locale.subject.as_deref()),
            time_or_dash(locale.updated_at),
        ]
    };
    let head_of = ["LANGUAGE", "SYSTEM'S", "PUBLISHED", "DRAFT", "SUBJECT", "CHANGED (UTC)"];
    let locales = table(&head_of, template.locales.iter().map(row).collect(), "No languages.", paint);
    format!("{head}\n\n{locales}\n\n{}", variables(&template.variables, paint))
}

/// A version of one language of a template.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// Its number.
    pub version: u32,
    /// `draft`, `published`, `retired`
    pub status: String,
    /// Its subject, as it was written.
    #[serde(default)]
    pub subject: String,
    /// Who wrote it last.
    #[serde(default)]
    pub written_by: Option<String>,
    /// When it was begun.
    #[serde(default)]
    pub created_at: Option<Moment>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<Moment>,
    /// The HTML, as it was written; not in lists.
    #[serde(default)]
    pub html: Option<String>,
    /// The HTML in MJML.
    #[serde(default)]
    pub mjml: Option<String>,
    /// The words, where they are not made from the HTML.
    #[serde(default)]
    pub text: Option<String>,
}

/// What a tenant has written in one language.
#[derive(Debug, Deserialize)]
pub struct Words {
    /// What mail is written with.
    #[serde(default)]
    pub published: Option<Version>,
    /// What is being written.
    #[serde(default)]
    pub draft: Option<Version>,
}

/// What a tenant has written in one language: the draft below what is published.
#[must_use]
pub fn words(words: &Words, paint: Paint) -> String {
    let written: Vec<_> = words.published.iter().chain(&words.draft).map(|version| source(version, paint)).collect();
    if written.is_empty() {
        return "The tenant has written nothing in this language; the system's words hold.".to_owned();
    }
    written.join("\n\n")
}

fn source(version: &Version, paint: Paint) -> String {
    let mut parts = vec![details(
        vec![
            ("version", version.version.to_string().into()),
            ("status", status(&version.status)),
            ("subject", version.subject.as_str().into()),
            ("by", or_dash(version.written_by.as_deref())),
            ("changed (UTC)", time_or_dash(version.updated_at)),
        ],
        paint,
    )];
    for (name, part) in [("HTML", &version.html), ("MJML", &version.mjml), ("Text", &version.text)] {
        parts.extend(part.as_deref().map(|part| format!("{}\n{}", paint.head(name), lines(part))));
    }
    parts.join("\n\n")
}

/// Versions, one per line.
#[must_use]
pub fn versions(versions: &[Version], paint: Paint) -> String {
    let row = |version: &Version| {
        vec![
            version.version.to_string().into(),
            status(&version.status),
            version.subject.as_str().into(),
            or_dash(version.written_by.as_deref()),
            time_or_dash(version.created_at),
            time_or_dash(version.updated_at),
        ]
    };
    let head = ["VERSION", "STATUS", "SUBJECT", "BY", "BEGUN (UTC)", "CHANGED (UTC)"];
    table(&head, versions.iter().map(row).collect(), "No versions.", paint)
}

/// A template with its places filled.
#[derive(Debug, Deserialize)]
pub struct Preview {
    /// The subject.
    pub subject: String,
    /// The words.
    #[serde(default)]
    pub text: String,
    /// The HTML.
    #[serde(default)]
    pub html: String,
}

/// The subject and the words, or the HTML alone, so that it can be written into a file and looked at.
#[must_use]
pub fn preview(preview: &Preview, html: bool, paint: Paint) -> String {
    if html {
        return lines(&preview.html);
    }
    format!("{}\n\n{}", paint.head(&printable(&preview.subject)), lines(&preview.text))
}
