//! A CNAME that leads somewhere else: where, and by which mistake.

use super::{View, names::is_slip, place::Stand};
use crate::{
    Finding, Severity,
    check::{cname, codes::Code, look::Look, words},
};

/// Why the chain does not lead to the canonical host.
pub(super) fn elsewhere(view: &View<'_>, stand: &Stand) -> Option<Finding> {
    let first = stand.chain.first()?;
    if let Some(finding) = cname::zone_appended(&view.look, view.record, first) {
        return Some(finding);
    }
    let about = |code, saw, advice| Some(Look::about(view.record, code, Severity::Error, saw, advice));
    let correct = format!("Replace its target. {}", view.publish());
    if holds_more(first, &view.target) {
        let saw = format!(
            "`{}` is a CNAME for {}: there is more in it than the host `{}`.",
            view.host,
            words::code(first),
            view.target
        );
        return about(
            Code::TargetTypo,
            saw,
            format!("Enter the host only, without `https://` and without a path. {correct}"),
        );
    }
    if let Some(other) = view.other_portal(&stand.chain) {
        let typing = if is_slip(other, &view.target) { ", perhaps by a typing mistake" } else { "" };
        let saw = format!(
            "`{}` is a CNAME for {}: it points to another portal of this platform{typing}, and not to yours.",
            view.host,
            words::code(other)
        );
        return about(Code::OtherPortal, saw, correct);
    }
    if is_slip(first, &view.target) {
        let saw = format!(
            "`{}` is a CNAME for {}, which is almost `{}`: there is a typing mistake in it.",
            view.host,
            words::code(first),
            view.target
        );
        return about(Code::TargetTypo, saw, correct);
    }
    let through = match stand.chain.as_slice() {
        [_, .., last] => format!(", and in the end for {}", words::code(last)),
        _ => String::new(),
    };
    about(
        Code::CnameOtherTarget,
        format!("`{}` is a CNAME for {}{through}, and not for `{}`.", view.host, words::code(first), view.target),
        correct,
    )
}

/// The host is there, as a part of a link or below something.
fn holds_more(name: &str, host: &str) -> bool {
    name.find(host).is_some_and(|at| name[..at].ends_with(['/', '.']) || (at == 0 && name.len() > host.len()))
}
