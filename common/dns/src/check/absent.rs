//! Why a record is not there.

use super::{
    cname,
    codes::Code,
    dmarc,
    judge::Standing,
    look::Look,
    misplaced,
    nature::{self, Nature},
    words,
};
use crate::{Answer, Finding, RecordType, Said, Severity, Wanted, render, render::plain};

/// The plainest reason: something stands in the way, it stands elsewhere, or nobody has published it.
pub(crate) fn explain(look: &Look<'_>, wanted: &Wanted, answers: &[Answer]) -> (Standing, Vec<Finding>) {
    if let Some((standing, finding)) = in_the_way(look, wanted, answers) {
        return (standing, vec![finding]);
    }
    if wanted.kind == RecordType::Cname && cname::flattened(look, wanted) {
        return (Standing::Right, vec![flat(wanted)]);
    }
    let elsewhere = misplaced::find(look, wanted)
        .or_else(|| misplaced::proxied(look, wanted))
        .or_else(|| misplaced::wrong_type(look, wanted));
    if let Some(finding) = elsewhere {
        return (Standing::Missing, vec![finding]);
    }
    if nature::of(wanted) == Nature::Dmarc {
        return (Standing::Missing, dmarc::absent(look, wanted));
    }
    (Standing::Missing, vec![missing(look, wanted, answers)])
}

/// A CNAME where another record must stand.
pub(crate) fn in_the_way(look: &Look<'_>, wanted: &Wanted, answers: &[Answer]) -> Option<(Standing, Finding)> {
    if wanted.kind == RecordType::Cname {
        return None;
    }
    let target = cname::at(look, &wanted.name, answers)?;
    Some((Standing::Conflict, cname::in_the_way(look, wanted, &target)))
}

fn flat(wanted: &Wanted) -> Finding {
    Look::about(
        wanted,
        Code::CnameFlattened,
        Severity::Info,
        format!(
            "`{}` answers with the addresses of {} in place of a CNAME.",
            plain(&wanted.name),
            words::code(&plain(&wanted.value))
        ),
        "Nothing needs to be done as long as the addresses stay the same.".to_owned(),
    )
}

fn missing(look: &Look<'_>, wanted: &Wanted, answers: &[Answer]) -> Finding {
    let name = plain(&wanted.name);
    let kind = render::kind(wanted.kind);
    let no_name = answers.iter().all(|answer| matches!(answer.said, Said::NxDomain { .. } | Said::Failed(_)));
    let what = match no_name {
        true => format!("The name `{name}` does not exist"),
        false => format!("`{name}` has no {kind} record that fits"),
    };
    let remembered = match answers.iter().filter_map(|answer| super::record::ttl(&answer.said)).max() {
        Some(seconds) => format!("; the world may remember that for {}", words::duration(seconds)),
        None => String::new(),
    };
    Look::about(wanted, Code::Missing, Severity::Error, format!("{what}{remembered}."), look.publish(wanted))
}
