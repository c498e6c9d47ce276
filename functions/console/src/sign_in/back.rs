//! Where somebody goes once they are signed in.

use url::Url;

/// The longest path that is come back to.
const LONGEST: usize = 1000;

/// The text, if it is a path of the console; otherwise the home page. What leads anywhere else would let a link to our sign-in end
/// at a page that only looks like ours (RFC 9700, section 4.11).
pub(crate) fn local(text: &str) -> String {
    if is_local(text) { text.to_owned() } else { "/".to_owned() }
}

fn is_local(text: &str) -> bool {
    // Browsers read `\` as `/`, and leave out tabs and line ends; whoever writes such a path means harm.
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if !plain || text.len() > LONGEST || !text.starts_with('/') || text.starts_with("//") {
        return false;
    }
    // As a browser would read it, from some page of ours.
    let Ok(base) = Url::parse("https://console.invalid/a/b") else { return false };
    let Ok(there) = base.join(text) else { return false };
    let begins_again = ["/sign-in", "/sign-out", "/signed-out"].iter().any(|path| there.path().starts_with(path));
    there.origin() == base.origin() && !there.path().starts_with("//") && !begins_again
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_ours_is_kept() {
        for path in ["/", "/tenants/ten_1/email?x=1&y=%2F", "/runs?after=a//b", "/messages#m"] {
            assert_eq!(local(path), path);
        }
    }

    #[test]
    fn whatever_leads_elsewhere_leads_home() {
        for path in [
            "",
            "runs",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " //evil.example",
            "/.//evil.example",
            "/a/..//evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/ä",
            "/sign-in?back=/",
            "/sign-in/callback?code=x",
            "/sign-out",
            "/x/../sign-out",
        ] {
            assert_eq!(local(path), "/", "{path:?}");
        }
        assert_eq!(local(&format!("/{}", "x".repeat(1000))), "/");
    }
}
