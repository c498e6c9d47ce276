//! Addresses as Resend reads them: `a@b.example` or `Name <a@b.example>`.

/// The address without the name.
pub(super) fn bare(text: &str) -> &str {
    let inside = text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<'));
    inside.map_or(text.trim(), |(_, address)| address.trim())
}

/// The domain in small letters; `None` where this is no address.
pub(super) fn domain(text: &str) -> Option<String> {
    let bare = bare(text);
    let (local, domain) = bare.rsplit_once('@')?;
    let plain = |letter: char| letter.is_ascii_graphic() && !"<>()[],;:\\\"@".contains(letter);
    let sane = !local.is_empty() && local.len() <= 64 && local.chars().all(plain);
    (sane && is_domain(domain) && !text.contains(['\r', '\n'])).then(|| domain.to_ascii_lowercase())
}

/// At least two labels of letters, digits and hyphens.
pub(super) fn is_domain(name: &str) -> bool {
    let label = |label: &str| {
        let edges = label.starts_with('-') || label.ends_with('-');
        (1..=63).contains(&label.len()) && !edges && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    name.contains('.') && name.len() <= 253 && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_a_name() {
        for (text, expected) in [
            ("ann@A.example", Some("a.example")),
            ("Ann <ann+x@a.example>", Some("a.example")),
            ("\"Ann, B.\" <ann@a.example>", Some("a.example")),
            ("ann@localhost", None),
            ("ann", None),
            ("@a.example", None),
            ("ann@a..example", None),
            ("ann@-a.example", None),
            ("a b@a.example", None),
            ("Ann\r\nBcc: <ann@a.example>", None),
        ] {
            assert_eq!(domain(text).as_deref(), expected, "{text:?}");
        }
    }
}
