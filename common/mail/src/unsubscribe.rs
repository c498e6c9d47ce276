//! One-click unsubscribe (RFC 8058): the header pair, and what its link carries.

use tenantry_model::{EmailAddress, TenantId};
use url::{Host, Url};
use uuid::Uuid;

use crate::{Category, draft::HEADER_TEXT};

/// Why there is no unsubscribe header, or no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnsubscribeError {
    /// The link is no address that a mail program would POST to.
    #[error("the unsubscribe link must be an https address without user and fragment, and short enough for a header")]
    Link,
    /// The bytes are no token, or one of a later version.
    #[error("this is not an unsubscribe token")]
    Token,
}

/// Whom and what an unsubscribe link is about. Its bytes are sealed by the caller: who can make one can unsubscribe
/// anybody.
#[derive(Clone, PartialEq, Eq)]
pub struct UnsubscribeToken {
    /// Whose mail it was.
    pub tenant: TenantId,
    /// Who got it.
    pub recipient: EmailAddress,
    /// What it was about.
    pub category: Category,
}

/// The form of the bytes, which is their first one.
const VERSION: u8 = 1;

impl UnsubscribeToken {
    /// The token's bytes, not sealed: version, tenant (16), the category's length and word, the recipient. As short as
    /// that, since the link stands in a header of every message.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let category = self.category.as_str().as_bytes();
        let mut bytes = vec![VERSION];
        bytes.extend(self.tenant.0.as_bytes());
        // A category has at most 64 characters.
        bytes.push(u8::try_from(category.len()).unwrap_or(u8::MAX));
        bytes.extend(category);
        bytes.extend(self.recipient.as_str().as_bytes());
        bytes
    }

    /// Reads what [`UnsubscribeToken::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`UnsubscribeError::Token`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnsubscribeError> {
        Self::read(bytes).ok_or(UnsubscribeError::Token)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (&VERSION, bytes) = bytes.split_first()? else { return None };
        let (tenant, bytes) = bytes.split_first_chunk::<16>()?;
        let (&length, bytes) = bytes.split_first()?;
        let (category, recipient) = bytes.split_at_checked(usize::from(length))?;
        Some(Self {
            tenant: Uuid::from_bytes(*tenant).into(),
            recipient: str::from_utf8(recipient).ok()?.parse().ok()?,
            category: str::from_utf8(category).ok()?.parse().ok()?,
        })
    }
}

/// Shows no recipient.
impl std::fmt::Debug for UnsubscribeToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UnsubscribeToken({}, {:?}, {})", self.tenant, self.recipient, self.category)
    }
}

/// The headers `List-Unsubscribe` and `List-Unsubscribe-Post` for a link, by name and value (RFC 8058, section 3.1).
///
/// The link is https; a link to this very machine may be http, so that the local stack can be tried.
///
/// # Errors
/// [`UnsubscribeError::Link`].
pub fn unsubscribe_headers(
    link: &str,
    mailto: Option<&EmailAddress>,
) -> Result<[(&'static str, String); 2], UnsubscribeError> {
    let url = Url::parse(link).map_err(|_| UnsubscribeError::Link)?;
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(UnsubscribeError::Link),
    };
    let safe = url.scheme() == "https" || (url.scheme() == "http" && here);
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    // What is written is the link as parsed; a comma or an angle bracket would end it too early for some readers.
    let link = url.as_str();
    let plain = link.bytes().all(|b| b.is_ascii_graphic() && !b"<>,".contains(&b));
    if !safe || !bare || !plain {
        return Err(UnsubscribeError::Link);
    }
    // An address has characters in its local part that a mailto link must escape (RFC 6068, section 2).
    let mailto = mailto.map(|address| {
        let local = address.as_str().rsplit_once('@').map_or("", |(local, _)| local);
        let local: String = url::form_urlencoded::byte_serialize(local.as_bytes()).collect();
        format!(", <mailto:{local}@{}?subject=unsubscribe>", address.domain())
    });
    let value = format!("<{link}>{}", mailto.unwrap_or_default());
    if value.len() > HEADER_TEXT {
        return Err(UnsubscribeError::Link);
    }
    Ok([("List-Unsubscribe", value), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn token() -> UnsubscribeToken {
        UnsubscribeToken {
            tenant: TenantId::new(),
            recipient: "Ada+news@example.org".parse().unwrap(),
            category: "newsletter".parse().unwrap(),
        }
    }

    #[test]
    fn a_token_comes_back_as_it_was_and_no_part_of_it_is_a_token() {
        let token = token();
        let bytes = token.to_bytes();
        assert_eq!(UnsubscribeToken::from_bytes(&bytes).unwrap(), token);
        // Up to the address's last dot nothing is an address; after it, a shorter one is another address.
        let last_dot = bytes.iter().rposition(|b| *b == b'.').unwrap();
        for end in 0..=last_dot {
            assert_eq!(UnsubscribeToken::from_bytes(&bytes[..end]), Err(UnsubscribeError::Token), "{end} bytes");
        }
        let later = [&[VERSION + 1], &bytes[1..]].concat();
        assert_eq!(UnsubscribeToken::from_bytes(&later), Err(UnsubscribeError::Token));
        assert!(!format!("{token:?}").contains("Ada"));
    }

    #[test]
    fn a_long_token_still_fits_into_a_header_when_sealed() {
        let domain = format!("{0}.{0}.{0}.example", "d".repeat(60));
        let recipient: EmailAddress = format!("{}@{domain}", "l".repeat(62)).parse().unwrap();
        assert_eq!(recipient.as_str().len(), 253);
        let longest = UnsubscribeToken { recipient, category: "newsletter".parse().unwrap(), ..token() };
        // A seal adds a key id, a nonce and a tag: 12 + 16 and some bytes. In base64 four characters hold three bytes.
        let sealed = "A".repeat((longest.to_bytes().len() + 48).div_ceil(3) * 4);
        assert!(unsubscribe_headers(&format!("https://api.example.com/u/{sealed}"), None).is_ok());
    }

    #[test]
    fn the_pair_is_that_of_rfc_8058() {
        let mailto = "a&b+c@example.com".parse().unwrap();
        let [list, post] =
            unsubscribe_headers("https://api.example.com/v1/unsubscribe/abc?x=1", Some(&mailto)).unwrap();
        assert_eq!(list.0, "List-Unsubscribe");
        assert_eq!(
            list.1,
            "<https://api.example.com/v1/unsubscribe/abc?x=1>, <mailto:a%26b%2Bc@example.com?subject=unsubscribe>"
        );
        assert_eq!(post, ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        let [alone, _] = unsubscribe_headers("https://api.example.com/u", None).unwrap();
        assert_eq!(alone.1, "<https://api.example.com/u>");
    }

    #[test]
    fn a_link_that_a_mail_program_would_not_post_to_is_refused() {
        for link in [
            "",
            "u",
            "http://api.example.com/u",
            "mailto:u@example.com",
            "javascript:alert(1)",
            "https://user@api.example.com/u",
            "https://user:secret@api.example.com/u",
            "https://api.example.com/u#part",
            "https://api.example.com/a,b",
            "http://localhost.example.com/u",
            "http://128.0.0.1/u",
            &format!("https://api.example.com/{}", "u".repeat(512)),
        ] {
            assert_eq!(unsubscribe_headers(link, None), Err(UnsubscribeError::Link), "{link:?}");
        }
        for link in ["http://localhost:8080/u", "http://127.0.0.1:8080/u", "http://[::1]:8080/u"] {
            assert!(unsubscribe_headers(link, None).is_ok(), "{link:?}");
        }
    }

    #[test]
    fn nothing_in_a_link_ends_the_header() {
        for link in
            ["https://a.example/u\r\nBcc: x@y.example", "https://a.example/u> , <b", "https://a.example/ü\u{2028}"]
        {
            for (_, value) in unsubscribe_headers(link, None).into_iter().flatten() {
                assert!(value.bytes().all(|b| b.is_ascii_graphic()), "{value:?}");
                assert!(value.matches(['<', '>']).count() <= 2, "{value:?}");
            }
        }
    }
}
