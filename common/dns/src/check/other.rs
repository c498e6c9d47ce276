//! Records of other types: as a zone file says them.

use super::{codes::Code, judge::Judged, look::Look, words};
use crate::{
    Severity, Value, Wanted,
    render::{self, plain},
};

pub(crate) fn judge(look: &Look<'_>, wanted: &Wanted, values: &[Value]) -> Judged {
    if values.is_empty() {
        Judged::missing()
    } else if values.iter().any(|value| plain(&render::shown(value)) == plain(&wanted.value)) {
        Judged::right(Vec::new())
    } else {
        Judged::mismatch(differs(look, wanted, values))
    }
}

/// Another value is there, and nothing more can be said.
pub(crate) fn differs(look: &Look<'_>, wanted: &Wanted, values: &[Value]) -> crate::Finding {
    let values: Vec<String> = values.iter().map(words::value).collect();
    Look::about(
        wanted,
        Code::ValueDiffers,
        Severity::Error,
        format!("`{}` has {}.", plain(&wanted.name), words::list(&values)),
        format!("Replace the value. {}", look.publish(wanted)),
    )
}
