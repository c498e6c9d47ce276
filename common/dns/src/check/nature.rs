//! By which rules a record is compared.

use crate::{Purpose, RecordType, Wanted, render::plain};

/// By which rules a record is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    /// A text of ours, letter by letter.
    Ownership,
    /// A key, by tags.
    Dkim,
    /// Who may send, by mechanisms.
    Spf,
    /// A policy: any valid one is right.
    Dmarc,
    /// Another text, letter by letter.
    Text,
    /// Where mail goes, by host and preference.
    Mx,
    /// Another name, by target.
    Cname,
    /// Anything else, as a zone file says it.
    Other,
}

/// The rules for a record: by its type, its purpose, and, since providers call several records by one purpose, its looks.
pub(crate) fn of(wanted: &Wanted) -> Nature {
    match (wanted.kind, wanted.purpose) {
        (RecordType::Mx, _) => Nature::Mx,
        (RecordType::Cname, _) => Nature::Cname,
        (RecordType::Txt, Purpose::Ownership) => Nature::Ownership,
        (RecordType::Txt, Purpose::Dkim) => Nature::Dkim,
        (RecordType::Txt, Purpose::Dmarc) => Nature::Dmarc,
        (RecordType::Txt, Purpose::Spf) => Nature::Spf,
        (RecordType::Txt, Purpose::ReturnPath | Purpose::Other) => by_looks(wanted),
        _ => Nature::Other,
    }
}

fn by_looks(wanted: &Wanted) -> Nature {
    let name = plain(&wanted.name);
    if wanted.value.to_ascii_lowercase().starts_with("v=spf1") {
        Nature::Spf
    } else if name.starts_with("_dmarc.") {
        Nature::Dmarc
    } else if name.contains("._domainkey.") {
        Nature::Dkim
    } else {
        Nature::Text
    }
}
