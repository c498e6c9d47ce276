//! What an `issue` property says (RFC 8659 section 4.2), with the parameters of RFC 8657.

/// The value of an `issue` property.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Issue<'a> {
    /// The CA; empty: nobody.
    pub(super) ca: &'a str,
    /// Parameters, in their order.
    pub(super) parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Issue<'a> {
    /// Reads a value. None: it is malformed, and lets nobody issue.
    pub(super) fn read(value: &'a str) -> Option<Self> {
        let (ca, rest) = value.split_once(';').map_or((value, None), |(ca, rest)| (ca, Some(rest)));
        let ca = blank(ca);
        let label = |label: &str| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if !ca.is_empty() && !ca.split('.').all(label) {
            return None;
        }
        let Some(rest) = rest.map(blank).filter(|rest| !rest.is_empty()) else {
            return Some(Self { ca, parameters: Vec::new() });
        };
        let parameters: Option<Vec<_>> = rest.split(';').map(parameter).collect();
        Some(Self { ca, parameters: parameters? })
    }

    /// The values of a parameter.
    pub(super) fn all<'n>(&'n self, tag: &'n str) -> impl Iterator<Item = &'a str> + 'n {
        self.parameters.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(tag)).map(|(_, value)| *value)
    }
}

fn parameter(text: &str) -> Option<(&str, &str)> {
    let (tag, value) = text.split_once('=')?;
    let (tag, value) = (blank(tag), blank(value));
    let tag_fits = tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let value_fits = value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';');
    (!tag.is_empty() && !tag.starts_with('-') && !tag.ends_with('-') && tag_fits && value_fits).then_some((tag, value))
}

/// Without white space around it, as RFC 5234 has it.
fn blank(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn values_are_read_as_the_rfc_has_them() {
        for (text, ca, parameters) in [
            ("letsencrypt.org", "letsencrypt.org", vec![]),
            (" ca1.example.net ; ", "ca1.example.net", vec![]),
            (";", "", vec![]),
            ("", "", vec![]),
            ("ca.example; account=230123", "ca.example", vec![("account", "230123")]),
            (
                "ca.example;accounturi=https://ca.example/acct/1;\tvalidationmethods = dns-01,http-01",
                "ca.example",
                vec![("accounturi", "https://ca.example/acct/1"), ("validationmethods", "dns-01,http-01")],
            ),
            ("; policy=ev", "", vec![("policy", "ev")]),
            ("ca.example; a=", "ca.example", vec![("a", "")]),
        ] {
            assert_eq!(Issue::read(text), Some(Issue { ca, parameters }), "{text:?}");
        }
        for text in [
            "%%%%%",
            "ca.example.",
            "-a.example",
            "ca example",
            "ca.example; x",
            "ca.example; a b=c",
            "ca.example; a=b;",
            "ca.example; -a=b",
            "ca.example; a=b c",
        ] {
            assert_eq!(Issue::read(text), None, "{text:?}");
        }
    }
}
