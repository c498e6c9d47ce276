//! Names: where the record lands by mistake, and targets that are nearly right.

use std::collections::BTreeSet;

use crate::{Name, render::within};

/// How many letters may be wrong, missing, too many or swapped in a name that is taken for a slip.
const SLIPS: usize = 2;

/// The names, besides those where any record lands by mistake, at which a hostname's CNAME is found when it is not at its own.
pub(crate) fn misplaced(host: &str, target: &str, zone: &str) -> BTreeSet<Name> {
    let first = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let below = |label: &str| if zone.is_empty() { label.to_owned() } else { format!("{label}.{zone}") };
    let mut names = BTreeSet::from([
        // The subdomain was forgotten.
        below(&first(host)),
        // Somebody is used to it.
        format!("www.{host}"),
        // The target, or its first label, was typed into the field for the name.
        below(&first(target)),
        below(target),
    ]);
    names.retain(|name| name != host && within(name, zone));
    names
}

/// Whether one name is the other, but for a slip or two (optimal string alignment distance). The same name is no slip.
pub(super) fn is_slip(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one == other || one.len().abs_diff(other.len()) > SLIPS || one.len().max(other.len()) > 253 {
        return false;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for (i, left) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in other.iter().enumerate() {
            let above = &rows[i];
            let mut best = (above[j] + usize::from(left != right)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *left == other[j - 1] && one[i - 1] == *right {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()] <= SLIPS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_a_letter_or_two() {
        let right = "a1b2c3d.portal.example.com";
        for slip in [
            "a1b2c3.portal.example.com",
            "a1b2c3dd.portal.example.com",
            "a1b2c3d.protal.example.com",
            "a1b2c3d.portal.exmaple.con",
            "a1b2c3d.portal.example.co",
        ] {
            assert!(is_slip(slip, right) && is_slip(right, slip), "{slip}");
        }
        for other in [right, "a1b2.portal.example.com", "portal.example.com", "", "a1b2c3d.portal.example.org.net"] {
            assert!(!is_slip(other, right), "{other}");
        }
    }

    #[test]
    fn the_record_is_looked_for_where_people_put_it() {
        let names = misplaced("portal.eu.acme.com", "a1b2c3d.portal.example.com", "acme.com");
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(
            names,
            ["a1b2c3d.acme.com", "a1b2c3d.portal.example.com.acme.com", "portal.acme.com", "www.portal.eu.acme.com"]
        );
        assert!(!misplaced("portal.acme.com", "t.portal.example.com", "acme.com").contains("portal.acme.com"));
    }
}
