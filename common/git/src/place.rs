//! Where a repository is: which addresses we take, and what we answer to the others.

use std::path::{Path, PathBuf};

use url::{Host, Url};

use crate::GitError;

/// Where a repository is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Smart HTTP, with TLS unless it is on this machine.
    Http(Url),
    /// A folder of this machine, through the `git` program.
    Folder(PathBuf),
}

impl Place {
    /// Reads an address.
    ///
    /// # Errors
    /// [`GitError::Unusable`]; the address itself is not repeated, as it may hold a password.
    pub(crate) fn parse(address: &str) -> Result<Self, GitError> {
        let address = address.trim();
        if address.is_empty() {
            return Err(unusable("there is no address", "Enter the repository's https:// address."));
        }
        if Path::new(address).is_absolute() {
            return Ok(Self::Folder(address.into()));
        }
        let Ok(mut url) = Url::parse(address) else {
            return Err(if address.contains('@') || address.contains(':') { ssh() } else { neither() });
        };
        match url.scheme() {
            "ssh" | "git+ssh" | "ssh+git" => return Err(ssh()),
            "file" => return url.to_file_path().map(Self::Folder).map_err(|()| neither()),
            "https" => {}
            "http" if on_loopback(&url) => {}
            "http" => {
                return Err(unusable(
                    "http:// would send our token in the clear",
                    "Enter the repository's https:// address.",
                ));
            }
            // `host:path` is how ssh is written in short, and reads as a URL whose scheme is the host.
            _ if !address.contains("://") => return Err(ssh()),
            _ => return Err(neither()),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unusable(
                "the address holds a user name or a password",
                "Enter the address without them, and the token in the setting that is kept secret.",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(unusable("the address goes on after the repository's path", "Enter it without `?` and `#`."));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self::Http(url))
    }

    /// Host and path, for people.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Http(url) => {
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                format!("{}{port}{}", url.host_str().unwrap_or_default(), url.path())
            }
            Self::Folder(path) => path.display().to_string(),
        }
    }
}

fn on_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn unusable(saw: &str, todo: &'static str) -> GitError {
    GitError::Unusable { saw: saw.to_owned(), todo }
}

fn ssh() -> GitError {
    unusable(
        "git over ssh is not supported",
        "Enter the repository's https:// address, and an access token (for example a deploy token) as its credentials.",
    )
}

fn neither() -> GitError {
    unusable(
        "the address is neither https:// nor a folder",
        "Enter an https:// address, or for a folder of this machine file:// or an absolute path.",
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn refusal(address: &str) -> String {
        Place::parse(address).unwrap_err().to_string()
    }

    #[test]
    fn https_loopback_and_folders_are_taken() {
        assert_eq!(Place::parse("https://git.example.com/a/b.git/").unwrap().shown(), "git.example.com/a/b.git");
        assert_eq!(Place::parse("http://127.0.0.1:8080/b.git").unwrap().shown(), "127.0.0.1:8080/b.git");
        assert_eq!(Place::parse("http://[::1]:8080/b.git").unwrap().shown(), "[::1]:8080/b.git");
        assert_eq!(Place::parse("file:///srv/b.git").unwrap(), Place::Folder("/srv/b.git".into()));
        assert_eq!(Place::parse("/srv/b.git").unwrap(), Place::Folder("/srv/b.git".into()));
    }

    #[test]
    fn ssh_in_all_its_spellings_is_answered_with_what_to_do() {
        for address in
            ["ssh://git@example.com/a.git", "git@example.com:a/b.git", "example.com:a/b.git", "git+ssh://h/a"]
        {
            assert!(refusal(address).contains("ssh is not supported. Enter the repository's https://"), "{address}");
        }
    }

    #[test]
    fn what_would_give_a_secret_away_is_refused_and_not_repeated() {
        for address in [
            "https://user:hunter2@example.com/a.git",
            "https://hunter2@example.com/a.git",
            "https://example.com/a.git?token=hunter2",
            "https://example.com/a.git#hunter2",
            "http://example.com/hunter2.git",
            "http://127.0.0.1.example.com/hunter2.git",
        ] {
            assert!(!refusal(address).contains("hunter2"), "{address}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for address in ["", "git://example.com/a.git", "ftp://example.com/a.git", "a/b", "https://", "file://host/a"] {
            assert!(Place::parse(address).is_err(), "{address}");
        }
    }
}
