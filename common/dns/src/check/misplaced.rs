//! The value is in the zone, under another name.

use super::{
    cname,
    codes::Code,
    dkim,
    look::{Known, Look},
    nature::{self, Nature},
    policy::is_policy,
    spf, words,
};
use crate::{
    Finding, Name, RecordType, Said, Severity, Value, Wanted, hosts,
    render::{self, plain, within},
};

/// Where else it stands, if it does.
pub(crate) fn find(look: &Look<'_>, wanted: &Wanted) -> Option<Finding> {
    let right = plain(&wanted.name);
    let mut places: Vec<Name> = look
        .seen
        .answers
        .iter()
        .filter(|((name, kind), answers)| {
            *kind == wanted.kind
                && plain(name) != right
                && is_here(look, name)
                && !belongs(look, wanted, name)
                && answers.authoritative.iter().any(|answer| match &answer.said {
                    // What a CNAME leads to stands where it should.
                    Said::Records { values, .. } => {
                        answer.aliases.is_empty() && values.iter().any(|value| same(wanted, value))
                    }
                    _ => false,
                })
        })
        .map(|((name, _), _)| plain(name))
        .collect();
    // The name with something appended is the plainest mistake; then the one that is most alike.
    places.sort_by_key(|name| (!name.starts_with(&format!("{right}.")), name.len().abs_diff(right.len())));
    let place = places.first()?;
    let kind = render::kind(wanted.kind);
    Some(match place.strip_prefix(&format!("{right}.")) {
        Some(rest) => Look::about(
            wanted,
            Code::ZoneAppended,
            Severity::Error,
            format!(
                "The {kind} record stands at {}: the panel added {} to the name.",
                words::code(place),
                words::code(rest)
            ),
            format!(
                "Change the name: enter only `{}` in {}, which adds the rest.",
                look.typed_name(&right),
                look.name_field()
            ),
        ),
        None => Look::about(
            wanted,
            Code::WrongName,
            Severity::Error,
            format!("The {kind} record stands at {} and not at `{right}`.", words::code(place)),
            format!("Delete it there, and add it at the right name. {}", look.publish(wanted)),
        ),
    })
}

/// Whether the name is in reach of whoever manages this zone.
fn is_here(look: &Look<'_>, name: &str) -> bool {
    within(name, &look.domain) || look.zone.as_deref().is_some_and(|zone| !zone.is_empty() && within(name, zone))
}

/// Whether a record of that kind has a reason of its own to stand there.
fn belongs(look: &Look<'_>, wanted: &Wanted, name: &str) -> bool {
    let name = plain(name);
    let nature = nature::of(wanted);
    let other = look.wanted.iter().any(|other| plain(&other.name) == name && nature::of(other) == nature);
    let policy =
        nature == Nature::Dmarc && name.strip_prefix("_dmarc.").is_some_and(|above| within(&look.domain, above));
    other || policy
}

/// Whether the value is the wanted one.
fn same(wanted: &Wanted, value: &Value) -> bool {
    match (nature::of(wanted), value) {
        (Nature::Dkim, Value::Txt(strings)) => dkim::same(wanted, &strings.concat()),
        (Nature::Spf, Value::Txt(strings)) => spf::same(wanted, &strings.concat()),
        (Nature::Dmarc, Value::Txt(strings)) => is_policy(&strings.concat()),
        (Nature::Ownership | Nature::Text, Value::Txt(strings)) => strings.concat().trim() == wanted.value,
        (Nature::Mx, Value::Mx(_, host)) => plain(host) == plain(&wanted.value),
        (Nature::Cname, Value::Cname(target)) => plain(target) == plain(&wanted.value),
        _ => false,
    }
}

/// The value at the right name, as a record of another type.
pub(crate) fn wrong_type(look: &Look<'_>, wanted: &Wanted) -> Option<Finding> {
    let name = plain(&wanted.name);
    let value = plain(&wanted.value);
    if !matches!(nature::of(wanted), Nature::Mx | Nature::Cname) || value.is_empty() {
        return None;
    }
    let others = [RecordType::Txt, RecordType::Mx].into_iter().filter(|kind| *kind != wanted.kind);
    let found = others.filter_map(|kind| match look.known(&name, kind) {
        Known::Here(values) => {
            values.iter().find(|have| render::shown(have).to_lowercase().contains(&value)).map(|have| (kind, have))
        }
        _ => None,
    });
    let (kind, have) = found.into_iter().next()?;
    Some(Look::about(
        wanted,
        Code::WrongType,
        Severity::Error,
        format!("`{name}` has the value as a {} record: {}.", render::kind(kind), words::value(have)),
        format!("Delete that record, and add it again with the right type. {}", look.publish(wanted)),
    ))
}

/// A proxy answers in place of a CNAME: its addresses at the name, and its company's servers for the zone. Beside records of
/// other types an address means nothing.
pub(crate) fn proxied(look: &Look<'_>, wanted: &Wanted) -> Option<Finding> {
    let host = look.host.filter(|host| host.name == "Cloudflare" && wanted.kind == RecordType::Cname)?;
    let name = plain(&wanted.name);
    let address = look.addresses(&name).into_iter().find(|address| hosts::is_proxy(*address))?;
    if cname::flattened(look, wanted) {
        return None;
    }
    Some(Look::about(
        wanted,
        Code::Proxied,
        Severity::Error,
        format!("`{name}` answers with {address}, an address of {}'s proxy, in place of the record.", host.name),
        format!("Set Proxy status of `{}` to \"DNS only\". {}", look.typed_name(&name), look.publish(wanted)),
    ))
}
