//! What to try, printed once everything runs.

use std::{path::Path, time::Duration};

use anyhow::Result;
use serde_json::json;
use tenantry_standins::issuer::{Claims, Issuer};

use crate::{Parts, Stack, folder};

/// A tenant's own domain, in four steps.
const DOMAINS: &str = "\
cargo run -q -p tenantry -- domain add mail.acme.test --tenant TENANT\n    \
cargo run -q -p tenantry -- local dns publish mail.acme.test\n    \
cargo run -q -p tenantry -- domain check mail.acme.test --configured\n    \
cargo run -q -p tenantry -- domain watch mail.acme.test\n    ";
/// A tenant's own portal, in four.
const PORTALS: &str = "\
cargo run -q -p tenantry -- portal set portal.acme.test --tenant TENANT\n    \
cargo run -q -p tenantry -- local dns publish portal.acme.test\n    \
cargo run -q -p tenantry -- portal refresh --tenant TENANT\n    \
cargo run -q -p tenantry -- portal status --tenant TENANT --watch\n    ";
/// How long a development token is good.
const TOKEN_LASTS: Duration = Duration::from_secs(30 * 24 * 3600);

/// A token of a platform operator.
#[must_use]
pub fn operator_token(issuer: &Issuer) -> String {
    issuer.mint(&Claims::of("operator@tenantry.test").role("platform_operator").valid_for(TOKEN_LASTS))
}

/// Writes what the command line needs to find this stack, and says what to try.
///
/// # Errors
/// The folder cannot be written.
pub fn announce(stack: &Stack, parts: &Parts, kept_in: &Path) -> Result<String> {
    let token = parts.issuer.as_ref().map(operator_token);
    let found = json!({ "url": stack.api_url, "consoleUrl": stack.console_url, "token": token, "mailUrl": stack.mail_url, "zonesUrl": stack.zones_url });
    folder::private(&kept_in.join("cli.json"), serde_json::to_string_pretty(&found)?.as_bytes())?;
    let database = match &parts.postgres {
        Some(postgres) => format!("Postgres on 127.0.0.1:{}", postgres.port()),
        None => "the Postgres that DATABASE_URL names".to_owned(),
    };
    let mail = match &stack.mail_url {
        Some(url) => format!("{url}/mail"),
        None => "the server that EMAIL_HOST names".to_owned(),
    };
    let resend = match (&parts.resend, &stack.zones_url) {
        (Some(played), Some(zones)) => format!(
            "\n    resend    {}   (a stand-in; what becomes of mail: delivered, or as bounced@, complained@, suppressed@resend.dev say)\n    \
             dns       {}   (zones: {zones}/zones)",
            played.resend.url(),
            played.dns.addr(),
        ),
        _ => String::new(),
    };
    let cluster = parts.cluster.as_ref().map_or_else(String::new, |played| {
        format!(
            "\n    cluster   {}   (kubectl --kubeconfig {} --context standin-tls)\n    \
             gateway   {} and {}   (curl --cacert {})\n    \
             manifests {}   (git log there says what was done)",
            played.cluster.url(),
            played.kubeconfig().display(),
            played.cluster.gateway_http(),
            played.cluster.gateway_https(),
            played.authority().display(),
            played.repository.display(),
        )
    });
    Ok(format!(
        "\n  Tenantry runs.\n\n    console   {console}   (choose who to be)\n    API       {api}/v1   (OpenAPI: {api}/v1/openapi.json)\n    mail      {mail}{resend}{cluster}\n    database  {database}\n    data      {data}\n\n  \
         Try, in another terminal:\n\n    \
         cargo run -q -p tenantry -- tenant onboard --name Acme --admin-first-name Ada --admin-last-name Lovelace --admin-email ada@acme.example\n    \
         cargo run -q -p tenantry -- run list\n    \
         cargo run -q -p tenantry -- local mail list\n    \
{domains}{portals}cargo run -q -p tenantry -- drill\n\n  Ctrl-C stops it; the data stays.\n",
        api = stack.api_url,
        console = stack.console_url,
        domains = if stack.zones_url.is_some() { DOMAINS } else { "" },
        portals = if parts.cluster.is_some() { PORTALS } else { "" },
        data = kept_in.display(),
    ))
}
