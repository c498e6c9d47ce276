//! What the hostname leads to, in one line.

use super::{View, place::Place, place::Stand, pointing::Stands};
use crate::{
    Delegation,
    check::words::{self, cut},
};

/// The longest name in the line, in characters.
const LONGEST: usize = 100;
/// Addresses that are shown.
const ADDRESSES: usize = 4;

/// `portal.customer.com → a1b2c3d.portal.example.com → 192.0.2.1`, or why there is no such line.
pub(super) fn line(view: &View<'_>, stands: &Stands) -> String {
    let host = cut(&view.host, LONGEST);
    match &view.look.seen.delegation {
        Delegation::NotRegistered { name } => return format!("{} does not exist", cut(name, LONGEST)),
        Delegation::Lame => return format!("the name servers of {host} do not answer for it"),
        Delegation::Unknown(trouble) => {
            return format!("the name servers of {host} were not found: one on the way {}", words::trouble(*trouble));
        }
        Delegation::Found => {}
    }
    let said = |stand: &Stand| way(&host, stand);
    if stands.disagree() {
        let all: Vec<String> = stands.heard().map(|stand| format!("{}: {}", stand.server, said(stand))).collect();
        return words::list(&all);
    }
    match stands.first().or(stands.all.first()) {
        Some(stand) => said(stand),
        None => format!("nobody was asked for {host}"),
    }
}

fn way(host: &str, stand: &Stand) -> String {
    let end = match stand.place {
        Place::Nothing(true) => return format!("{host} does not exist"),
        Place::Nothing(false) => return format!("{host} has neither a CNAME nor an address"),
        Place::Endless => Some("and round in a circle".to_owned()),
        Place::Silent(trouble) if stand.v4.is_empty() && stand.v6.is_empty() => {
            Some(format!("(a server {})", words::trouble(trouble)))
        }
        _ => addresses(stand),
    };
    let names = stand.chain.iter().map(|alias| cut(alias, LONGEST));
    let end = end.unwrap_or_else(|| "no address".to_owned());
    [host.to_owned()].into_iter().chain(names).chain([end]).collect::<Vec<_>>().join(" \u{2192} ")
}

fn addresses(stand: &Stand) -> Option<String> {
    let all: Vec<String> = stand.v4.iter().chain(&stand.v6).map(ToString::to_string).collect();
    let more = all.len().saturating_sub(ADDRESSES);
    let shown = all.iter().take(ADDRESSES).cloned().collect::<Vec<_>>().join(", ");
    match (all.len(), more) {
        (0, _) => None,
        (_, 0) => Some(shown),
        _ => Some(format!("{shown} and {more} more")),
    }
}

/// Within a sentence: a target, addresses, or that there is nothing.
pub(super) fn briefly(stand: &Stand) -> String {
    match (stand.chain.first(), stand.place) {
        (Some(first), _) => format!("a CNAME for {}", words::code(first)),
        (None, Place::Nothing(true)) => "that there is no such name".to_owned(),
        (None, _) => addresses(stand).map_or_else(|| "that there is nothing".to_owned(), |all| words::code(&all)),
    }
}
