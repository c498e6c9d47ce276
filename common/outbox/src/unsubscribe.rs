//! The link by which one unsubscribes (RFC 8058).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tenantry_mail::UnsubscribeToken;
use tenantry_secrets::Sealer;

/// What the sealed token is bound to, so that nothing else that was sealed is one.
const CONTEXT: &[u8] = b"unsubscribe";

/// Makes and reads unsubscribe links.
#[derive(Debug, Clone)]
pub struct Unsubscribe {
    sealer: Sealer,
    base: String,
}

impl Unsubscribe {
    /// Links below the API's public address, such as `https://api.example.com`.
    #[must_use]
    pub fn new(sealer: Sealer, base: &str) -> Self {
        Self { sealer, base: base.trim_end_matches('/').to_owned() }
    }

    /// The link of a recipient; none when the system has no randomness.
    #[must_use]
    pub fn link(&self, token: &UnsubscribeToken) -> Option<String> {
        let sealed = self.sealer.seal(&token.to_bytes(), CONTEXT).ok()?;
        Some(format!("{}/v1/unsubscribe/{}", self.base, URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// The token of a link's last part; none when we did not make it.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<UnsubscribeToken> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        UnsubscribeToken::from_bytes(&self.sealer.open_bytes(&sealed, CONTEXT).ok()?).ok()
    }
}
