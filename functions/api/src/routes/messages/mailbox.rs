//! Addresses as callers write them.

use serde_json::Value;
use tenantry_mail::Mailbox;

use crate::{error::sentence, problem::FieldError};

/// What is wrong with a message so far.
pub(super) type Wrong = Vec<FieldError>;

/// One mailbox or a list of them; nothing is an empty list.
pub(super) fn mailboxes(pointer: &str, value: Option<&Value>, wrong: &mut Wrong) -> Vec<Mailbox> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(many)) => {
            let each = many.iter().enumerate();
            each.filter_map(|(index, one)| mailbox(&format!("{pointer}/{index}"), one, wrong)).collect()
        }
        Some(one) => mailbox(pointer, one, wrong).into_iter().collect(),
    }
}

/// One mailbox, if there is one.
pub(super) fn one_mailbox(pointer: &str, value: Option<&Value>, wrong: &mut Wrong) -> Option<Mailbox> {
    value.filter(|value| !value.is_null()).and_then(|value| mailbox(pointer, value, wrong))
}

fn mailbox(pointer: &str, value: &Value, wrong: &mut Wrong) -> Option<Mailbox> {
    let mut refuse = |at: String, words: &str| {
        wrong.push(FieldError::at(at, "invalid_address", sentence(words)));
        None
    };
    match value {
        Value::String(text) => match text.parse() {
            Ok(mailbox) => Some(mailbox),
            Err(error) => refuse(pointer.to_owned(), &format!("{error}")),
        },
        Value::Object(fields) => {
            if let Some(other) = fields.keys().find(|name| !matches!(name.as_str(), "name" | "address")) {
                let at = format!("{pointer}/{}", crate::extract::escaped(other));
                wrong.push(FieldError::at(at, "unknown_field", "There is no such field; known here: name, address."));
                return None;
            }
            let name = match fields.get("name") {
                None | Some(Value::Null) => None,
                Some(Value::String(name)) => Some(name.clone()).filter(|name| !name.is_empty()),
                Some(_) => return refuse(format!("{pointer}/name"), "this must be text"),
            };
            let Some(address) = fields.get("address").and_then(Value::as_str) else {
                return refuse(format!("{pointer}/address"), "an address is needed here, as text");
            };
            match address.parse() {
                Ok(address) => Some(Mailbox { name, address }),
                Err(error) => refuse(format!("{pointer}/address"), &format!("{error}")),
            }
        }
        _ => refuse(
            pointer.to_owned(),
            "write name@example.com, Ada Lovelace <ada@example.com>, or an object with name and address",
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> (Vec<String>, Vec<String>) {
        let mut wrong = Wrong::new();
        let read = mailboxes("/to", Some(&value), &mut wrong);
        let shown = |one: &Mailbox| format!("{} {}", one.name.as_deref().unwrap_or("-"), one.address.as_str());
        (read.iter().map(shown).collect(), wrong.into_iter().map(|error| error.pointer.unwrap()).collect())
    }

    #[test]
    fn a_mailbox_is_a_text_or_an_object_and_one_is_a_list_of_one() {
        let ada = vec!["Ada ada@example.com".to_owned()];
        assert_eq!(read(json!("Ada <ada@example.com>")).0, ada);
        assert_eq!(read(json!(["Ada <ada@example.com>"])).0, ada);
        assert_eq!(read(json!({"name": "Ada", "address": "ada@example.com"})).0, ada);
        assert_eq!(
            read(json!([{"address": "b@example.com"}, "c@example.com"])).0,
            ["- b@example.com", "- c@example.com"]
        );
        assert_eq!(read(json!(null)), (Vec::new(), Vec::new()));
    }

    #[test]
    fn whatever_is_no_mailbox_is_named_with_its_place() {
        let wrong = |value: Value| read(value).1;
        assert_eq!(wrong(json!("nobody")), ["/to"]);
        assert_eq!(wrong(json!(["a@example.com", "nobody", 7])), ["/to/1", "/to/2"]);
        assert_eq!(wrong(json!("a@example.com\r\nBcc: b@example.com")), ["/to"]);
        assert_eq!(wrong(json!({"address": "nobody"})), ["/to/address"]);
        assert_eq!(wrong(json!({"name": 7, "address": "a@example.com"})), ["/to/name"]);
        assert_eq!(wrong(json!({"email": "a@example.com"})), ["/to/email"]);
        assert_eq!(wrong(json!([["a@example.com"]])), ["/to/0"]);
    }
}
