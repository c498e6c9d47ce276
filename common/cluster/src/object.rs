//! What is wanted in a cluster, and what is there.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kinds of objects that we write, in the order in which they are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// `cert-manager.io/v1`.
    Certificate,
    /// `networking.istio.io/v1`.
    Gateway,
    /// `networking.istio.io/v1`.
    VirtualService,
}

impl Kind {
    /// Each of them, in the order in which they are applied; they are deleted in the other.
    pub const ALL: [Self; 3] = [Self::Certificate, Self::Gateway, Self::VirtualService];

    /// As in a manifest: `cert-manager.io/v1`.
    #[must_use]
    pub fn api_version(self) -> &'static str {
        match self {
            Self::Certificate => "cert-manager.io/v1",
            Self::Gateway | Self::VirtualService => "networking.istio.io/v1",
        }
    }

    /// As in a manifest: `Certificate`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "Certificate",
            Self::Gateway => "Gateway",
            Self::VirtualService => "VirtualService",
        }
    }

    /// As in a path of the API: `certificates`.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Certificate => "certificates",
            Self::Gateway => "gateways",
            Self::VirtualService => "virtualservices",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name within kind and namespace.
    pub name: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

/// An object as it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Which.
    pub key: Key,
    /// Its labels, by which it is found again.
    pub labels: BTreeMap<String, String>,
    /// Its annotations, its hash among them.
    pub annotations: BTreeMap<String, String>,
    /// Its `spec`.
    pub spec: Value,
}

/// An object that is there, as far as a plan needs to know: its metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub key: Key,
    /// Which of those that had this key, one after the other.
    pub uid: String,
    /// Its version; it changes with every change.
    pub resource_version: String,
    /// Counts the changes of its `spec`; 0 where the server does not count.
    pub generation: i64,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// It is being deleted.
    pub deleting: bool,
}

/// A certificate and what was made to issue it, each as the server answers it. Nothing in it is a secret.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chain {
    /// The `Certificate`; none: it is not there.
    pub certificate: Option<Value>,
    /// Its `CertificateRequest`s.
    pub requests: Vec<Value>,
    /// Their `Order`s.
    pub orders: Vec<Value>,
    /// Their `Challenge`s.
    pub challenges: Vec<Value>,
}
