//! A variable of a template, documented, and the form its values have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::TemplateError;

/// A variable of a template. Its example is its type: a value must have the example's form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// The name in the template: `[A-Za-z][A-Za-z0-9_]{0,63}`. Names that are `url` or end in `_url`, here and inside
    /// lists and objects, hold web addresses.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// Whether it must be given and not be empty. One that is not required may be left out, and is empty then.
    #[serde(default = "yes")]
    pub required: bool,
    /// A value as it may be; a list shows one entry at least.
    pub example: Value,
}

fn yes() -> bool {
    true
}

/// The form of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// A text, number or boolean.
    Scalar,
    /// A list of entries of one form.
    List(Box<Shape>),
    /// An object with these fields.
    Object(BTreeMap<String, Shape>),
}

impl Shape {
    /// The form of an example; none if it has none: null, or an empty list.
    pub(crate) fn of(example: &Value) -> Option<Self> {
        match example {
            Value::Null => None,
            Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(Self::Scalar),
            Value::Array(entries) => Some(Self::List(Box::new(Self::of(entries.first()?)?))),
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| Some((name.clone(), Self::of(value)?)));
                Some(Self::Object(fields.collect::<Option<_>>()?))
            }
        }
    }

    /// The value of this form that stands for nothing given.
    fn blank(&self) -> Value {
        match self {
            Self::Scalar => Value::String(String::new()),
            Self::List(_) => Value::Array(Vec::new()),
            Self::Object(fields) => fields.iter().map(|(name, shape)| (name.clone(), shape.blank())).collect(),
        }
    }

    fn called(&self) -> &'static str {
        match self {
            Self::Scalar => "a text, number or boolean",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// Checks a value that stands at `place`, whose last name is `name`.
    fn check(&self, place: &str, name: &str, value: &Value) -> Result<(), TemplateError> {
        match (self, value) {
            (_, Value::Null) => Err(TemplateError::MissingVariable { variable: place.to_owned() }),
            (Self::Scalar, Value::String(text)) if is_url(name) && !text.is_empty() && !is_web_address(text) => {
                Err(TemplateError::UnsafeUrl { variable: place.to_owned() })
            }
            (Self::Scalar, Value::Bool(_) | Value::Number(_)) if is_url(name) => {
                Err(TemplateError::UnsafeUrl { variable: place.to_owned() })
            }
            (Self::Scalar, Value::String(_) | Value::Bool(_) | Value::Number(_)) => Ok(()),
            (Self::List(entry), Value::Array(entries)) => entries
                .iter()
                .enumerate()
                .try_for_each(|(index, value)| entry.check(&format!("{place}[{index}]"), name, value)),
            (Self::Object(fields), Value::Object(given)) => fields.iter().try_for_each(|(name, shape)| {
                shape.check(&format!("{place}.{name}"), name, given.get(name).unwrap_or(&Value::Null))
            }),
            _ => Err(TemplateError::WrongKind { variable: place.to_owned(), expected: self.called() }),
        }
    }
}

/// The documented variables out of what is given: all of them, of the documented form, with blanks for what is not
/// required and was not given. What is given beyond that is left out.
pub(crate) fn accept(variables: &[(Variable, Shape)], given: &Value) -> Result<Map<String, Value>, TemplateError> {
    let given = given.as_object().ok_or(TemplateError::NotAnObject)?;
    let mut accepted = Map::new();
    for (variable, shape) in variables {
        let name = &variable.name;
        let value = match given.get(name) {
            Some(value) if !is_blank(value) => {
                shape.check(name, name, value)?;
                value.clone()
            }
            _ if variable.required => return Err(TemplateError::MissingVariable { variable: name.clone() }),
            _ => shape.blank(),
        };
        accepted.insert(name.clone(), value);
    }
    Ok(accepted)
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        _ => false,
    }
}

/// Whether a variable of this name holds a web address.
pub(crate) fn is_url(name: &str) -> bool {
    name == "url" || name.ends_with("_url")
}

/// Escaping keeps a value inside its `href`, but not a `javascript:` out of it.
fn is_web_address(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme))
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// The example of every variable: a preview's input.
pub(crate) fn examples<'a>(variables: impl Iterator<Item = &'a Variable>) -> Value {
    variables.map(|variable| (variable.name.clone(), variable.example.clone())).collect()
}
