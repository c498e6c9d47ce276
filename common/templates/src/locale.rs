//! Which words a reader gets: a pure choice between what a tenant wrote and what the system brings.

use icu_locale_core::LanguageIdentifier;

/// The language of last resort; every mail of the system is written in it.
pub const DEFAULT_LOCALE: &str = "en";

/// In the place of a tag: the words of a tenant for readers in whose language it has none.
pub const ANY_LOCALE: &str = "default";

/// Whose words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The tenant's own.
    Tenant,
    /// The system's.
    System,
}

/// A locale as it is stored and compared: BCP 47, `de_at` becoming `de-AT`, or [`ANY_LOCALE`]. None for what is no locale.
#[must_use]
pub fn canonical(locale: &str) -> Option<String> {
    if locale == ANY_LOCALE {
        return Some(locale.to_owned());
    }
    let identifier = LanguageIdentifier::try_from_str(&locale.replace('_', "-")).ok()?;
    // `und` says that the language is not known.
    (!identifier.language.is_unknown()).then(|| identifier.to_string())
}

/// The best words there are for a reader of `wanted`, out of what is `available`, asked with canonical locales: the
/// tenant's for the locale, its language, the tenant's default; then the system's for the locale, its language, and
/// [`DEFAULT_LOCALE`]. None when none of these exist.
#[must_use]
pub fn fallback(
    wanted: &str,
    tenant_default: &str,
    available: impl Fn(Owner, &str) -> bool,
) -> Option<(Owner, String)> {
    let wanted = tags(wanted);
    let of = |owner: Owner, default: &str| {
        let tags = wanted.iter().cloned().chain(tags(default));
        tags.map(move |tag| (owner, tag)).collect::<Vec<_>>()
    };
    let mut order = of(Owner::Tenant, tenant_default).into_iter().chain(of(Owner::System, DEFAULT_LOCALE));
    order.find(|(owner, tag)| available(*owner, tag))
}

/// A locale and what it falls back to, RFC 4647 section 3.4: `zh-Hant-TW`, `zh-Hant`, `zh`.
fn tags(locale: &str) -> Vec<String> {
    let Some(whole) = canonical(locale) else { return Vec::new() };
    let ends = whole.match_indices('-').map(|(at, _)| at).chain([whole.len()]).collect::<Vec<_>>();
    ends.iter().rev().map(|&end| whole[..end].to_owned()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::cell::RefCell;

    use super::*;

    fn order(wanted: &str, tenant_default: &str) -> Vec<String> {
        let asked = RefCell::new(Vec::new());
        let found = fallback(wanted, tenant_default, |owner, tag| {
            asked.borrow_mut().push(format!("{owner:?}/{tag}"));
            false
        });
        assert_eq!(found, None);
        asked.into_inner()
    }

    #[test]
    fn the_tenant_comes_before_the_system_and_the_locale_before_its_language() {
        assert_eq!(
            order("de_at", "fr-CA"),
            ["Tenant/de-AT", "Tenant/de", "Tenant/fr-CA", "Tenant/fr", "System/de-AT", "System/de", "System/en"]
        );
    }

    #[test]
    fn a_tenants_words_for_any_reader_come_before_the_systems() {
        assert_eq!(
            order("de-AT", ANY_LOCALE),
            ["Tenant/de-AT", "Tenant/de", "Tenant/default", "System/de-AT", "System/de", "System/en"]
        );
    }

    #[test]
    fn what_is_no_locale_is_passed_over() {
        assert_eq!(order("", "no locale at all"), ["System/en"]);
        assert_eq!(order("../../etc", "und"), ["System/en"]);
    }

    #[test]
    fn the_first_that_there_is_wins() {
        let tenant_has =
            |tag: &'static str| fallback("pt-BR", "es", move |owner, asked| owner == Owner::System || asked == tag);
        assert_eq!(tenant_has("pt"), Some((Owner::Tenant, "pt".to_owned())));
        assert_eq!(tenant_has("es"), Some((Owner::Tenant, "es".to_owned())));
        assert_eq!(tenant_has("fr"), Some((Owner::System, "pt-BR".to_owned())));
    }

    #[test]
    fn a_locale_has_one_spelling() {
        for (given, stored) in [
            ("DE", "de"),
            ("de_AT", "de-AT"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            (ANY_LOCALE, ANY_LOCALE),
        ] {
            assert_eq!(canonical(given).unwrap(), stored);
        }
        for given in ["", "und", "x", "english!", "a/b", "en-"] {
            assert_eq!(canonical(given), None, "{given:?}");
        }
    }
}
