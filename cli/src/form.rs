//! A task's form: the fields of its JSON Schema, asked of a person one by one.
//!
//! It reads the part of JSON Schema that forms are written in: an object's properties (`enum`, `const`, `oneOf` of
//! those, `type`, `title`), what is required, and what an `if` on other fields makes required. Whether an answer is right is the
//! API's to say.

use std::io;

use dialoguer::{Input, Select, theme::ColorfulTheme};
use serde_json::{Map, Value};

/// The fields of an answer.
#[derive(Debug, PartialEq)]
pub struct Form {
    /// The required ones first.
    pub fields: Vec<Field>,
    rules: Vec<Rule>,
}

/// One field.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// Its name in the answer.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// What may be written.
    pub kind: Kind,
    /// Whether an answer without it is no answer.
    pub required: bool,
}

/// What may be written into a field.
#[derive(Debug, PartialEq)]
pub enum Kind {
    /// One of these.
    Choice(Vec<Choice>),
    /// A number, a yes or no, a list: what JSON has a form of its own for.
    Json(&'static str),
    /// Any text.
    Text,
}

/// One of several values.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The value.
    pub value: Value,
    /// What it is called, where it has a name for people.
    pub title: Option<String>,
}

impl Choice {
    /// What is typed to choose it.
    fn word(&self) -> String {
        self.value.as_str().map_or_else(|| self.value.to_string(), str::to_owned)
    }

    /// What is chosen from.
    fn label(&self) -> String {
        self.title.clone().unwrap_or_else(|| self.word())
    }
}

impl From<Value> for Choice {
    fn from(value: Value) -> Self {
        Self { value, title: None }
    }
}

/// When these fields have one of these values, those are required.
#[derive(Debug, PartialEq)]
struct Rule {
    when: Vec<(String, Vec<Value>)>,
    needs: Vec<String>,
}

/// Whom the fields are asked of.
pub trait Person {
    /// Which of these.
    ///
    /// # Errors
    /// Nobody is there any more.
    fn choose(&mut self, question: &str, options: &[String]) -> io::Result<usize>;

    /// A text that `fits`, which says what is wrong with one that does not.
    ///
    /// # Errors
    /// Nobody is there any more.
    fn write(&mut self, question: &str, fits: &dyn Fn(&str) -> Result<(), String>) -> io::Result<String>;
}

impl Form {
    /// Reads a schema.
    #[must_use]
    pub fn new(schema: &Value) -> Self {
        let required = texts(&schema["required"]);
        let properties = schema["properties"].as_object().into_iter().flatten();
        let mut fields: Vec<Field> = properties
            .map(|(name, property)| Field {
                name: name.clone(),
                title: property["title"].as_str().unwrap_or(name).to_owned(),
                kind: Kind::of(property),
                required: required.contains(name),
            })
            .collect();
        fields.sort_by_key(|field| !field.required);
        let conditions = schema["allOf"].as_array().into_iter().flatten().chain([schema]);
        Self { fields, rules: conditions.filter_map(Rule::of).collect() }
    }

    /// The value of a field, read from a text in the field's own type.
    ///
    /// # Errors
    /// In words: there is no such field, or the text does not fit it.
    pub fn value(&self, name: &str, text: &str) -> Result<Value, String> {
        match self.fields.iter().find(|field| field.name == name) {
            Some(field) => field.value(text).map_err(|why| format!("{name}: {why}")),
            None => {
                let names: Vec<_> = self.fields.iter().map(|field| field.name.as_str()).collect();
                Err(format!("the form has no field {name:?}; it has: {}", names.join(", ")))
            }
        }
    }

    /// Asks a person for every field that this answer needs; what it may have besides can be left empty.
    ///
    /// # Errors
    /// Nobody is there any more.
    pub fn ask(&self, person: &mut dyn Person) -> io::Result<Value> {
        let mut answer = Map::new();
        for field in &self.fields {
            let conditional = self.rules.iter().any(|rule| rule.needs.contains(&field.name));
            let needed = self.rules.iter().any(|rule| rule.needs.contains(&field.name) && rule.holds(&answer));
            if field.required || needed || !conditional {
                let value = field.ask(field.required || needed, person)?;
                answer.extend(value.map(|value| (field.name.clone(), value)));
            }
        }
        Ok(Value::Object(answer))
    }
}

impl Field {
    /// What may be written, for people.
    #[must_use]
    pub fn words(&self) -> String {
        let kind = match &self.kind {
            Kind::Choice(options) => {
                let shown = |one: &Choice| match &one.title {
                    Some(title) => format!("{} ({title})", one.word()),
                    None => one.word(),
                };
                options.iter().map(shown).collect::<Vec<_>>().join(" | ")
            }
            Kind::Json(name) => (*name).to_owned(),
            Kind::Text => "text".to_owned(),
        };
        let title = if self.title == self.name { String::new() } else { format!(" - {}", self.title) };
        let required = if self.required { "" } else { ", optional" };
        format!("{kind}{required}{title}")
    }

    fn value(&self, text: &str) -> Result<Value, String> {
        match &self.kind {
            Kind::Text => Ok(text.into()),
            Kind::Choice(options) => {
                let chosen = options.iter().find(|option| option.word() == text);
                chosen.map(|option| option.value.clone()).ok_or_else(|| format!("choose one of {}", self.words()))
            }
            Kind::Json(name) => match serde_json::from_str(text) {
                Ok(value) if Kind::fits(name, &value) => Ok(value),
                _ => Err(format!("{text:?} is not of type {name}")),
            },
        }
    }

    fn ask(&self, needed: bool, person: &mut dyn Person) -> io::Result<Option<Value>> {
        if let Kind::Choice(options) = &self.kind {
            let mut labels: Vec<String> = options.iter().map(Choice::label).collect();
            if !needed {
                labels.push("(nothing)".to_owned());
            }
            return Ok(options.get(person.choose(&self.title, &labels)?).map(|option| option.value.clone()));
        }
        let question = if needed { self.title.clone() } else { format!("{} (may be left empty)", self.title) };
        let fits = |text: &str| match (text.trim().is_empty(), needed) {
            (true, true) => Err("this is needed".to_owned()),
            (true, false) => Ok(()),
            (false, _) => self.value(text.trim()).map(drop),
        };
        let text = person.write(&question, &fits)?;
        Ok(if text.trim().is_empty() { None } else { self.value(text.trim()).ok() })
    }
}

impl Kind {
    fn of(property: &Value) -> Self {
        if let Some(options) = property["enum"].as_array() {
            return Self::Choice(options.iter().cloned().map(Choice::from).collect());
        }
        if let Some(only) = property.get("const") {
            return Self::Choice(vec![only.clone().into()]);
        }
        // Values with names for people. Where one of them is no constant, it is not a choice of values.
        let named = |one: &Value| {
            let title = one["title"].as_str().map(str::to_owned);
            one.get("const").map(|value| Choice { value: value.clone(), title })
        };
        let one_of = property["oneOf"].as_array().filter(|options| !options.is_empty());
        if let Some(options) = one_of.and_then(|options| options.iter().map(named).collect()) {
            return Self::Choice(options);
        }
        match property["type"].as_str() {
            Some("boolean") => Self::Choice(vec![Value::from(true).into(), Value::from(false).into()]),
            Some("integer") => Self::Json("integer"),
            Some("number") => Self::Json("number"),
            Some("array") => Self::Json("array"),
            Some("object") => Self::Json("object"),
            _ => Self::Text,
        }
    }

    fn fits(name: &str, value: &Value) -> bool {
        match name {
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "array" => value.is_array(),
            _ => value.is_object(),
        }
    }
}

impl Rule {
    fn of(schema: &Value) -> Option<Self> {
        let conditions = schema["if"]["properties"].as_object()?;
        let when = conditions.iter().filter_map(|(name, property)| match Kind::of(property) {
            Kind::Choice(options) => Some((name.clone(), options.into_iter().map(|option| option.value).collect())),
            _ => None,
        });
        Some(Self { when: when.collect(), needs: texts(&schema["then"]["required"]) })
    }

    fn holds(&self, answer: &Map<String, Value>) -> bool {
        self.when.iter().all(|(name, options)| answer.get(name).is_some_and(|value| options.contains(value)))
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// The person at this terminal, asked on standard error.
#[derive(Debug, Default)]
pub struct AtTerminal;

impl Person for AtTerminal {
    fn choose(&mut self, question: &str, options: &[String]) -> io::Result<usize> {
        let theme = ColorfulTheme::default();
        let select = Select::with_theme(&theme).with_prompt(question).items(options).default(0);
        select.interact().map_err(|dialoguer::Error::IO(error)| error)
    }

    fn write(&mut self, question: &str, fits: &dyn Fn(&str) -> Result<(), String>) -> io::Result<String> {
        let theme = ColorfulTheme::default();
        let input = Input::<String>::with_theme(&theme).with_prompt(question).allow_empty(true);
        let input = input.validate_with(|text: &String| fits(text));
        input.interact_text().map_err(|dialoguer::Error::IO(error)| error)
    }
}

#[cfg(test)]
#[path = "form/tests.rs"]
mod tests;
