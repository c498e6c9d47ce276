//! Texts of a body turned into parsed types, with everything that is wrong at once.

use std::str::FromStr;

use crate::{
    error::sentence,
    problem::{Code, FieldError, Problem},
};

/// What is wrong so far.
#[derive(Default)]
pub(crate) struct Fields(Vec<FieldError>);

impl Fields {
    /// The parsed text; none, and noted, when it cannot be parsed.
    pub(crate) fn parse<T: FromStr<Err: std::fmt::Display>>(&mut self, pointer: &str, text: &str) -> Option<T> {
        text.parse().map_err(|error: T::Err| self.wrong(pointer, &error.to_string())).ok()
    }

    /// The parsed text, if there is one.
    pub(crate) fn parse_some<T: FromStr<Err: std::fmt::Display>>(
        &mut self,
        pointer: &str,
        text: Option<&String>,
    ) -> Option<T> {
        text.and_then(|text| self.parse(pointer, text))
    }

    /// Notes that something is wrong.
    pub(crate) fn wrong(&mut self, pointer: &str, words: &str) {
        self.0.push(FieldError::at(pointer, "invalid_value", sentence(words)));
    }

    /// What `made` holds, if nothing is wrong.
    pub(crate) fn finish<T>(self, made: Option<T>) -> Result<T, Problem> {
        match made {
            Some(made) if self.0.is_empty() => Ok(made),
            _ => Err(invalid_body(self.0)),
        }
    }
}

/// 422, with what is wrong where.
pub(crate) fn invalid_body(errors: Vec<FieldError>) -> Problem {
    let detail = match errors.as_slice() {
        [one] => format!("{}: {}", one.pointer.as_deref().filter(|p| !p.is_empty()).unwrap_or("The body"), one.detail),
        many => format!("{} fields cannot be used.", many.len()),
    };
    Problem::new(Code::InvalidBody, detail).with(errors)
}
