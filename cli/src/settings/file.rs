//! Files that say which API is meant: the operator's configuration, and what the local stack writes down.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use serde::Deserialize;

use super::LOCAL_STACK;
use crate::failure::Failure;

/// What a file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    url: Option<String>,
    token: Option<String>,
    mail_url: Option<String>,
    zones_url: Option<String>,
}

/// What the local stack writes down when it has started. It may say more in later versions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LocalStack {
    url: Option<String>,
    token: Option<String>,
    mail_url: Option<String>,
    zones_url: Option<String>,
}

/// An API and a token that belong together.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) url: Option<String>,
    pub(super) token: Option<SecretString>,
    pub(super) mail_url: Option<String>,
    pub(super) zones_url: Option<String>,
}

impl Profile {
    fn new(url: Option<String>, token: Option<String>, mail_url: Option<String>, zones_url: Option<String>) -> Self {
        let token = token.filter(|token| !token.trim().is_empty()).map(SecretString::from);
        Self { url, token, mail_url, zones_url }
    }

    /// Its API; the local stack's when it names none.
    pub(super) fn url(&self) -> &str {
        self.url.as_deref().unwrap_or(LOCAL_STACK)
    }
}

/// The files there are, the one that counts most first.
pub(super) fn profiles() -> Result<Vec<Profile>, Failure> {
    let mut found = Vec::new();
    if let Some((path, text)) = configuration()? {
        found.push(read_configuration(&path, &text)?);
    }
    if let Some((path, text)) = written_by_the_local_stack()? {
        let said: LocalStack = serde_json::from_str(&text).map_err(|error| {
            let next = "Start the local stack again; it writes the file anew.";
            not_understood(&path, error.line(), next)
        })?;
        found.push(Profile::new(said.url, said.token, said.mail_url, said.zones_url));
    }
    Ok(found)
}

fn configuration() -> Result<Option<(PathBuf, String)>, Failure> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = variable("TENANTRY_CONFIG") {
        return match read(&path)? {
            Some(text) => Ok(Some((path, text))),
            None => Err(Failure::Input {
                what: format!("TENANTRY_CONFIG names {}, which does not exist", path.display()),
                next: "Create it with the lines `url = \"...\"` and `token = \"...\"`, or unset the variable."
                    .to_owned(),
            }),
        };
    }
    let folder = variable("XDG_CONFIG_HOME").or_else(|| Some(variable("HOME")?.join(".config")));
    let Some(path) = folder.map(|folder| folder.join("tenantry/config.toml")) else { return Ok(None) };
    Ok(read(&path)?.map(|text| (path, text)))
}

fn written_by_the_local_stack() -> Result<Option<(PathBuf, String)>, Failure> {
    let Ok(here) = env::current_dir() else { return Ok(None) };
    for folder in here.ancestors() {
        let path = folder.join(".local/cli.json");
        if let Some(text) = read(&path)? {
            return Ok(Some((path, text)));
        }
    }
    Ok(None)
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Failure::Input {
            what: format!("{} cannot be read: {}", path.display(), error.kind()),
            next: "Make it readable for you, or move it away.".to_owned(),
        }),
    }
}

/// The parser's own words would quote the line, which may hold the token; so ours name it only.
fn read_configuration(path: &Path, text: &str) -> Result<Profile, Failure> {
    let said: Config = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let next =
            "It may say `url`, `token`, `mail_url` and `zones_url`, each as `name = \"text\"` on a line of its own.";
        not_understood(path, before.matches('\n').count() + 1, next)
    })?;
    Ok(Profile::new(said.url, said.token, said.mail_url, said.zones_url))
}

fn not_understood(path: &Path, line: usize, next: &str) -> Failure {
    Failure::Input { what: format!("{} is not understood at line {line}", path.display()), next: next.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_configuration_names_api_token_and_mailbox() {
        let text = "url = \"https://api.example\"\ntoken = \"tk_1\"\nmail_url = \"http://127.0.0.1:1080\"\n";
        let profile = read_configuration(Path::new("config.toml"), text).unwrap();
        assert_eq!(profile.url(), "https://api.example");
        assert_eq!(profile.token.unwrap().expose_secret(), "tk_1");
        assert_eq!(profile.mail_url.as_deref(), Some("http://127.0.0.1:1080"));
    }

    #[test]
    fn a_wrong_configuration_is_named_with_its_line_and_without_the_token() {
        for text in ["url = \"https://api.example\"\ntoken = tk_hidden\n", "\ntoken = \"tk_hidden\nurl = 1"] {
            let error = read_configuration(Path::new("config.toml"), text).unwrap_err().to_string();
            assert!(error.contains("config.toml is not understood at line 2"), "{error}");
            assert!(!error.contains("tk_hidden"), "{error}");
        }
        assert!(read_configuration(Path::new("config.toml"), "tokne = \"x\"").is_err());
    }
}
