//! The top of a zone, where the zone's own records stand and no CNAME can.

use super::View;
use crate::{
    Finding, Severity,
    check::{codes::Code, look::Look},
    hosts::Top,
};

/// What to do there: in the words of the company that hosts the zone, where it is known.
pub(super) fn how(view: &View<'_>) -> String {
    let target = &view.target;
    let instead = "choose a name below it, such as `portal` or `app`, and give that one a CNAME";
    match view.look.host.map(|host| (host.name, host.top)) {
        Some((name, Top::By(way))) => {
            format!("At {name}, lead the top of the zone to `{target}` with {way}. Or {instead}.")
        }
        Some((name, Top::Nothing)) => {
            format!("{name} has no record that leads the top of a zone to a host elsewhere: {instead}.")
        }
        Some((_, Top::Unknown)) | None => format!(
            "If your DNS host has records of type ALIAS or ANAME, or flattens CNAMEs, lead the top of the zone to `{target}` with \
             one. Or {instead}."
        ),
    }
}

/// That as a finding.
pub(super) fn no_cname(view: &View<'_>) -> Finding {
    Look::about(
        view.record,
        Code::ApexNoCname,
        Severity::Warning,
        format!("`{}` is the top of its zone, where no CNAME can stand.", view.host),
        how(view),
    )
}
