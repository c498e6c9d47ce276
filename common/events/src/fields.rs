//! Reading a provider's JSON field by field. What is missing or strange is left out: the event was signed, and losing
//! all of it over one field would lose a bounce.

use serde_json::{Map, Value};
use tenantry_model::{EmailAddress, MessageId};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::event::MESSAGE_TAG;

/// Characters of any text we keep.
const LONGEST_TEXT: usize = 500;
/// Entries of any list we keep; no message has more recipients.
const LONGEST_LIST: usize = 50;

/// The text under a key, empty when there is none.
pub(crate) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// A text, cut to what is kept.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

/// A value with its texts and lists cut to what is kept.
pub(crate) fn bounded(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(cut(text)),
        Value::Array(list) => list.iter().take(LONGEST_LIST).map(bounded).collect(),
        Value::Object(map) => map.iter().take(LONGEST_LIST).map(|(key, value)| (cut(key), bounded(value))).collect(),
        other => other.clone(),
    }
}

/// The named parts of an object that are there, bounded.
pub(crate) fn pick(from: &Value, keys: &[&str]) -> Map<String, Value> {
    let there = keys.iter().filter_map(|key| Some((*key, from.get(key)?)));
    there.map(|(key, value)| (key.to_owned(), bounded(value))).collect()
}

/// A link without what comes after `?` or `#`, where tokens stand.
pub(crate) fn link(text: &str) -> Value {
    Value::String(cut(text.split(['?', '#']).next().unwrap_or_default()))
}

/// A moment: RFC 3339, or what Postgres prints (`2023-04-03 22:13:42.674981+00`), which Resend sends in places. Without
/// an offset it is UTC.
pub(crate) fn moment(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    if !text.is_ascii() || text.len() < 19 {
        return None;
    }
    let (date, clock) = (&text[..10], &text[11..]);
    let (clock, offset) = match clock.find(['+', '-', 'Z', 'z']) {
        Some(at) => clock.split_at(at),
        None => (clock, "Z"),
    };
    let offset = match offset.len() {
        3 => format!("{offset}:00"),
        5 => format!("{}:{}", &offset[..3], &offset[3..]),
        _ => offset.to_owned(),
    };
    let moment = OffsetDateTime::parse(&format!("{date}T{clock}{offset}"), &Rfc3339).ok()?;
    Some(moment.to_offset(UtcOffset::UTC))
}

/// An address: alone, in `Name <address>`, or after a DSN's address type (`rfc822; address`, RFC 3464).
pub(crate) fn address(text: &str) -> Option<EmailAddress> {
    let inside = text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inside, _)| inside);
    let text = inside.unwrap_or(text);
    text.rsplit_once(';').map_or(text, |(_, address)| address).parse().ok()
}

/// The addresses of a list of texts, of objects with the address under `key`, or of one text; each once.
pub(crate) fn addresses(value: &Value, key: &str) -> Vec<EmailAddress> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let mut found: Vec<EmailAddress> = Vec::new();
    for entry in list.iter().take(LONGEST_LIST) {
        let read = entry.as_str().or_else(|| entry[key].as_str()).and_then(address);
        if let Some(address) = read.filter(|address| found.iter().all(|other| other.key() != address.key())) {
            found.push(address);
        }
    }
    found
}

/// Our message id among the tags, which are an object (Resend's webhooks), an object of lists (SES), or a list of names
/// and values (Resend's requests).
pub(crate) fn message(tags: &Value) -> Option<MessageId> {
    let value = match tags {
        Value::Array(list) => list.iter().find(|tag| tag["name"] == MESSAGE_TAG)?.get("value")?,
        other => other.get(MESSAGE_TAG)?,
    };
    value.as_str().or_else(|| value[0].as_str())?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::{prop_assert, proptest};
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn moments_are_read_in_every_form_that_was_seen() {
        let expected = datetime!(2023-04-03 22:13:42.674981 UTC);
        for text in [
            "2023-04-03T22:13:42.674981Z",
            "2023-04-03T22:13:42.674981+00:00",
            "2023-04-03 22:13:42.674981+00",
            "2023-04-03 22:13:42.674981+0000",
            "2023-04-03 22:13:42.674981",
            "2023-04-04T00:13:42.674981+02:00",
            "2023-04-03 17:13:42.674981-05",
            " 2023-04-03 22:13:42.674981Z ",
        ] {
            let read = moment(text).unwrap();
            assert_eq!((read, read.offset()), (expected, UtcOffset::UTC), "{text:?}");
        }
        assert_eq!(moment("2023-04-03 22:13:42+00"), Some(datetime!(2023-04-03 22:13:42 UTC)));
        for text in ["", "2023-04-03", "2023-13-03 22:13:42+00", "yesterday at noon or so", "2023-04-03 22:13:42é+00"]
        {
            assert_eq!(moment(text), None, "{text:?}");
        }
    }

    #[test]
    fn addresses_are_read_in_every_form_and_each_once() {
        let read = addresses(
            &json!(["ada@a.example", "Ada <ADA@a.example>", "rfc822; bob@b.example", "nobody", 7, {"a": "eve@e.example"}]),
            "a",
        );
        let read: Vec<&str> = read.iter().map(EmailAddress::as_str).collect();
        assert_eq!(read, ["ada@a.example", "bob@b.example", "eve@e.example"]);
        assert_eq!(addresses(&json!("ada@a.example"), "a").len(), 1);
        assert!(addresses(&Value::Null, "a").is_empty());
    }

    #[test]
    fn our_message_id_is_found_in_every_shape_of_tags() {
        let id = MessageId::new();
        for tags in [
            json!({"tenant": "x", "message": id}),
            json!({"ses:source-ip": ["192.0.2.1"], "message": [id]}),
            json!([{"name": "tenant", "value": "x"}, {"name": "message", "value": id}]),
        ] {
            assert_eq!(message(&tags), Some(id), "{tags}");
        }
        for tags in [json!(null), json!({}), json!([]), json!({"message": "somebody else's"}), json!({"message": []})] {
            assert_eq!(message(&tags), None, "{tags}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_provider_writes_is_read_without_a_panic(text in ".{0,40}", clock in "[-+ :.0-9TZ]{19,32}") {
            for text in [&text, &clock] {
                let read = moment(text);
                prop_assert!(read.is_none_or(|read| moment(&read.format(&Rfc3339).unwrap()) == Some(read)));
                let found = address(text);
                prop_assert!(found.is_none_or(|found| text.contains('@') && address(found.as_str()) == Some(found)));
            }
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let kept = bounded(&json!({"a": "é".repeat(900), "b": vec![1; 90]}));
        assert_eq!(kept["a"].as_str().unwrap().chars().count(), LONGEST_TEXT);
        assert_eq!(kept["b"].as_array().unwrap().len(), LONGEST_LIST);
    }
}
