//! CNAMEs: one that should be there, one that stands in the way, one that leads nowhere.

use super::{
    codes::Code,
    judge::{Held, Judged},
    look::{Known, Look},
    words,
};
use crate::{Answer, Finding, Name, RecordType, Said, Severity, Trouble, Value, Wanted, render, render::plain};

pub(crate) fn judge(look: &Look<'_>, wanted: &Wanted, held: Held<'_>) -> Judged {
    let target = plain(&wanted.value);
    let targets: Vec<Name> = held
        .values
        .iter()
        .filter_map(|value| match value {
            Value::Cname(name) => Some(plain(name)),
            _ => None,
        })
        .chain(held.aliases.iter().map(|name| plain(name)))
        .collect();
    let Some(first) = targets.first() else { return Judged::missing() };
    // A chain that passes the wanted target is right too.
    if targets.contains(&target) {
        return Judged::right(Vec::new());
    }
    let name = plain(&wanted.name);
    if let Some(finding) = zone_appended(look, wanted, first) {
        return Judged::mismatch(finding);
    }
    Judged::mismatch(Look::about(
        wanted,
        Code::CnameOtherTarget,
        Severity::Error,
        format!("`{name}` is a CNAME for {}.", words::code(first)),
        format!("Replace its target. {}", look.publish(wanted)),
    ))
}

/// The host in a value has the zone, or a part of the record's own name, behind it.
pub(crate) fn zone_appended(look: &Look<'_>, wanted: &Wanted, host: &str) -> Option<Finding> {
    let right = plain(&wanted.value);
    let rest = host.strip_prefix(&right)?.strip_prefix('.')?;
    render::within(&plain(&wanted.name), rest).then(|| {
        Look::about(
            wanted,
            Code::ValueZoneAppended,
            Severity::Error,
            format!(
                "The value at `{}` is {}: the panel added {} to the host.",
                plain(&wanted.name),
                words::code(host),
                words::code(rest)
            ),
            format!(
                "Enter the host with a dot at its end, `{right}.`, so that nothing is added. {}",
                look.publish(wanted)
            ),
        )
    })
}

/// The CNAME at a name where something else should stand, if there is one.
pub(crate) fn at(look: &Look<'_>, name: &str, answers: &[Answer]) -> Option<Name> {
    if let Known::Here(values) = look.known(name, RecordType::Cname)
        && let Some(target) = values.iter().find_map(|value| match value {
            Value::Cname(target) => Some(plain(target)),
            _ => None,
        })
    {
        return Some(target);
    }
    answers.iter().find_map(|answer| answer.aliases.first()).map(|name| plain(name))
}

/// It stands where another record must.
pub(crate) fn in_the_way(look: &Look<'_>, wanted: &Wanted, target: &str) -> Finding {
    let name = plain(&wanted.name);
    let kind = render::kind(wanted.kind);
    if wanted.kind == RecordType::Mx && target == plain(&wanted.value) {
        return Look::about(
            wanted,
            Code::WrongType,
            Severity::Error,
            format!("`{name}` is a CNAME for {}; the host is right, the type is not.", words::code(target)),
            format!("Delete the CNAME and make it an MX record. {}", look.publish(wanted)),
        );
    }
    Look::about(
        wanted,
        Code::CnameInTheWay,
        Severity::Error,
        format!("`{name}` is a CNAME for {}, so no {kind} record can stand there.", words::code(target)),
        format!("Delete the CNAME at `{}` first. {}", look.typed_name(&name), look.publish(wanted)),
    )
}

/// The zone says the target's addresses in place of the CNAME.
pub(crate) fn flattened(look: &Look<'_>, wanted: &Wanted) -> bool {
    let (here, there) = (look.addresses(&wanted.name), look.addresses(&wanted.value));
    !here.is_empty() && here.iter().all(|address| there.contains(address))
}

/// The CNAMEs at the name, where they end in nothing that can be read: they go in a circle, or are too many. That does not
/// pass by itself.
pub(crate) fn endless(look: &Look<'_>, name: &str, answer: &Answer) -> Option<Vec<Name>> {
    if answer.said != Said::Failed(Trouble::Malformed) {
        return None;
    }
    match answer.aliases.is_empty() {
        // A name that is its own alias leads nowhere at once.
        true => at(look, name, &[]).map(|target| vec![target]),
        false => Some(answer.aliases.clone()),
    }
}

/// That as a finding.
pub(crate) fn chain(look: &Look<'_>, wanted: &Wanted, aliases: &[Name]) -> Finding {
    let name = plain(&wanted.name);
    let names: Vec<String> = aliases.iter().map(|alias| words::code(alias)).collect();
    Look::about(
        wanted,
        Code::CnameChain,
        Severity::Error,
        format!("The CNAME at `{name}` leads to {} and on, and never to a record.", words::list(&names)),
        format!("Delete the CNAME at `{}` first. {}", look.typed_name(&name), look.publish(wanted)),
    )
}
