//! Label and field selectors.

use serde_json::Value;

/// What all of an object's labels have to fulfil.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Selector(Vec<Wish>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wish {
    In(String, Vec<String>),
    /// Fulfilled, too, where there is no such label.
    NotIn(String, Vec<String>),
    There(String),
    NotThere(String),
}

impl Selector {
    /// `a=b,c!=d,e in (f,g),h notin (i),j,!k`; `None` where it is none.
    pub(super) fn parse(text: &str) -> Option<Selector> {
        let mut wishes = Vec::new();
        for part in split(text) {
            let part = part.trim();
            let list = |rest: &str| {
                let inside = rest.trim().strip_prefix('(')?.strip_suffix(')')?;
                Some(inside.split(',').map(|value| value.trim().to_owned()).collect::<Vec<_>>())
            };
            let name = |text: &str| text.trim().to_owned();
            wishes.push(if let Some((key, rest)) = part.split_once(" notin ") {
                Wish::NotIn(name(key), list(rest)?)
            } else if let Some((key, rest)) = part.split_once(" in ") {
                Wish::In(name(key), list(rest)?)
            } else if let Some((key, value)) = part.split_once("!=") {
                Wish::NotIn(name(key), vec![name(value)])
            } else if let Some((key, value)) = part.split_once('=') {
                Wish::In(name(key), vec![name(value.trim_start_matches('='))])
            } else if let Some(key) = part.strip_prefix('!') {
                Wish::NotThere(name(key))
            } else {
                Wish::There(name(part))
            });
        }
        let named = |wish: &Wish| match wish {
            Wish::In(key, _) | Wish::NotIn(key, _) | Wish::There(key) | Wish::NotThere(key) => {
                !key.is_empty() && !key.contains(char::is_whitespace)
            }
        };
        wishes.iter().all(named).then_some(Selector(wishes))
    }

    /// Whether these labels (an object of strings, or null) fulfil it.
    pub(super) fn fits(&self, labels: &Value) -> bool {
        self.0.iter().all(|wish| match wish {
            Wish::In(key, values) => labels[key].as_str().is_some_and(|value| values.iter().any(|one| one == value)),
            Wish::NotIn(key, values) => labels[key].as_str().is_none_or(|value| values.iter().all(|one| one != value)),
            Wish::There(key) => labels[key].is_string(),
            Wish::NotThere(key) => labels[key].is_null(),
        })
    }

    /// As [`Selector::fits`], for a field selector: `metadata.name` and `metadata.namespace` are all there is.
    pub(super) fn fits_fields(&self, object: &Value) -> bool {
        let fields = serde_json::json!({
            "metadata.name": object["metadata"]["name"],
            "metadata.namespace": object["metadata"]["namespace"],
        });
        self.fits(&fields)
    }
}

/// The parts between commas that stand outside of brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    if !text.trim().is_empty() {
        parts.push(&text[from..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_form_of_a_wish_is_read_and_judged() {
        let labels = json!({ "a": "1", "x.y/b": "2" });
        let fits = |text: &str| Selector::parse(text).unwrap().fits(&labels);
        assert!(fits("") && fits("a=1") && fits("a==1,x.y/b=2") && fits("a") && fits("!c") && fits("c!=1"));
        assert!(fits("a in (1, 3),x.y/b notin (3,4)") && fits("c notin (1)"));
        assert!(!fits("a=2") && !fits("c") && !fits("!a") && !fits("a!=1") && !fits("a in (2)") && !fits("a=1,c"));
        assert_eq!(Selector::parse("a in 1"), None);
        assert_eq!(Selector::parse("=1"), None);
        assert!(Selector::parse("!a").unwrap().fits(&json!(null)));
    }
}
