//! Tag lists (RFC 6376 section 3.2): `v=DKIM1; p=...`, as DKIM and DMARC write them.

use super::words;

/// A list of tags, in the order they stand in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tags(Vec<(String, String)>);

impl Tags {
    /// Reads a list. Errors: what is wrong, in words. Empty tags are passed over, as every reader does.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut tags: Vec<(String, String)> = Vec::new();
        for part in text.split(';') {
            let part = part.trim_matches(space);
            if part.is_empty() {
                continue;
            }
            let Some((name, value)) = part.split_once('=') else {
                return Err(format!("{} in it is no tag with a value", words::code(part)));
            };
            let name = name.trim_matches(space);
            let first = name.chars().next().is_some_and(|letter| letter.is_ascii_alphabetic());
            if !first || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
                return Err(format!("{} in it is no name of a tag", words::code(name)));
            }
            if tags.iter().any(|(have, _)| have == name) {
                return Err(format!("the tag {} stands in it twice", words::code(name)));
            }
            tags.push((name.to_owned(), value.trim_matches(space).to_owned()));
        }
        Ok(Self(tags))
    }

    /// A tag's value. Names of tags are case-sensitive.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// The first tag.
    pub(crate) fn first(&self) -> Option<(&str, &str)> {
        self.0.first().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

/// White space of a tag list: space, tab, and what is left of folded lines.
pub(crate) fn space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}

/// Without any white space.
pub(crate) fn tight(text: &str) -> String {
    text.chars().filter(|letter| !space(*letter)).collect()
}
