//! Where a request goes: what the Gateways and VirtualServices say about its host and path.

use super::view::View;
use regex::Regex;
use serde_json::Value;

/// A request, as far as routes look at it.
#[derive(Debug, Clone)]
pub(super) struct Asked<'a> {
    pub(super) tls: bool,
    pub(super) method: &'a str,
    /// Without a port.
    pub(super) host: &'a str,
    /// Path and query.
    pub(super) path: &'a str,
    pub(super) headers: &'a [(String, String)],
}

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goes {
    /// No host of that name, or no route of it fits.
    Nowhere,
    Redirect {
        code: u16,
        /// `None`: that of the request.
        scheme: Option<String>,
        authority: Option<String>,
        /// `None`: that of the request.
        path: Option<String>,
    },
    Direct(u16, String),
    /// To a service of this name.
    To(String),
}

/// Follows the objects.
pub(super) fn route(view: &View, asked: &Asked<'_>) -> Goes {
    let mut known = false;
    for gateway in &view.gateways {
        let Some(server) = server(gateway, asked.host, asked.tls) else { continue };
        known = true;
        if !asked.tls && server["tls"]["httpsRedirect"] == true {
            return Goes::Redirect { code: 301, scheme: Some("https".to_owned()), authority: None, path: None };
        }
        for service in view.services.iter().filter(|service| bound(service, gateway, server, asked.host)) {
            for rule in service["spec"]["http"].as_array().into_iter().flatten() {
                if fits_one(rule, asked) {
                    return goes(rule);
                }
            }
        }
    }
    if !known {
        tracing::debug!(host = asked.host, tls = asked.tls, "the played gateway knows no such host");
    }
    Goes::Nowhere
}

/// The server of a gateway for this host, over TLS or not.
pub(super) fn server<'a>(gateway: &'a Value, host: &str, tls: bool) -> Option<&'a Value> {
    let protocol = if tls { "HTTPS" } else { "HTTP" };
    gateway["spec"]["servers"].as_array()?.iter().find(|server| {
        let hosts = server["hosts"].as_array();
        server["port"]["protocol"] == protocol
            && hosts.into_iter().flatten().filter_map(Value::as_str).any(|pattern| {
                let (_, name) = pattern.split_once('/').unwrap_or(("*", pattern));
                named(name, host)
            })
    })
}

/// Whether a service is bound to a gateway, and may be for this host.
fn bound(service: &Value, gateway: &Value, server: &Value, host: &str) -> bool {
    let text = |value: &Value, name: &str| value["metadata"][name].as_str().unwrap_or("").to_owned();
    let (place, name) = (text(gateway, "namespace"), text(gateway, "name"));
    let own = text(service, "namespace");
    let strings = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned)).collect()
    };
    let by_gateway = strings(&service["spec"]["gateways"]).iter().any(|wanted| {
        let (namespace, wanted) = wanted.split_once('/').unwrap_or((&own, wanted));
        namespace == place && wanted == name
    });
    let by_namespace = strings(&server["hosts"]).iter().any(|pattern| {
        let (namespace, wanted) = pattern.split_once('/').unwrap_or(("*", pattern));
        named(wanted, host) && (namespace == "*" || namespace == own || (namespace == "." && own == place))
    });
    by_gateway && by_namespace && strings(&service["spec"]["hosts"]).iter().any(|wanted| named(wanted, host))
}

/// `*`, `*.acme.test` or the very name.
fn named(pattern: &str, host: &str) -> bool {
    pattern == "*"
        || pattern.eq_ignore_ascii_case(host)
        || pattern.strip_prefix('*').is_some_and(|end| host.ends_with(end))
}

/// Whether any of a rule's matches fits; one without matches fits always.
fn fits_one(rule: &Value, asked: &Asked<'_>) -> bool {
    match rule["match"].as_array() {
        None => true,
        Some(matches) if matches.is_empty() => true,
        Some(matches) => matches.iter().any(|wanted| fits(wanted, asked)),
    }
}

fn fits(wanted: &Value, asked: &Asked<'_>) -> bool {
    let path = asked.path.split('?').next().unwrap_or("");
    let scheme = if asked.tls { "https" } else { "http" };
    let port = if asked.tls { 443 } else { 80 };
    let header = |name: &str| match name {
        ":path" => Some(asked.path),
        ":authority" => Some(asked.host),
        ":method" => Some(asked.method),
        ":scheme" => Some(scheme),
        name => {
            asked.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
        }
    };
    let query: Vec<(&str, &str)> = asked
        .path
        .split_once('?')
        .map_or("", |(_, query)| query)
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    let each = |field: &str, fits: &dyn Fn(&str, &Value) -> bool| {
        wanted[field].as_object().into_iter().flatten().all(|(name, wanted)| fits(name, wanted))
    };
    let uri = if wanted["ignoreUriCase"] == true {
        text_fits(&lowered(&wanted["uri"]), &path.to_lowercase())
    } else {
        text_fits(&wanted["uri"], path)
    };
    uri && text_fits(&wanted["scheme"], scheme)
        && text_fits(&wanted["method"], asked.method)
        && text_fits(&wanted["authority"], asked.host)
        && (wanted["port"].is_null() || wanted["port"] == port)
        && each("headers", &|name, wanted| header(name).is_some_and(|value| text_fits(wanted, value)))
        && each("withoutHeaders", &|name, wanted| !header(name).is_some_and(|value| text_fits(wanted, value)))
        && each("queryParams", &|name, wanted| {
            query.iter().any(|(known, value)| *known == name && text_fits(wanted, value))
        })
}

fn lowered(wanted: &Value) -> Value {
    serde_json::from_str(&wanted.to_string().to_lowercase()).unwrap_or_default()
}

/// `exact`, `prefix`, `regex` (of the whole text), or nothing: then any.
fn text_fits(wanted: &Value, text: &str) -> bool {
    if let Some(exact) = wanted["exact"].as_str() {
        return text == exact;
    }
    if let Some(prefix) = wanted["prefix"].as_str() {
        return text.starts_with(prefix);
    }
    match wanted["regex"].as_str() {
        Some(regex) => Regex::new(&format!("^(?:{regex})$")).is_ok_and(|regex| regex.is_match(text)),
        None => true,
    }
}

fn goes(rule: &Value) -> Goes {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let redirect = &rule["redirect"];
    if redirect.is_object() {
        return Goes::Redirect {
            code: redirect["redirectCode"].as_u64().and_then(|code| code.try_into().ok()).unwrap_or(301),
            scheme: text(&redirect["scheme"]),
            authority: text(&redirect["authority"]),
            path: text(&redirect["uri"]),
        };
    }
    let direct = &rule["directResponse"];
    if let Some(status) = direct["status"].as_u64() {
        return Goes::Direct(status.try_into().unwrap_or(500), text(&direct["body"]["string"]).unwrap_or_default());
    }
    text(&rule["route"][0]["destination"]["host"]).map_or(Goes::Nowhere, Goes::To)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::sync::Arc;

    fn view(rules: Value) -> View {
        let gateway = json!({
            "metadata": { "namespace": "istio-system", "name": "g" },
            "spec": { "servers": [
                { "port": { "number": 80, "protocol": "HTTP" }, "hosts": ["msp/a.test"] },
                { "port": { "number": 443, "protocol": "HTTPS" }, "hosts": ["msp/a.test"] },
            ] },
        });
        let service = json!({
            "metadata": { "namespace": "msp", "name": "s" },
            "spec": { "hosts": ["a.test"], "gateways": ["istio-system/g"], "http": rules },
        });
        View { gateways: vec![Arc::new(gateway)], services: vec![Arc::new(service)], ..View::default() }
    }

    fn go(view: &View, tls: bool, host: &str, path: &str) -> Goes {
        let headers = [("x-a".to_owned(), "1".to_owned())];
        route(view, &Asked { tls, method: "GET", host, path, headers: &headers })
    }

    fn to(name: &str) -> Goes {
        Goes::To(name.to_owned())
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let route = |host: &str| json!([{ "destination": { "host": host } }]);
        let view = view(json!([
            { "match": [{ "uri": { "prefix": "/c/" } }], "route": route("solver") },
            { "match": [{ "uri": { "exact": "/" } }], "redirect": { "uri": "/home" } },
            { "match": [{ "uri": { "regex": "/[0-9]+" } }, { "queryParams": { "q": { "exact": "1" } } }], "route": route("numbers") },
            { "match": [{ "port": 80, "withoutHeaders": { ":path": { "prefix": "/keep" } } }], "redirect": { "scheme": "https" } },
            { "match": [{ "headers": { "x-a": { "exact": "1" } }, "uri": { "prefix": "/x" } }], "route": route("headers") },
            { "route": route("rest") },
        ]));
        assert_eq!(go(&view, false, "a.test", "/c/d"), to("solver"));
        let home = Goes::Redirect { code: 301, scheme: None, authority: None, path: Some("/home".to_owned()) };
        assert_eq!(go(&view, true, "a.test", "/?a=b"), home);
        assert_eq!(go(&view, true, "a.test", "/12"), to("numbers"));
        assert_eq!(go(&view, true, "a.test", "/x12"), to("headers"));
        assert_eq!(go(&view, true, "a.test", "/p?a&q=1"), to("numbers"));
        assert!(matches!(go(&view, false, "a.test", "/p"), Goes::Redirect { code: 301, .. }));
        assert_eq!(go(&view, false, "a.test", "/keep/it"), to("rest"));
        assert_eq!(go(&view, true, "b.test", "/p"), Goes::Nowhere);
    }

    #[test]
    fn a_service_of_another_namespace_or_gateway_is_not_bound() {
        let rules = json!([{ "route": [{ "destination": { "host": "rest" } }] }]);
        for (pointer, value) in [
            ("/metadata/namespace", json!("other")),
            ("/spec/gateways", json!(["g"])),
            ("/spec/hosts", json!(["*.b.test"])),
        ] {
            let mut view = view(rules.clone());
            let mut service = (*view.services[0]).clone();
            *service.pointer_mut(pointer).unwrap() = value;
            view.services = vec![Arc::new(service)];
            assert_eq!(go(&view, true, "a.test", "/"), Goes::Nowhere, "{pointer}");
        }
    }
}
