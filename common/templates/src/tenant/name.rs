//! What a tenant calls a template.

use std::{fmt, str::FromStr};

/// The name of a template: 1 to 64 characters out of `a-z`, `0-9` and `-`. A tenant's template that is called as one
/// of the system's takes its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TemplateName(String);

/// Not a name of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a template's name has 1 to 64 characters out of a-z, 0-9 and -")]
pub struct TemplateNameError;

impl TemplateName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TemplateName {
    type Err = TemplateNameError;

    fn from_str(name: &str) -> Result<Self, TemplateNameError> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let valid = (1..=64).contains(&name.len()) && name.bytes().all(fits);
        if valid { Ok(Self(name.to_owned())) } else { Err(TemplateNameError) }
    }
}

impl fmt::Display for TemplateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
