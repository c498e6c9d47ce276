//! Records at the hostname and right below it that are not the CNAME.

use super::{View, pointing::Stands};
use crate::{
    Finding, Pointing, RecordType, Said, Severity, Value,
    check::{
        codes::Code,
        look::{Known, Look},
        words,
    },
    render::{self, plain},
};

/// What stands there, and whether it matters.
pub(super) fn check(view: &View<'_>, stands: &Stands, pointing: Pointing) -> Vec<Finding> {
    others(view, stands, pointing).into_iter().chain(challenge(view)).collect()
}

/// Records of other types at the very name: no CNAME can stand beside them (RFC 1034 section 3.6.2).
fn others(view: &View<'_>, stands: &Stands, pointing: Pointing) -> Option<Finding> {
    let own = |kind: &RecordType| {
        view.look.authoritative(&view.host, *kind).iter().any(|answer| {
            answer.aliases.is_empty() && matches!(&answer.said, Said::Records { values, .. } if !values.is_empty())
        })
    };
    let kinds: Vec<&str> = [RecordType::Mx, RecordType::Txt].into_iter().filter(own).map(render::kind).collect();
    if kinds.is_empty() || view.apex {
        return None;
    }
    let kinds = words::list(&kinds);
    let alias = !stands.chain().is_empty();
    let missing = !alias && matches!(pointing, Pointing::Missing | Pointing::Elsewhere);
    if alias {
        return Some(Look::about(
            view.record,
            Code::CnameBesideOthers,
            Severity::Warning,
            format!("Beside the CNAME at `{}` stand records of type {kinds}, which is not allowed.", view.host),
            format!(
                "Delete the records of type {kinds} at `{}`; resolvers see either them or the CNAME.",
                view.look.typed_name(&view.host)
            ),
        ));
    }
    missing.then(|| {
        Look::about(
            view.record,
            Code::RecordsInTheWay,
            Severity::Warning,
            format!("`{}` has records of type {kinds}; no CNAME can stand beside them.", view.host),
            format!(
                "Delete the records of type {kinds} at `{}` first, or choose another hostname if they are in use. {}",
                view.look.typed_name(&view.host),
                view.publish()
            ),
        )
    })
}

/// `_acme-challenge` is read for dns-01 only (RFC 8555 section 8.4). Our certificates are had by http-01 (section 8.3), for which
/// nobody asks for that name: whatever stands there, a text, a CNAME or a delegation, does no harm.
fn challenge(view: &View<'_>) -> Option<Finding> {
    let name = format!("_acme-challenge.{}", view.host);
    let found = [RecordType::Cname, RecordType::Ns, RecordType::Txt].into_iter().find_map(|kind| {
        match view.look.known(&name, kind) {
            Known::Here(values) => values.first().map(|value| (kind, value)),
            Known::Nothing | Known::Unknown => None,
        }
    });
    let (kind, value) = found?;
    // What a wildcard says for any name says nothing about this one.
    let wild = view.look.seen.wildcard.contains(&RecordType::Cname);
    if wild && matches!(value, Value::Cname(target) if plain(target) == view.target) {
        return None;
    }
    Some(Look::overall(
        Code::AcmeChallenge,
        Severity::Info,
        format!("`{name}` has a {} record, {}: another service gets certificates for this name by DNS.", render::kind(kind), words::value(value)),
        "Nothing needs to be done: our certificates are had in another way, for which nobody reads this name. If you do not use the other service any more, delete it."
            .to_owned(),
    ))
}
