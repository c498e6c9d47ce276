//! The way in: the token, and a kubeconfig that holds it.

use super::Options;
use super::disk::keep;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::{ErrorKind, Result};

/// The token of the options, the kept one, or a new one, which is kept where there is a folder.
pub(super) fn token(options: &Options) -> Result<String> {
    if let Some(token) = &options.token {
        return Ok(token.clone());
    }
    let file = options.folder.as_ref().map(|folder| folder.join("token"));
    if let Some(file) = &file {
        match std::fs::read_to_string(file) {
            Ok(token) => return Ok(token.trim().to_owned()),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let token = uuid::Uuid::new_v4().simple().to_string();
    if let Some(file) = &file {
        keep(file, token.as_bytes())?;
    }
    Ok(token)
}

/// A kubeconfig with two contexts: `standin` over plain HTTP, `standin-tls` over TLS.
pub(super) fn text(url: &str, token: &str, ca: &str) -> String {
    let (secure, ca) = (url.replacen("http://", "https://", 1), STANDARD.encode(ca));
    format!(
        "apiVersion: v1
kind: Config
clusters:
- name: standin
  cluster:
    server: {url}
- name: standin-tls
  cluster:
    server: {secure}
    certificate-authority-data: {ca}
users:
- name: standin
  user:
    token: {token}
contexts:
- name: standin
  context:
    cluster: standin
    user: standin
    namespace: default
- name: standin-tls
  context:
    cluster: standin-tls
    user: standin
    namespace: default
current-context: standin
"
    )
}
