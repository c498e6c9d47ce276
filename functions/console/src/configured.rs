//! The console as the settings say.

use std::sync::Arc;

use api::ApiState;
use tenantry_runtime::config::Reader;
use url::Url;

use crate::{sign_in::Settings, state::Console};

/// The console over this API, as the settings say; none, and what is wrong left in `read`, when they are not usable.
///
/// Reads `CONSOLE_URL`, where people find it (`https://console.example.com`; `http` on loopback only), and `OIDC_CLIENT_ID`,
/// `OIDC_CLIENT_SECRET` and `OIDC_SCOPES`; also where there is no API, so that everything that is missing is named at once.
pub async fn configured(read: &mut Reader, api: impl Into<Option<ApiState>>) -> Option<Console> {
    let text = read.required("CONSOLE_URL");
    let url = Url::parse(&text).ok().filter(|url| match url.host_str() {
        Some(host) => {
            url.scheme() == "https" || (url.scheme() == "http" && ["127.0.0.1", "localhost", "[::1]"].contains(&host))
        }
        None => false,
    });
    if url.is_none() && !text.is_empty() {
        read.problem(
            "CONSOLE_URL",
            "must be an https URL (http only on 127.0.0.1 or localhost), such as https://console.example.com",
        );
    }
    let settings = Settings::read(read).await;
    let (url, api) = (url?, api.into()?);
    let (sealer, clock) = (api.sealer.clone(), api.db.clock().clone());
    let sign_in = settings.at(&api.verifier)?;
    Some(Console { api: api::router(api), sealer, sign_in: Arc::new(sign_in), url: Arc::new(url), clock })
}
