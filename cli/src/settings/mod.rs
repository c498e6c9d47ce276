//! Which API is spoken to, and as whom.
//!
//! What is typed wins over the environment (clap sees to that), the environment over files. A token that lies in a file
//! belongs to the address in that same file: named together, sent together, and never anywhere else.

mod file;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{args::Global, failure::Failure};
use file::Profile;

/// Where the local stack listens unless it was told otherwise.
pub const LOCAL_STACK: &str = "http://127.0.0.1:8080";

/// Which API is spoken to, and as whom.
#[derive(Debug)]
pub struct Settings {
    /// The API.
    pub url: Url,
    /// The bearer token, if there is one.
    pub token: Option<SecretString>,
}

impl Settings {
    /// What holds for this process.
    ///
    /// # Errors
    /// [`Failure::Input`] for an address that is none, or a configuration file that cannot be read.
    pub fn find(global: Global) -> Result<Self, Failure> {
        choose(global.url, global.token, file::profiles()?)
    }
}

/// The address of the local stack's mailbox.
///
/// # Errors
/// [`Failure::Input`] when none is known, or it is none.
pub fn mailbox(typed: Option<String>) -> Result<Url, Failure> {
    of_the_local_stack(typed, |profile| profile.mail_url, "mailbox", "--mail-url or TENANTRY_MAIL_URL")
}

/// The address of the zones of the local stack's DNS server.
///
/// # Errors
/// [`Failure::Input`] when none is known, or it is none.
pub fn zones(typed: Option<String>) -> Result<Url, Failure> {
    of_the_local_stack(typed, |profile| profile.zones_url, "DNS server", "--zones-url or TENANTRY_ZONES_URL")
}

fn of_the_local_stack(
    typed: Option<String>,
    of: impl Fn(Profile) -> Option<String>,
    part: &str,
    by: &str,
) -> Result<Url, Failure> {
    let written = match said(typed) {
        Some(url) => Some(url),
        None => file::profiles()?.into_iter().find_map(of),
    };
    match written {
        Some(text) => address(&text),
        None => Err(Failure::Input {
            what: format!("It is not known where the local stack's {part} is"),
            next: format!(
                "Run this in the project's folder while the local stack runs (`cargo run`), or name it with {by}."
            ),
        }),
    }
}

fn choose(url: Option<String>, token: Option<SecretString>, profiles: Vec<Profile>) -> Result<Settings, Failure> {
    let url = match said(url) {
        Some(typed) => address(&typed)?,
        None => address(profiles.first().map_or(LOCAL_STACK, Profile::url))?,
    };
    let token = token.filter(|token| !token.expose_secret().trim().is_empty());
    let token = match token {
        Some(token) => Some(token),
        None => profiles
            .into_iter()
            .filter(|profile| address(profile.url()).is_ok_and(|written| written == url))
            .find_map(|profile| profile.token),
    };
    Ok(Settings { url, token })
}

/// An empty variable says nothing.
fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn address(text: &str) -> Result<Url, Failure> {
    let url = Url::parse(text.trim()).ok();
    let mut url =
        url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()).ok_or_else(|| Failure::Input {
            what: format!("{text:?} is not the address of an API"),
            next: "Write it as https://host or http://host:port.".to_owned(),
        })?;
    // With and without the slash at the end are one address.
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn profile(url: Option<&str>, token: &str) -> Profile {
        Profile { url: url.map(str::to_owned), token: Some(token.into()), mail_url: None, zones_url: None }
    }

    fn chosen(url: Option<&str>, profiles: Vec<Profile>) -> (String, Option<String>) {
        let settings = choose(url.map(str::to_owned), None, profiles).unwrap();
        (settings.url.to_string(), settings.token.map(|token| token.expose_secret().to_owned()))
    }

    #[test]
    fn without_anything_said_the_local_stack_is_meant() {
        assert_eq!(chosen(None, vec![]), ("http://127.0.0.1:8080/".to_owned(), None));
    }

    #[test]
    fn the_first_file_wins() {
        let files = vec![profile(Some("https://one.example"), "a"), profile(Some("https://two.example"), "b")];
        assert_eq!(chosen(None, files), ("https://one.example/".to_owned(), Some("a".to_owned())));
    }

    #[test]
    fn a_token_goes_only_where_its_file_says() {
        let files = || vec![profile(Some("https://one.example"), "a"), profile(Some("http://127.0.0.1:8080/"), "b")];
        assert_eq!(chosen(Some("http://127.0.0.1:8080"), files()).1.as_deref(), Some("b"));
        assert_eq!(chosen(Some("https://elsewhere.example"), files()).1, None);
        assert_eq!(chosen(Some("https://elsewhere.example"), vec![profile(None, "a")]).1, None);
        assert_eq!(chosen(Some(LOCAL_STACK), vec![profile(None, "a")]).1.as_deref(), Some("a"));
    }

    #[test]
    fn an_empty_variable_says_nothing() {
        let settings = choose(Some(String::new()), Some("".into()), vec![profile(None, "a")]).unwrap();
        assert_eq!(settings.url.as_str(), "http://127.0.0.1:8080/");
        assert!(settings.token.is_some());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in ["localhost:8080", "ftp://host", "nonsense"] {
            assert!(matches!(address(wrong), Err(Failure::Input { .. })), "{wrong}");
        }
    }
}
