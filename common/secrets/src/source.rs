//! Where secrets come from.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use secrecy::SecretString;
use tokio::sync::Mutex;

/// How long a secret read from Secrets Manager is used before it is read again.
const FRESH: Duration = Duration::from_secs(300);

/// Why a secret could not be had. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Neither the variable nor its `_SECRET` twin is set.
    #[error("{0} is not set; set it, or set {0}_SECRET to the name of a secret in Secrets Manager")]
    Missing(String),
    /// Secrets Manager did not give it.
    #[error("Secrets Manager did not give the secret {name:?} that {variable}_SECRET names: {why}")]
    Refused {
        /// The variable.
        variable: String,
        /// The secret's name.
        name: String,
        /// What it said: a code, never a value.
        why: String,
    },
}

type Lookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Secrets by the name of a variable: `NAME` holds the secret itself (a laptop), `NAME_SECRET` the name of a secret in
/// Secrets Manager (a deployment).
#[derive(Clone)]
pub struct Secrets {
    environment: Lookup,
    manager: Arc<tokio::sync::OnceCell<aws_sdk_secretsmanager::Client>>,
    cache: Arc<Mutex<HashMap<String, (Instant, SecretString)>>>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Secrets named by variables that `environment` looks up (normally [`std::env::var`]).
    pub fn new(environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self {
            environment: Arc::new(environment),
            manager: Arc::new(tokio::sync::OnceCell::new()),
            cache: Arc::default(),
        }
    }

    /// The secret of a variable.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn get(&self, variable: &str) -> Result<SecretString, SecretError> {
        self.find(variable).await?.ok_or_else(|| SecretError::Missing(variable.to_owned()))
    }

    /// The secret of a variable, if either form of it is set.
    ///
    /// # Errors
    /// [`SecretError::Refused`].
    pub async fn find(&self, variable: &str) -> Result<Option<SecretString>, SecretError> {
        let set = |name: &str| (self.environment)(name).filter(|value| !value.is_empty());
        if let Some(value) = set(variable) {
            return Ok(Some(SecretString::from(value)));
        }
        match set(&format!("{variable}_SECRET")) {
            Some(name) => self.managed(variable, &name).await.map(Some),
            None => Ok(None),
        }
    }

    async fn managed(&self, variable: &str, name: &str) -> Result<SecretString, SecretError> {
        let mut cache = self.cache.lock().await;
        if let Some((at, secret)) = cache.get(name)
            && at.elapsed() < FRESH
        {
            return Ok(secret.clone());
        }
        let refused = |why: String| SecretError::Refused { variable: variable.to_owned(), name: name.to_owned(), why };
        let manager = self.manager.get_or_init(client).await;
        match manager.get_secret_value().secret_id(name).send().await {
            Ok(answer) => {
                let value =
                    answer.secret_string.ok_or_else(|| refused("it is binary, and text is needed".to_owned()))?;
                let secret = SecretString::from(value);
                cache.insert(name.to_owned(), (Instant::now(), secret.clone()));
                Ok(secret)
            }
            // An outage of Secrets Manager is no reason to stop working with what is known.
            Err(error) => match cache.get(name) {
                Some((_, secret)) => {
                    tracing::warn!(secret = name, "Secrets Manager does not answer; the known value stays in use");
                    Ok(secret.clone())
                }
                None => {
                    let service = error.as_service_error().and_then(|error| error.meta().code()).map(str::to_owned);
                    Err(refused(service.unwrap_or_else(|| "it cannot be reached".to_owned())))
                }
            },
        }
    }
}

async fn client() -> aws_sdk_secretsmanager::Client {
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    aws_sdk_secretsmanager::Client::new(&config)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use secrecy::ExposeSecret;

    use super::*;

    #[tokio::test]
    async fn a_variable_wins_and_a_missing_one_says_both_ways_to_set_it() {
        let secrets = Secrets::new(|name| (name == "A").then(|| "1".to_owned()));
        assert_eq!(secrets.get("A").await.unwrap().expose_secret(), "1");
        let error = secrets.get("B").await.unwrap_err().to_string();
        assert!(error.contains("B_SECRET"), "{error}");
    }
}
