//! What a laptop has besides: everything that can be tried without an account.

use tenantry_runtime::config::Environment;

use crate::resend;

/// Names that say what carries mail. Where one of them is set, somebody has chosen.
const CARRIERS: [&str; 7] = [
    "EMAIL_PROVIDER",
    "EMAIL_FALLBACK_PROVIDER",
    "EMAIL_HOST",
    "SMTP_HOST",
    "RESEND_API_KEY",
    "RESEND_API_KEY_SECRET",
    "RESEND_BASE_URL",
];

/// The process's own settings first, then those by which tenants can bring domains: the edition that has them, and, where
/// nobody has said what carries mail, Resend's stand-in as the second provider. The platform's own mail goes by SMTP as before;
/// by the stand-in goes what comes from a tenant's domain. Where the stand-in runs, names below `.test` can be added.
///
/// Where a real carrier is named, none of its mail must end in a stand-in: then this adds no provider.
#[must_use]
pub fn laptop(process: Environment) -> Environment {
    let chosen = CARRIERS.iter().any(|name| process.get(name).is_some());
    let fallback = (!chosen).then(|| "resend".to_owned());
    let process = process.or(move |name| match name {
        "EDITION" => Some("enterprise".to_owned()),
        "EMAIL_FALLBACK_PROVIDER" => fallback.clone(),
        _ => None,
    });
    let played = resend::is_wanted(&process);
    process.or(move |name| (played && name == "EMAIL_DOMAIN_TEST_NAMES").then(|| "true".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: [&str; 3] = ["EDITION", "EMAIL_FALLBACK_PROVIDER", "EMAIL_DOMAIN_TEST_NAMES"];

    fn shown(pairs: &'static [(&'static str, &'static str)]) -> [Option<String>; 3] {
        let found = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let environment = laptop(Environment::new(found));
        SHOWN.map(|name| environment.get(name))
    }

    #[test]
    fn domains_can_be_tried_unless_somebody_has_chosen_a_carrier() {
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(shown(&[]), [said("enterprise"), said("resend"), said("true")]);
        assert_eq!(shown(&[("EDITION", "community")])[0], said("community"));
        // Mail of a real server must not end in a stand-in.
        assert_eq!(shown(&[("EMAIL_HOST", "smtp.example.com")]), [said("enterprise"), None, None]);
        assert_eq!(shown(&[("EMAIL_PROVIDER", "smtp")]), [said("enterprise"), None, None]);
        // The stand-in as the first provider; and a real account, to which no name below `.test` is taken.
        assert_eq!(shown(&[("EMAIL_PROVIDER", "resend")]), [said("enterprise"), None, said("true")]);
        assert_eq!(
            shown(&[("EMAIL_PROVIDER", "resend"), ("RESEND_API_KEY", "re_1")]),
            [said("enterprise"), None, None]
        );
    }
}
