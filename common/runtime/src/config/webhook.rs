//! Where the platform itself is told what happened.

use secrecy::SecretString;
use url::{Host, Url};

use super::Reader;

/// The platform's own endpoint for lifecycle events.
#[derive(Debug, Clone)]
pub struct LifecycleWebhook {
    /// `LIFECYCLE_WEBHOOK_URL`: `https`, or `http` to a loopback address (`http://127.0.0.1:9000/hook`, on a laptop).
    pub url: Url,
    /// `LIFECYCLE_WEBHOOK_SECRET` (secret): what deliveries are signed with, `whsec_` and 24 to 64 bytes in base64. Several,
    /// separated by commas, while it is being changed; the newest first.
    pub secret: SecretString,
}

/// Reads [`LifecycleWebhook`]: both settings or neither.
pub async fn lifecycle_webhook(read: &mut Reader) -> Option<LifecycleWebhook> {
    let (url, secret) = ("LIFECYCLE_WEBHOOK_URL", "LIFECYCLE_WEBHOOK_SECRET");
    match (read.text(url), read.find_secret(secret).await) {
        (None, None) => None,
        (Some(text), Some(secret)) => match endpoint(&text) {
            Ok(url) => Some(LifecycleWebhook { url, secret }),
            Err(why) => {
                read.problem(url, why);
                None
            }
        },
        (Some(_), None) => {
            read.problem(secret, format!("is not set, and {url} is"));
            None
        }
        (None, Some(_)) => {
            read.problem(url, format!("is not set, and {secret} is"));
            None
        }
    }
}

fn endpoint(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL; it looks like https://example.com/hooks/tenantry")?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("must have no user name, password or fragment; deliveries are signed instead");
    }
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        _ => Err("must begin with https:// (http:// is for this machine alone)"),
    }
}

/// `WEBHOOK_LOOPBACK` (off): webhook endpoints of tenants may be servers of this machine (`http://127.0.0.1:9000/hook`), for laptops
/// and tests. Where functions run on Lambda it is refused: what answers there on a loopback address is nobody's endpoint.
pub fn webhook_loopback(read: &mut Reader) -> bool {
    let name = "WEBHOOK_LOOPBACK";
    let on = read.switch(name, false);
    if on && read.text("AWS_LAMBDA_FUNCTION_NAME").is_some() {
        read.problem(name, "is for laptops and tests, and this is a deployment; remove it");
        return false;
    }
    on
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::config::Environment;

    async fn read(url: Option<&'static str>, secret: Option<&'static str>) -> Result<bool, String> {
        let mut read = Reader::new(Environment::new(move |name| match name {
            "LIFECYCLE_WEBHOOK_URL" => url.map(str::to_owned),
            "LIFECYCLE_WEBHOOK_SECRET" => secret.map(str::to_owned),
            _ => None,
        }));
        let found = lifecycle_webhook(&mut read).await.is_some();
        read.finish().map(|()| found).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn an_endpoint_is_spoken_to_in_secret_or_is_on_this_machine() {
        let secret = Some("whsec_x");
        for url in ["https://example.com/hooks", "http://127.0.0.1:9000/", "http://[::1]:9000/", "http://localhost:1/"]
        {
            assert_eq!(read(Some(url), secret).await, Ok(true), "{url}");
        }
        for url in [
            "http://example.com/hooks",
            "http://127.0.0.1.example.com/",
            "http://192.168.1.1/",
            "ftp://127.0.0.1/",
            "https://user:password@example.com/",
            "https://example.com/#x",
            "example.com/hooks",
        ] {
            let said = read(Some(url), secret).await.unwrap_err();
            assert!(said.contains("LIFECYCLE_WEBHOOK_URL"), "{url}: {said}");
        }
    }

    #[test]
    fn endpoints_on_this_machine_are_for_laptops() {
        let asked = |lambda: Option<&'static str>, switch: Option<&'static str>| {
            let mut read = Reader::new(Environment::new(move |name| match name {
                "WEBHOOK_LOOPBACK" => switch.map(str::to_owned),
                "AWS_LAMBDA_FUNCTION_NAME" => lambda.map(str::to_owned),
                _ => None,
            }));
            let on = webhook_loopback(&mut read);
            read.finish().map(|()| on).map_err(|error| error.to_string())
        };
        assert_eq!((asked(None, None), asked(None, Some("on"))), (Ok(false), Ok(true)));
        assert_eq!(asked(Some("deliver-webhook"), None), Ok(false));
        let said = asked(Some("deliver-webhook"), Some("on")).unwrap_err();
        assert!(said.contains("WEBHOOK_LOOPBACK is for laptops"), "{said}");
    }

    #[tokio::test]
    async fn both_settings_are_set_or_neither() {
        assert_eq!(read(None, None).await, Ok(false));
        let said = read(Some("https://example.com/"), None).await.unwrap_err();
        assert!(said.contains("LIFECYCLE_WEBHOOK_SECRET is not set"), "{said}");
        let said = read(None, Some("whsec_x")).await.unwrap_err();
        assert!(said.contains("LIFECYCLE_WEBHOOK_URL is not set") && !said.contains("whsec_x"), "{said}");
    }
}
