//! The connection to a cluster, and one call to it.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use kube::Client;
use serde_json::Value;

use crate::{
    Access, ClusterError, Key, Kind,
    eks::Tokens,
    refusal::{self, Refusal},
    transport,
};

/// For a whole call, connecting and reading included.
const CALL: Duration = Duration::from_secs(30);
/// The longest answer that is read, in bytes: a page of 500 objects has some MB at most.
const LONGEST: usize = 64 << 20;

/// A Kubernetes cluster, as far as we need it.
///
/// It belongs to the tokio runtime in which it was connected, and can be shared: calls run side by side.
pub struct Cluster {
    client: Client,
    tokens: Option<Tokens>,
    field_manager: String,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("field_manager", &self.field_manager).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Reads settings and credentials; nothing is sent to the cluster yet. `field_manager` is who owns the fields that
    /// we apply (at most 128 characters); whoever changes it loses the ownership of everything applied before.
    ///
    /// # Errors
    /// [`ClusterError::Access`] when they cannot be read or used.
    pub async fn connect(access: Access, field_manager: &str) -> Result<Self, ClusterError> {
        let (config, tokens) = access.open().await?;
        // A kubeconfig may name a program that prints credentials; it runs now, and blocks.
        let runtime = tokio::runtime::Handle::current();
        let built = tokio::task::spawn_blocking(move || {
            let _inside = runtime.enter();
            Client::try_from(config)
        });
        let client = tokio::time::timeout(CALL, built)
            .await
            .map_err(|_| ClusterError::Access { why: "the program that prints credentials does not end".to_owned() })?
            .map_err(|_| ClusterError::Access { why: "the client could not be built".to_owned() })?
            .map_err(|error| transport::explain(&error))?;
        Ok(Self { client, tokens, field_manager: field_manager.to_owned() })
    }

    pub(crate) fn field_manager(&self) -> &str {
        &self.field_manager
    }

    /// One call and its answer. A refusal is left to the caller to interpret.
    pub(crate) async fn call(&self, request: Request<Vec<u8>>) -> Result<Answer, ClusterError> {
        match tokio::time::timeout(CALL, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(ClusterError::TimedOut),
        }
    }

    async fn exchange(&self, mut request: Request<Vec<u8>>) -> Result<Answer, ClusterError> {
        if !request.headers().contains_key(header::ACCEPT) {
            request.headers_mut().insert(header::ACCEPT, header::HeaderValue::from_static("application/json"));
        }
        if let Some(tokens) = &self.tokens {
            let token = tokens.header(SystemTime::now()).await?;
            request.headers_mut().insert(header::AUTHORIZATION, token);
        }
        let response = self
            .client
            .send(request.map(kube::client::Body::from))
            .await
            .map_err(|error| transport::explain(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, LONGEST).collect().await.map_err(|error| transport::broken(error.as_ref()))?;
        let body = body.to_bytes();
        if head.status.is_success() {
            return match serde_json::from_slice(&body) {
                Ok(value) => Ok(Answer::Body(value)),
                Err(_) => Err(ClusterError::Unreadable { why: format!("{} without JSON", head.status) }),
            };
        }
        if head.status == StatusCode::UNAUTHORIZED
            && let Some(tokens) = &self.tokens
        {
            tokens.forget().await;
        }
        Ok(Answer::Refused(refusal::read(head.status, &head.headers, &body)))
    }

    /// As [`Cluster::call`], where every refusal is an error.
    pub(crate) async fn done(&self, request: Request<Vec<u8>>, resource: &Resource<'_>) -> Result<Value, ClusterError> {
        match self.call(request).await? {
            Answer::Body(value) => Ok(value),
            Answer::Refused(refusal) => Err(refusal.into_error(resource)),
        }
    }
}

/// What a server answers.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 2xx, and what was sent with it.
    Body(Value),
    /// Anything else.
    Refused(Refusal),
}

/// A collection of objects of one kind in one namespace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resource<'a> {
    /// `cert-manager.io/v1`.
    pub(crate) api_version: &'a str,
    /// `certificates`.
    pub(crate) plural: &'a str,
    /// Which namespace.
    pub(crate) namespace: &'a str,
}

impl<'a> Resource<'a> {
    pub(crate) fn of(kind: Kind, namespace: &'a str) -> Self {
        Self { api_version: kind.api_version(), plural: kind.plural(), namespace }
    }

    pub(crate) fn of_key(key: &'a Key) -> Self {
        Self::of(key.kind, &key.namespace)
    }

    /// Requests on this collection.
    ///
    /// # Errors
    /// [`ClusterError::Refused`] for a namespace that is none, so that nothing is ever asked of another path.
    pub(crate) fn request(&self) -> Result<kube::core::Request, ClusterError> {
        let Self { api_version, plural, namespace } = self;
        refusal::name_is_usable(namespace)?;
        Ok(kube::core::Request::new(format!("/apis/{api_version}/namespaces/{namespace}/{plural}")))
    }
}
