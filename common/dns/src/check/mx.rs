//! MX records: by host and preference. A return path has exactly one.

use super::{cname, codes::Code, judge::Judged, look::Look, words};
use crate::{Name, Purpose, Severity, Value, Wanted, render::plain};

pub(crate) fn judge(look: &Look<'_>, wanted: &Wanted, values: &[Value]) -> Judged {
    let host = plain(&wanted.value);
    let found: Vec<(u16, Name)> = values
        .iter()
        .filter_map(|value| match value {
            Value::Mx(preference, host) => Some((*preference, plain(host))),
            _ => None,
        })
        .collect();
    let Some(first) = found.first() else { return Judged::missing() };
    let fits =
        |(preference, name): &(u16, Name)| *name == host && wanted.priority.is_none_or(|want| want == *preference);
    let (right, others): (Vec<_>, Vec<_>) = found.iter().cloned().partition(fits);
    if !right.is_empty() {
        return if others.is_empty() { Judged::right(Vec::new()) } else { beside(look, wanted, &others) };
    }
    if found.iter().any(|(_, name)| name.is_empty()) {
        return null(look, wanted);
    }
    if found.iter().any(|(_, name)| *name == host) && found.iter().any(|(_, name)| *name != host) {
        return beside(look, wanted, &others);
    }
    let saw = |what: &str| format!("`{}` has {}{what}.", plain(&wanted.name), list(&found));
    let wrong = |code, what: &str, advice: String| {
        Judged::mismatch(Look::about(wanted, code, Severity::Error, saw(what), advice))
    };
    if first.1 == host {
        let priority = wanted.priority.unwrap_or_default();
        let what = format!(": the host is right, the preference is not {priority}");
        return wrong(
            Code::MxPriority,
            &what,
            format!("Change the preference to {priority}. {}", look.publish(wanted)),
        );
    }
    if let Some(finding) = found.iter().find_map(|(_, name)| cname::zone_appended(look, wanted, name)) {
        return Judged::mismatch(finding);
    }
    if found.iter().any(|(_, name)| without_number(name) == Some(host.as_str())) {
        let advice = "Take the number out of the host; the preference has a field of its own.";
        return wrong(
            Code::MxPriorityInHost,
            ", with the preference inside the host",
            format!("{advice} {}", look.publish(wanted)),
        );
    }
    if let Some(region) = found.iter().find_map(|(_, name)| other_region(&host, name)) {
        let what = format!(": that is the host of the region {region}");
        return wrong(
            Code::MxRegion,
            &what,
            format!("Replace the host; this domain is in another region. {}", look.publish(wanted)),
        );
    }
    wrong(Code::MxOtherHost, "", format!("Replace it. {}", look.publish(wanted)))
}

fn beside(look: &Look<'_>, wanted: &Wanted, others: &[(u16, Name)]) -> Judged {
    let name = plain(&wanted.name);
    let returns = matches!(wanted.purpose, Purpose::ReturnPath | Purpose::Spf);
    let saw = format!("`{name}` has {} beside the wanted one.", list(others));
    if returns {
        let advice = format!(
            "Delete the other MX records at `{}`: the return path has only one. {}",
            look.typed_name(&name),
            look.publish(wanted)
        );
        return Judged::conflict(Look::about(wanted, Code::MxConflict, Severity::Error, saw, advice));
    }
    let advice =
        format!("Delete the other MX records at `{}` unless mail should go there too.", look.typed_name(&name));
    Judged::right(vec![Look::about(wanted, Code::MxConflict, Severity::Warning, saw, advice)])
}

fn null(look: &Look<'_>, wanted: &Wanted) -> Judged {
    let name = plain(&wanted.name);
    Judged::mismatch(Look::about(
        wanted,
        Code::MxNull,
        Severity::Error,
        format!("`{name}` has `0 .`: an MX record that says that it takes no mail."),
        format!("Delete that MX record. {}", look.publish(wanted)),
    ))
}

fn list(found: &[(u16, Name)]) -> String {
    let words: Vec<String> =
        found.iter().map(|(preference, host)| words::value(&Value::Mx(*preference, host.clone()))).collect();
    words::list(&words)
}

/// What stands behind a number and a space, which a zone file writes as `\032`.
fn without_number(name: &str) -> Option<&str> {
    let rest = name.trim_start_matches(|letter: char| letter.is_ascii_digit());
    if rest.len() == name.len() {
        return None;
    }
    rest.strip_prefix("\\032").or_else(|| rest.strip_prefix(' ')).map(str::trim_start)
}

/// The region in a name that is otherwise built as the wanted host: `feedback-smtp.<region>.amazonses.com`.
fn other_region(host: &str, name: &str) -> Option<String> {
    let (host, name): (Vec<&str>, Vec<&str>) = (host.split('.').collect(), name.split('.').collect());
    if host.len() != name.len() || host.len() < 3 {
        return None;
    }
    let differing: Vec<usize> = (0..host.len()).filter(|&index| host[index] != name[index]).collect();
    match differing[..] {
        [index] if index + 2 < host.len() && host[index].contains('-') && name[index].contains('-') => {
            Some(words::code(name[index]))
        }
        _ => None,
    }
}
