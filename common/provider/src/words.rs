//! What a server said, made fit to be kept.

/// A server's words, fit for history: one line, at most 200 characters, nobody's full address.
#[must_use]
pub fn words(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200) {
        if c == '@' {
            let keep = line.trim_end_matches(|c: char| !c.is_whitespace() && !"<>()[]\"',;:=".contains(c)).len();
            line.truncate(keep);
            line.push('…');
        }
        line.push(c);
    }
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_become_one_line_without_addresses() {
        assert_eq!(words("5.1.1 <ada.l+x@example.com>: user\r\nunknown "), "5.1.1 <…@example.com>: user  unknown");
        assert_eq!(words("to=ada@example.com,bob@example.com"), "to=…@example.com,…@example.com");
        assert_eq!(words(&"x".repeat(500)).len(), 200);
    }
}
