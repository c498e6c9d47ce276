//! What an SPF record costs a receiver (RFC 7208 section 4.6.4): at most 10 lookups, at most 2 that find nothing.

use super::{
    super::look::{Known, Look},
    parse::{Kind, Spf},
};
use crate::{RecordType, render::plain};

/// How many lookups there may be.
pub(crate) const LOOKUPS: usize = 10;

/// How many of them may find nothing.
pub(crate) const VOIDS: usize = 2;

/// Where counting ends: nobody needs to know by how much it is too much.
const ENOUGH: usize = 100;

/// What was counted. Names that nobody asked about count as one lookup, with nothing below.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// All lookups.
    pub(crate) lookups: usize,
    /// The terms of the record itself that cost something, with what each costs.
    pub(crate) terms: Vec<(String, usize)>,
    /// The names that are not there.
    pub(crate) voids: Vec<String>,
    /// The included names that have no SPF record, or one that cannot be read.
    pub(crate) broken: Vec<String>,
    /// A name that includes itself.
    pub(crate) looped: Option<String>,
}

/// Counts a record that stands at `name`. What stands at the names in `trusted` is not this zone's fault.
pub(crate) fn count(look: &Look<'_>, name: &str, spf: &Spf, trusted: &[String]) -> Cost {
    let mut cost = Cost::default();
    walk(look, spf, &mut vec![plain(name)], trusted, &mut cost);
    cost
}

fn walk(look: &Look<'_>, spf: &Spf, path: &mut Vec<String>, trusted: &[String], cost: &mut Cost) {
    for term in &spf.0 {
        if cost.lookups >= ENOUGH {
            return;
        }
        let before = cost.lookups;
        match &term.kind {
            Kind::Include(name) => follow(look, name, path, trusted, cost),
            // A redirect counts only where nothing matched, which `all` always does.
            Kind::Redirect(name) if spf.all().is_none() => follow(look, name, path, trusted, cost),
            Kind::A(name) => address(look, name.as_deref(), &[RecordType::A, RecordType::Aaaa], path, cost),
            Kind::Mx(name) => address(look, name.as_deref(), &[RecordType::Mx], path, cost),
            Kind::Exists(name) => address(look, Some(name), &[RecordType::A], path, cost),
            Kind::Ptr => cost.lookups += 1,
            Kind::All | Kind::Ip | Kind::Modifier | Kind::Redirect(_) => {}
        }
        if path.len() == 1 && cost.lookups > before {
            cost.terms.push((term.text.clone(), cost.lookups - before));
        }
    }
}

/// One lookup of these types, which finds nothing where none of them is there.
fn address(look: &Look<'_>, name: Option<&str>, kinds: &[RecordType], path: &[String], cost: &mut Cost) {
    cost.lookups += 1;
    let Some(name) = name.or(path.last().map(String::as_str)).filter(|name| !name.contains('%')) else { return };
    if kinds.iter().all(|kind| look.known(name, *kind) == Known::Nothing) {
        void(name, cost);
    }
}

fn follow(look: &Look<'_>, name: &str, path: &mut Vec<String>, trusted: &[String], cost: &mut Cost) {
    cost.lookups += 1;
    if name.contains('%') {
        return;
    }
    if path.iter().any(|above| above == name) {
        cost.looped.get_or_insert_with(|| name.to_owned());
        return;
    }
    let ours = trusted.iter().any(|trusted| trusted == name);
    match look.texts(name) {
        Known::Unknown => {}
        Known::Nothing if ours => {}
        Known::Nothing => {
            void(name, cost);
            broken(name, cost);
        }
        Known::Here(texts) => {
            let mut records = texts.iter().filter(|text| Spf::is(text));
            match (records.next().map(|text| Spf::parse(text)), records.next()) {
                (Some(Ok(spf)), None) => {
                    path.push(name.to_owned());
                    walk(look, &spf, path, trusted, cost);
                    path.pop();
                }
                _ if ours => {}
                _ => broken(name, cost),
            }
        }
    }
}

fn void(name: &str, cost: &mut Cost) {
    // Each lookup that finds nothing counts, whether or not the name was met before.
    cost.voids.push(name.to_owned());
}

fn broken(name: &str, cost: &mut Cost) {
    if !cost.broken.iter().any(|have| have == name) {
        cost.broken.push(name.to_owned());
    }
}
