//! Where the local stack's data lies, and the secrets made for it.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use secrecy::{ExposeSecret, SecretString};
use tenantry_standins::postgres;

/// The folder for Postgres' data: inside `folder`, unless Postgres may not go there (as root, below `/root`).
#[must_use]
pub fn for_postgres(folder: &Path) -> PathBuf {
    let inside = folder.join("postgres");
    match postgres::can_use(&inside) {
        Ok(()) => inside,
        Err(why) => {
            let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
            let name: String =
                whole.to_string_lossy().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
            let elsewhere = Path::new("/var/tmp").join(format!("tenantry{name}")).join("postgres");
            tracing::info!(%why, folder = %elsewhere.display(), "the database's data lies elsewhere");
            elsewhere
        }
    }
}

/// A secret of 32 random bytes in base64, made once and kept in a file that only its owner may read.
///
/// # Errors
/// The folder cannot be written.
pub fn kept_secret(folder: &Path, name: &str) -> Result<SecretString> {
    let path = folder.join(name);
    match fs::read_to_string(&path) {
        Ok(text) if text.trim().is_empty() => anyhow::bail!(
            "{} is empty; put the key back, or remove the file to make a new one (what was sealed by the old one is lost then)",
            path.display()
        ),
        Ok(text) => return Ok(text.trim().to_owned().into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
    let secret = fresh_secret()?;
    private(&path, secret.expose_secret().as_bytes())?;
    Ok(secret)
}

/// A secret of 32 random bytes in base64, for this run.
///
/// # Errors
/// The system has no randomness.
pub fn fresh_secret() -> Result<SecretString> {
    use base64::Engine as _;
    let token = tenantry_secrets::token()?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.expose_secret())?;
    Ok(base64::engine::general_purpose::STANDARD.encode(bytes).into())
}

/// Writes a file that only its owner may read: whole, or not at all.
///
/// # Errors
/// The folder cannot be written.
pub fn private(path: &Path, content: &[u8]) -> Result<()> {
    let whole = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(whole)?;
    }
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).with_context(whole)?;
    file.write_all(content).with_context(whole)
}
