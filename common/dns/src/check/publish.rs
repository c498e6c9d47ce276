//! How to put a record in place, in the host's words where the host is known.

use super::look::Look;
use crate::{
    RecordType, Wanted,
    hosts::Host,
    render::{self, plain},
};

/// What stands in for a value that only the mail service knows.
const UNKNOWN: &str = "the value that the mail service shows for this domain";

impl Look<'_> {
    /// How to put the record in place.
    pub(crate) fn publish(&self, wanted: &Wanted) -> String {
        self.publish_value(wanted, &wanted.value)
    }

    /// As [`Self::publish`], with another value.
    pub(crate) fn publish_value(&self, wanted: &Wanted, value: &str) -> String {
        let name = plain(&wanted.name);
        let priority = (wanted.kind == RecordType::Mx).then(|| wanted.priority.unwrap_or(10));
        match (self.host, self.zone.as_deref()) {
            (Some(host), Some(zone)) => in_words_of(host, wanted.kind, &render::relative(&name, zone), value, priority),
            (_, zone) => in_common_words(wanted.kind, &name, zone, value, priority),
        }
    }

    /// The name as it is typed into the host's field; absolute where the zone is not known.
    pub(crate) fn typed_name(&self, name: &str) -> String {
        match self.zone.as_deref() {
            Some(zone) => render::relative(name, zone),
            None => plain(name),
        }
    }

    /// Which field that is.
    pub(crate) fn name_field(&self) -> String {
        self.host.map_or_else(
            || "the field for the name".to_owned(),
            |host| format!("{}'s field {}", host.name, host.name_field),
        )
    }
}

fn in_words_of(host: &Host, kind: RecordType, name: &str, value: &str, priority: Option<u16>) -> String {
    let place = match name {
        "@" if host.apex.is_empty() => format!("Leave {}'s field {} empty", host.name, host.name_field),
        name => format!("In {}'s field {} enter `{name}`", host.name, host.name_field),
    };
    let field = match kind {
        RecordType::Mx => host.mail_field,
        RecordType::Cname => host.alias_field,
        _ => host.text_field,
    };
    let dot = if host.dot { "." } else { "" };
    let typed = match (kind, priority.filter(|_| host.priority_field.is_none())) {
        _ if value.is_empty() => UNKNOWN.to_owned(),
        (RecordType::Txt, _) if host.quotes => format!("`{}`", render::quoted(value)),
        (RecordType::Txt, _) => format!("`{value}`"),
        (_, Some(priority)) => format!("`{priority} {}{dot}`", plain(value)),
        (_, None) => format!("`{}{dot}`", plain(value)),
    };
    let extra = match (priority, host.priority_field) {
        (Some(priority), Some(field)) => format!(", in {field} `{priority}`"),
        _ => String::new(),
    };
    format!("{place}, choose the type {}, in {field} enter {typed}{extra}.", render::kind(kind))
}

fn in_common_words(kind: RecordType, name: &str, zone: Option<&str>, value: &str, priority: Option<u16>) -> String {
    let article = if kind == RecordType::Mx { "an" } else { "a" };
    let short = zone
        .filter(|zone| !zone.is_empty())
        .map(|zone| format!(" (`{}` in a panel that adds {zone} by itself)", render::relative(name, zone)))
        .unwrap_or_default();
    let preference = priority.map(|priority| format!(" and the preference {priority}")).unwrap_or_default();
    let value = if value.is_empty() { UNKNOWN.to_owned() } else { format!("the value `{value}`") };
    format!("Publish {article} {} record at `{name}`{short} with {value}{preference}.", render::kind(kind))
}
