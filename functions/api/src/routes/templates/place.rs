//! One language of one template of one tenant.

use std::{fmt, str::FromStr};

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use tenantry_store::mail::TemplatePlace;
use tenantry_templates::{ANY_LOCALE, TemplateName, canonical};

use crate::{
    error::{not_found, sentence},
    extract::invalid_parameters,
    list,
    problem::{FieldError, Problem},
};

/// A canonical BCP 47 tag, or [`ANY_LOCALE`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Locale(pub(super) String);

/// Not a locale.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a locale is a language tag such as de or pt-BR, or the word default")]
pub(super) struct LocaleError;

impl FromStr for Locale {
    type Err = LocaleError;

    fn from_str(text: &str) -> Result<Self, LocaleError> {
        // As long as the database takes.
        canonical(text).filter(|locale| locale.len() <= 35).map(Self).ok_or(LocaleError)
    }
}

/// What words of a locale say of their language in `{{locale}}`.
pub(super) fn language(locale: &str) -> &str {
    // BCP 47 for a language that is not known.
    if locale == ANY_LOCALE { "und" } else { locale }
}

/// The `/v1/tenants/{id}/templates/{name}/{locale}` of a path.
pub(crate) struct Place(pub(super) TemplatePlace);

impl<S: Send + Sync> FromRequestParts<S> for Place {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Ok(Path((tenant, name, locale))) = Path::<(String, String, String)>::from_request_parts(parts, state).await
        else {
            return Err(not_found("template"));
        };
        let tenant = read("id", &tenant)?;
        let name: TemplateName = read("name", &name)?;
        let Locale(locale) = read("locale", &locale)?;
        Ok(Self(TemplatePlace { tenant, name: name.as_str().to_owned(), locale }))
    }
}

fn read<T: FromStr<Err: fmt::Display>>(parameter: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error: T::Err| {
        invalid_parameters(vec![FieldError::parameter(parameter, "invalid_value", sentence(&error.to_string()))])
    })
}

/// A template in a list that goes by names.
impl list::Place for TemplateName {
    const TAG: u8 = b'm';

    fn bytes(&self) -> Vec<u8> {
        self.as_str().as_bytes().to_vec()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        str::from_utf8(bytes).ok()?.parse().ok()
    }
}

/// A version of a template.
impl list::Place for i32 {
    const TAG: u8 = b'v';

    fn bytes(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_locale_has_one_spelling_and_a_word_is_none() {
        for (given, kept) in [("de_at", "de-AT"), ("PT", "pt"), ("default", ANY_LOCALE), ("zh-hant-tw", "zh-Hant-TW")] {
            assert_eq!(given.parse(), Ok(Locale(kept.to_owned())));
        }
        for given in ["german", "", "und", "d", "de-", "../x"] {
            assert_eq!(given.parse::<Locale>(), Err(LocaleError), "{given:?}");
        }
    }
}
