//! `tenantry mail template`

use serde_json::{Map, Value, json};

use super::{
    super::{file, show_list},
    letter, tenant,
};
use crate::{
    args::{TemplateCommand, TemplateName, TemplatePut, Variables, WhichWords},
    client::Client,
    failure::Failure,
    output::Output,
    view::mail::{
        message::Message,
        template::{self, Preview},
    },
};

/// One language of a template, found.
struct Place {
    tenant: String,
    name: String,
    locale: String,
}

impl Place {
    async fn find(which: TemplateName, client: &Client) -> Result<Self, Failure> {
        let TemplateName { name, locale, tenant: named } = which;
        Ok(Self { tenant: tenant(named, client).await?, name, locale })
    }

    fn path<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let mut path = vec!["v1", "tenants", &self.tenant, "templates", &self.name, &self.locale];
        path.extend(more);
        path
    }
}

pub(super) async fn run(command: TemplateCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        TemplateCommand::List { system: true, paging, .. } => {
            show_list(&client.list(&["v1", "templates"], &[], &paging).await?, output, template::system)
        }
        TemplateCommand::List { tenant: named, paging, .. } => {
            let tenant = tenant(named, client).await?;
            let list = client.list(&["v1", "tenants", &tenant, "templates"], &[], &paging).await?;
            show_list(&list, output, template::templates)
        }
        TemplateCommand::Show { name, locale: Some(locale), tenant } => {
            let place = Place::find(TemplateName { name, locale, tenant }, client).await?;
            let answer = client.get(&place.path(&[]), &[]).await?;
            let shown = answer.read()?;
            output.answer(&answer.body, |paint| template::words(&shown, paint))
        }
        TemplateCommand::Show { name, locale: None, tenant: named } => {
            let tenant = tenant(named, client).await?;
            let answer = client.get(&["v1", "tenants", &tenant, "templates", &name], &[]).await?;
            let shown = answer.read()?;
            output.answer(&answer.body, |paint| template::template(&shown, paint))
        }
        TemplateCommand::Put(put) => self::put(*put, client, output).await,
        TemplateCommand::Publish { which, repeat } => {
            let place = Place::find(which, client).await?;
            let answer = client.post(&place.path(&["publish"]), "{}", &repeat.key()).await?;
            output.answer(&answer.body, |_| {
                format!("{} ({}) is published: mail is written with it from now on.", place.name, place.locale)
            })
        }
        TemplateCommand::Preview { which, variables, words, html } => {
            let place = Place::find(which, client).await?;
            let body = Value::Object(given(variables, words)?).to_string();
            let answer = client.post(&place.path(&["preview"]), &body, &uuid::Uuid::new_v4().to_string()).await?;
            let preview: Preview = answer.read()?;
            output.answer(&answer.body, |paint| template::preview(&preview, html, paint))
        }
        TemplateCommand::Test { which, to, variables, words, repeat } => {
            let place = Place::find(which, client).await?;
            let mut body = given(variables, words)?;
            body.insert("to".to_owned(), to.into());
            let body = Value::Object(body).to_string();
            let answer = client.post(&place.path(&["test"]), &body, &repeat.key()).await?;
            let sent: Message = answer.read()?;
            output.answer(&answer.body, |_| format!("A test is on its way: {}", sent.id))?;
            output.aside(&format!("Follow it with: tenantry mail watch {}", sent.id));
            Ok(())
        }
        TemplateCommand::Versions { which, paging } => {
            let place = Place::find(which, client).await?;
            let list = client.list(&place.path(&["versions"]), &[], &paging).await?;
            show_list(&list, output, template::versions)
        }
        TemplateCommand::Restore { which, version, repeat } => {
            let place = Place::find(which, client).await?;
            let body = json!({ "version": version }).to_string();
            let answer = client.post(&place.path(&["restore"]), &body, &repeat.key()).await?;
            drafted(&place, &answer.body, output)
        }
        TemplateCommand::Reset { which } => {
            let place = Place::find(which, client).await?;
            let answer = client.delete(&place.path(&[])).await?;
            output.answer(&answer.body, |_| {
                format!("{} ({}) is reset; what was published is kept among the versions.", place.name, place.locale)
            })
        }
    }
}

async fn put(put: TemplatePut, client: &Client, output: &Output) -> Result<(), Failure> {
    let body = source(&put)?;
    let place = Place::find(put.which, client).await?;
    let answer = client.put(&place.path(&[]), &body).await?;
    drafted(&place, &answer.body, output)
}

/// A template as the API takes it.
fn source(put: &TemplatePut) -> Result<String, Failure> {
    if let Some(whole) = &put.file {
        let holds = r#"one object as the API takes it: {"subject", "html", "text", ...}"#;
        return Ok(file::json(whole, holds)?.0.get().to_owned());
    }
    let mut source = Map::new();
    source.extend(put.subject.as_ref().map(|subject| ("subject".to_owned(), subject.as_str().into())));
    for (name, part) in [("html", &put.html_file), ("mjml", &put.mjml_file), ("text", &put.text_file)] {
        if let Some(part) = part {
            source.insert(name.to_owned(), file::text(part)?.into());
        }
    }
    if let Some(variables) = &put.variables {
        let read = file::json(variables, "what each variable means, as the API takes it")?;
        source.insert("variables".to_owned(), serde_json::from_str(read.0.get()).unwrap_or_default());
    }
    Ok(Value::Object(source).to_string())
}

fn given(variables: Variables, words: WhichWords) -> Result<Map<String, Value>, Failure> {
    let variables = letter::variables(variables)?.map(|variables| ("variables".to_owned(), variables));
    let version = words.json().map(|version| ("version".to_owned(), version));
    Ok(variables.into_iter().chain(version).collect())
}

fn drafted(place: &Place, document: &str, output: &Output) -> Result<(), Failure> {
    let Place { tenant, name, locale } = place;
    output.answer(document, |_| format!("{name} ({locale}) is a draft; nothing is sent with it yet."))?;
    let which = format!("{name} {locale} --tenant {tenant}");
    output.aside(&format!("Look at it with: tenantry mail template preview {which} --version draft"));
    output.aside(&format!("Send with it from now on: tenantry mail template publish {which}"));
    Ok(())
}
