//! A DMARC record, read (RFC 9989 section 4.7).

use super::{
    tags::{Tags, space},
    words,
};

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// What is to be done with the domain's own mail that fails: `none`, `quarantine` or `reject`.
    pub(crate) here: String,
    /// The same for mail of domains below: `sp=`, else `p=`.
    pub(crate) below: String,
    /// `aspf=s`: SPF counts only for the very same domain.
    pub(crate) strict_spf: bool,
    /// `adkim=s`: likewise.
    pub(crate) strict_dkim: bool,
    /// `psd=`: whether the domain is a public suffix; `u` where nothing is said.
    pub(crate) suffix: String,
    /// The tags that RFC 9989 took away.
    pub(crate) gone: Vec<String>,
    /// What is wrong and does not make the record void, in words.
    pub(crate) faults: Vec<String>,
}

/// Whether the text means to be a policy: receivers look for `v=DMARC1` at its beginning.
pub(crate) fn is_policy(text: &str) -> bool {
    let first = text.split(';').next().unwrap_or_default();
    first
        .split_once('=')
        .is_some_and(|(name, value)| name.trim_matches(space) == "v" && value.trim_matches(space) == "DMARC1")
}

impl Policy {
    /// Reads a record. Errors: why receivers pass over it, in words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if !is_policy(text) {
            return Err("it does not begin with `v=DMARC1;`".to_owned());
        }
        let tags = Tags::parse(text)?;
        let mut faults = Vec::new();
        let mut one_of = |name: &str, words: &[&str], default: &str| match tags.get(name) {
            None => default.to_owned(),
            Some(value) if words.contains(&value.to_ascii_lowercase().as_str()) => value.to_ascii_lowercase(),
            Some(value) => {
                faults.push(format!("`{name}=` cannot be {}", words::code(value)));
                default.to_owned()
            }
        };
        const POLICIES: &[&str] = &["none", "quarantine", "reject"];
        let here = one_of("p", POLICIES, "none");
        let below = one_of("sp", POLICIES, &here);
        one_of("np", POLICIES, &below);
        let strict_spf = one_of("aspf", &["r", "s"], "r") == "s";
        let strict_dkim = one_of("adkim", &["r", "s"], "r") == "s";
        one_of("t", &["y", "n"], "n");
        let suffix = one_of("psd", &["y", "n", "u"], "u");
        if tags.get("p").is_none() {
            faults.push("it has no `p=`, which counts as `p=none`".to_owned());
        }
        for name in ["rua", "ruf"] {
            let uris = tags.get(name).map(|list| list.split(',').collect::<Vec<_>>()).unwrap_or_default();
            if let Some(uri) = uris.iter().map(|uri| uri.trim_matches(space)).find(|uri| !is_uri(uri)) {
                faults.push(format!("`{name}=` needs `mailto:` and an address, and has {}", words::code(uri)));
            }
        }
        let gone = tags.names().filter(|name| matches!(*name, "pct" | "rf" | "ri")).map(str::to_owned).collect();
        Ok(Self { here, below, strict_spf, strict_dkim, suffix, gone, faults })
    }
}

fn is_uri(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, rest)| match scheme.to_ascii_lowercase().as_str() {
        "mailto" => rest.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.')),
        _ => !rest.is_empty() && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter)),
    })
}
