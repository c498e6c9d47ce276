//! One-click unsubscribe (RFC 8058): the header pair, and what its link carries.

use tenantry_model::{EmailAddress, TenantId};
use url::{Host, Url};
use uuid::Uuid;

use crate::Category;

/// Why there is no unsubscribe header, or no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnsubscribeError {
    /// The link is no address that a mail program would POST to.
    #[error("the unsubscribe link must be an https address without user and fragment, of at most 900 characters")]
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
    if !safe || !bare || !plain || link.len() > 900 {
        return Err(UnsubscribeError::Link);
    }
    // An address has characters in its local part that a mailto link must escape (RFC 6068, section 2).
    let mailto = mailto.map(|address| {
        let local = address.as_str().rsplit_once('@').map_or("", |(local, _)| local);
        let local: String = url::form_urlencoded::byte_serialize(local.as_bytes()).collect();
        format!(", <mailto:{local}@{}?subject=unsubscribe>", address.domain())
    });
    Ok([
        ("List-Unsubscribe", format!("<{link}>{}", mailto.unwrap_or_default())),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
    ])
}
