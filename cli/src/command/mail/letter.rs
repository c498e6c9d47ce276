//! The body of a message, from what was typed.

use std::path::Path;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::super::file;
use crate::{
    args::{Letter, Variables, When},
    failure::Failure,
    output::Output,
};

/// What `--file` holds.
const HOLDS: &str = r#"one object as the API takes it: {"to", "subject", "text", ...}"#;

/// The body of a message as the API takes it.
///
/// # Errors
/// A file that cannot be read, or nobody to write to.
pub(super) fn body(letter: Letter, output: &Output) -> Result<String, Failure> {
    if let Some(whole) = &letter.file {
        return Ok(file::json(whole, HOLDS)?.0.get().to_owned());
    }
    one_standard_input(&letter)?;
    let Letter { to, cc, bcc, user, subject, text, text_file, html_file, template, at, .. } = letter;
    if to.is_empty() && user.is_none() {
        return Err(Failure::Usage {
            what: "Nobody is named to write to".to_owned(),
            next: "Name somebody with --to or --user, or the whole message with --file.".to_owned(),
        });
    }
    let mut body = Map::new();
    let mut say = |name: &str, value: Value| {
        let nothing = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::Array(list) => list.is_empty(),
            Value::Object(object) => object.is_empty(),
            _ => false,
        };
        if !nothing {
            body.insert(name.to_owned(), value);
        }
    };
    say("tenantId", json!(letter.tenant));
    say("to", json!(to));
    say("cc", json!(cc));
    say("bcc", json!(bcc));
    say("userId", json!(user));
    say("from", json!(letter.from));
    say("insistFrom", json!(letter.insist_from));
    say("replyTo", json!(letter.reply_to));
    say("subject", json!(subject));
    let text = text.map(Ok).or_else(|| text_file.as_deref().map(file::text)).transpose()?;
    say("text", json!(text));
    say("html", json!(html_file.as_deref().map(file::text).transpose()?));
    say("attachments", letter.attach.iter().map(|name| attachment(name)).collect::<Result<_, _>>()?);
    say("headers", object(letter.header));
    say("tags", object(letter.tag));
    say("category", json!(letter.category));
    say("subtype", json!(letter.subtype));
    if let Some(name) = template {
        let given = Variables { var: letter.var, json_vars: None, vars: letter.vars };
        let mut template = json!({ "name": name });
        template["variables"] = variables(given)?.unwrap_or_else(|| json!({}));
        if let Some(locale) = letter.locale {
            template["locale"] = locale.into();
        }
        say("template", template);
    }
    say("sendAt", json!(at.map(|at| moment(at, output))));
    say("sensitive", json!(letter.sensitive));
    Ok(Value::Object(body).to_string())
}

/// Variables of a template: those of the document, then those typed one by one; none when none are given.
///
/// # Errors
/// A file that cannot be read, or that holds something else than one object.
pub(super) fn variables(given: Variables) -> Result<Option<Value>, Failure> {
    let holds = r#"one object: {"name": value, ...}"#;
    let document = match (&given.json_vars, &given.vars) {
        (Some(typed), _) => Some(typed.clone()),
        (None, Some(name)) => Some(file::json(name, holds)?),
        (None, None) => None,
    };
    let nothing_given = document.is_none() && given.var.is_empty();
    let mut variables = match document.map(|document| serde_json::from_str(document.0.get())) {
        None => Map::new(),
        Some(Ok(Value::Object(variables))) => variables,
        Some(_) => {
            return Err(Failure::Input {
                what: "The variables are no JSON object".to_owned(),
                next: format!("Give {holds}."),
            });
        }
    };
    variables.extend(given.var.into_iter().map(|(name, value)| (name, value.into())));
    Ok((!nothing_given).then_some(Value::Object(variables)))
}

/// A moment for the API. One that was typed from now on is told, since repeating the request needs the very same.
pub(super) fn moment(when: When, output: &Output) -> String {
    let moment = when.rfc3339(OffsetDateTime::now_utc());
    if matches!(when, When::After(_)) {
        output.aside(&format!("That is: {moment}"));
    }
    moment
}

fn object(pairs: Vec<(String, String)>) -> Value {
    Value::Object(pairs.into_iter().map(|(name, value)| (name, value.into())).collect())
}

fn attachment(path: &str) -> Result<Value, Failure> {
    let bytes = file::bytes(path)?;
    let filename = Path::new(path).file_name().and_then(|name| name.to_str()).filter(|_| path != "-");
    let filename = filename.ok_or_else(|| Failure::Usage {
        what: format!("{path:?} has no name that an attachment could have"),
        next: "Save it under a name in UTF-8 and attach that file.".to_owned(),
    })?;
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    Ok(json!({
        "filename": filename, "contentType": kind.essence_str(), "content": BASE64_STANDARD.encode(bytes),
    }))
}

fn one_standard_input(letter: &Letter) -> Result<(), Failure> {
    let files = [&letter.text_file, &letter.html_file, &letter.vars];
    if files.iter().filter(|file| file.as_deref() == Some("-")).count() > 1 {
        return Err(Failure::Usage {
            what: "Standard input cannot be read twice".to_owned(),
            next: "Use `-` once and name files for the rest.".to_owned(),
        });
    }
    Ok(())
}
