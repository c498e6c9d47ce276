//! The records to expect, as a file says them: the API's, a provider's, or written by hand.

use serde_json::{Map, Value, json};
use tenantry_dns::{Wanted, absolute};
use tenantry_model::Domain;

use crate::failure::Failure;

/// A list of records, or a document whose `records` or `data` is one. `file` is what the file is called.
///
/// # Errors
/// [`Failure::Input`], in words: what is wrong, and with which record.
pub(super) fn read(text: &str, domain: &str, file: &str) -> Result<Vec<Wanted>, Failure> {
    let wrong = |what: String| Failure::Input {
        what: format!("{file}: {what}"),
        next: r#"It holds a list such as [{"type": "MX", "name": "send", "value": "mx.example.net", "priority": 10}]."#
            .to_owned(),
    };
    let document: Value = serde_json::from_str(text)
        .map_err(|error| wrong(format!("this is not JSON (line {}, column {})", error.line(), error.column())))?;
    let zone = document.get("zone").and_then(Value::as_str);
    let list = [Some(&document), document.get("records"), document.get("data")];
    let Some(list) = list.into_iter().flatten().find_map(Value::as_array) else {
        return Err(wrong("there is no list of records".to_owned()));
    };
    if list.is_empty() {
        return Err(wrong("the list of records is empty".to_owned()));
    }
    let read = |(index, record): (usize, &Value)| {
        one(record, domain, zone).map_err(|what| wrong(format!("record {}: {what}", index + 1)))
    };
    list.iter().enumerate().map(read).collect()
}

/// A record, in the one form that the checks know.
fn one(record: &Value, domain: &str, zone: Option<&str>) -> Result<Wanted, String> {
    let record = record.as_object().ok_or("this is no record")?;
    let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let kind = text("type").ok_or("it has no type")?.to_ascii_uppercase();
    let name = a_labels(text("name").ok_or("it has no name")?)?;
    let value = unquoted(text("value").unwrap_or_default());
    let (mut priority, mut value) = (number(record, "priority", u16::MAX.into())?, value);
    if kind == "MX"
        && priority.is_none()
        && let Some((first, host)) = value.clone().split_once(char::is_whitespace)
    {
        // As in a zone file.
        let preference: u16 = first.parse().map_err(|_| format!("{first:?} is no priority"))?;
        (priority, value) = (Some(preference.into()), host.trim().to_owned());
    }
    if kind != "TXT" {
        value = value.strip_suffix('.').unwrap_or(&value).to_ascii_lowercase();
    }
    let mut wanted = json!({
        "purpose": text("purpose").or_else(|| text("record")).unwrap_or_else(|| purpose(&kind, &name, &value)),
        "type": kind,
        "name": absolute(&name, domain, zone),
        "value": value,
        "required": record.get("required").and_then(Value::as_bool).unwrap_or(true),
    });
    for (name, number) in [("priority", priority), ("ttl", number(record, "ttl", u32::MAX)?)] {
        if let Some(number) = number {
            wanted[name] = number.into();
        }
    }
    serde_json::from_value(wanted).map_err(|_| format!("{kind:?} is no type of record that is known here"))
}

/// A number, also as text; what is no number at all, such as a TTL of `Auto`, says nothing.
fn number(record: &Map<String, Value>, name: &str, most: u32) -> Result<Option<u32>, String> {
    let number = match record.get(name) {
        Some(Value::Number(number)) => Some(number.clone()),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let Some(number) = number else { return Ok(None) };
    match number.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| *number <= most) {
        Some(number) => Ok(Some(number)),
        None => Err(format!("its {name} is {number}, and can be 0 to {most}")),
    }
}

/// What a record is for, where it is not said.
fn purpose(kind: &str, name: &str, value: &str) -> &'static str {
    let label = |label: &str| name.split('.').any(|one| one == label);
    match kind {
        "MX" => "return_path",
        "TXT" if label("_tenantry") => "ownership",
        "TXT" if value.to_ascii_lowercase().starts_with("v=spf1") => "spf",
        "TXT" if label("_dmarc") => "dmarc",
        _ if label("_domainkey") => "dkim",
        _ => "other",
    }
}

/// A TXT value as a zone file writes it, `"one" "two"`, without its quotes; any other as it is.
fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut text = String::new();
    let (mut letters, mut inside) = (inner.chars(), true);
    while let Some(letter) = letters.next() {
        match (letter, inside) {
            ('"', _) => inside = !inside,
            ('\\', true) => text.extend(letters.next()),
            (letter, true) => text.push(letter),
            (letter, false) if letter.is_whitespace() => {}
            // These were no strings of a zone file.
            _ => return value.to_owned(),
        }
    }
    text
}

/// The name in lower-case A-labels. Labels that no host can have, such as `_domainkey`, stay.
fn a_labels(name: &str) -> Result<String, String> {
    let label = |label: &str| {
        if label.is_ascii() {
            return Ok(label.to_ascii_lowercase());
        }
        let domain: Result<Domain, _> = format!("{label}.example").parse();
        let domain = domain.ok().and_then(|domain| domain.as_str().strip_suffix(".example").map(str::to_owned));
        domain.ok_or_else(|| format!("{name:?} is no name"))
    };
    let fits = |name: &String| {
        let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_graphic());
        name.len() <= 254 && (name == "@" || name.strip_suffix('.').unwrap_or(name).split('.').all(label))
    };
    let labels: Vec<String> = name.split('.').map(label).collect::<Result<_, _>>()?;
    Some(labels.join(".")).filter(fits).ok_or_else(|| format!("{name:?} is no name"))
}

#[cfg(test)]
mod tests;
