//! What one server's answer means for one record.

use super::{
    cname, dkim, dmarc,
    look::Look,
    mx,
    nature::{self, Nature},
    other, spf, text,
};
use crate::{Finding, Name, Value, Wanted};

/// How a record stands, after what one server said; the worse the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// As it should be.
    Right,
    /// Nothing of its kind is there.
    Missing,
    /// Something else is there.
    Mismatch,
    /// Something beside it makes it useless.
    Conflict,
}

/// How a record stands, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) standing: Standing,
    pub(crate) findings: Vec<Finding>,
}

impl Judged {
    /// As it should be, with what is worth saying nevertheless.
    pub(crate) fn right(findings: Vec<Finding>) -> Self {
        Self { standing: Standing::Right, findings }
    }

    /// Not there. Why is found out elsewhere: it may stand under another name.
    pub(crate) fn missing() -> Self {
        Self { standing: Standing::Missing, findings: Vec::new() }
    }

    /// Something else.
    pub(crate) fn mismatch(finding: Finding) -> Self {
        Self { standing: Standing::Mismatch, findings: vec![finding] }
    }

    /// Something beside it.
    pub(crate) fn conflict(finding: Finding) -> Self {
        Self { standing: Standing::Conflict, findings: vec![finding] }
    }
}

/// What a server holds at a record's name and type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held<'a> {
    /// The records.
    pub(crate) values: &'a [Value],
    /// The CNAMEs on the way to them.
    pub(crate) aliases: &'a [Name],
}

/// What that means.
pub(crate) fn judge(look: &Look<'_>, wanted: &Wanted, held: Held<'_>) -> Judged {
    match nature::of(wanted) {
        Nature::Ownership | Nature::Text => text::judge(look, wanted, held.values),
        Nature::Dkim => dkim::judge(look, wanted, held.values),
        Nature::Spf => spf::judge(look, wanted, held.values),
        Nature::Dmarc => dmarc::judge(look, wanted, held.values),
        Nature::Mx => mx::judge(look, wanted, held.values),
        Nature::Cname => cname::judge(look, wanted, held),
        Nature::Other => other::judge(look, wanted, held.values),
    }
}
