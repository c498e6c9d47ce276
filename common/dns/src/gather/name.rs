//! Names as text: lower case, absolute, without a final dot; the root is empty.

use hickory_net::proto::rr;

use crate::Name;

/// As this crate writes a name: what is no plain letter stands as in a zone file, in decimal (RFC 1035 section 5.1).
pub(super) fn shown(name: &rr::Name) -> Name {
    let labels = name.iter().map(|label| {
        let letter = |byte: &u8| match byte {
            b'.' | b'\\' => format!("\\{}", char::from(*byte)),
            33..=126 => char::from(byte.to_ascii_lowercase()).to_string(),
            other => format!("\\{other:03}"),
        };
        label.iter().map(letter).collect::<String>()
    });
    labels.collect::<Vec<_>>().join(".")
}

/// As the wire has it; none where that is no name: an empty or overlong label, or too long as a whole.
pub(super) fn wire(name: &str) -> Option<rr::Name> {
    let mut name = rr::Name::from_ascii(format!("{name}.")).ok()?;
    name.set_fqdn(true);
    Some(name)
}

/// Whether `name` is `above` or below it.
pub(super) fn within(name: &str, above: &str) -> bool {
    above.is_empty() || name.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether `name` is below `above`, and not that very name.
pub(super) fn below(name: &str, above: &str) -> bool {
    name != above && within(name, above)
}

/// The name without its first label; the root's is the root.
pub(super) fn parent(name: &str) -> &str {
    name.split_once('.').map_or("", |(_, rest)| rest)
}

/// The name and all above it, down to one label: `a.b.c`, `b.c`, `c`.
pub(super) fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| Some(parent(name))).take_while(|name| !name.is_empty())
}

/// What has to be registered with somebody else, by the public suffix list: `acme.co.uk` of `mail.acme.co.uk`.
pub(super) fn registered(name: &str) -> &str {
    psl::domain_str(name).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_know_what_is_above_them() {
        assert!(within("a.b", "a.b") && within("x.a.b", "a.b") && within("a", "") && within("", ""));
        assert!(!within("xa.b", "a.b") && !below("a.b", "a.b") && below("x.a.b", "a.b") && !within("b", "a.b"));
        assert_eq!(ancestors("a.b.c").collect::<Vec<_>>(), ["a.b.c", "b.c", "c"]);
        assert_eq!(registered("x.mail.acme.co.uk"), "acme.co.uk");
        assert_eq!(registered("mail.acme.test"), "acme.test");
        assert_eq!(registered("test"), "test");
    }

    #[test]
    fn names_go_to_the_wire_and_come_back() {
        for name in ["", "_dmarc.acme.test", "xn--bcher-kva.example"] {
            assert_eq!(wire(name).map(|name| shown(&name)).as_deref(), Some(name));
        }
        let odd = rr::Name::from_labels([b"10 Feed.\\\xe4".as_slice(), b"test"]).unwrap();
        assert_eq!(shown(&odd), r"10\032feed\.\\\228.test");
        assert_eq!(wire("a..b"), None);
        assert_eq!(wire(&"a.".repeat(130)), None);
        assert_eq!(wire(&"a".repeat(64)), None);
    }
}
