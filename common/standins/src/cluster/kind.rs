//! The kinds of objects there are, and which object is meant.

use serde_json::Value;
use std::fmt;

/// A kind that the API server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Core `v1`; the only one without a namespace.
    Namespace,
    /// Core `v1`.
    Secret,
    /// `cert-manager.io/v1`
    Certificate,
    /// `cert-manager.io/v1`
    CertificateRequest,
    /// `acme.cert-manager.io/v1`
    Order,
    /// `acme.cert-manager.io/v1`
    Challenge,
    /// `networking.istio.io/v1`
    Gateway,
    /// `networking.istio.io/v1`
    VirtualService,
}

impl Kind {
    /// Each of them.
    pub const ALL: [Kind; 8] = [
        Kind::Namespace,
        Kind::Secret,
        Kind::Certificate,
        Kind::CertificateRequest,
        Kind::Order,
        Kind::Challenge,
        Kind::Gateway,
        Kind::VirtualService,
    ];

    /// The API group; empty for the core.
    #[must_use]
    pub fn group(self) -> &'static str {
        match self {
            Kind::Namespace | Kind::Secret => "",
            Kind::Certificate | Kind::CertificateRequest => "cert-manager.io",
            Kind::Order | Kind::Challenge => "acme.cert-manager.io",
            Kind::Gateway | Kind::VirtualService => "networking.istio.io",
        }
    }

    /// As in a manifest: `cert-manager.io/v1`.
    #[must_use]
    pub fn api_version(self) -> String {
        if self.group().is_empty() { "v1".to_owned() } else { format!("{}/v1", self.group()) }
    }

    /// As in a manifest: `Certificate`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Namespace => "Namespace",
            Kind::Secret => "Secret",
            Kind::Certificate => "Certificate",
            Kind::CertificateRequest => "CertificateRequest",
            Kind::Order => "Order",
            Kind::Challenge => "Challenge",
            Kind::Gateway => "Gateway",
            Kind::VirtualService => "VirtualService",
        }
    }

    /// As in a path: `certificates`.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Namespace => "namespaces",
            Kind::Secret => "secrets",
            Kind::Certificate => "certificates",
            Kind::CertificateRequest => "certificaterequests",
            Kind::Order => "orders",
            Kind::Challenge => "challenges",
            Kind::Gateway => "gateways",
            Kind::VirtualService => "virtualservices",
        }
    }

    /// What people may call it instead, to `kubectl`.
    pub(super) fn short_names(self) -> &'static [&'static str] {
        match self {
            Kind::Namespace => &["ns"],
            Kind::Certificate => &["cert", "certs"],
            Kind::CertificateRequest => &["cr", "crs"],
            Kind::Gateway => &["gw"],
            Kind::VirtualService => &["vs"],
            Kind::Secret | Kind::Order | Kind::Challenge => &[],
        }
    }

    /// `certificates.cert-manager.io`, as errors name it.
    pub(super) fn qualified(self) -> String {
        dotted(self.plural(), self.group())
    }

    /// `Certificate.cert-manager.io`, as errors about a body name it.
    pub(super) fn qualified_kind(self) -> String {
        dotted(self.as_str(), self.group())
    }

    pub(super) fn namespaced(self) -> bool {
        self != Kind::Namespace
    }

    /// Whether it is one that a custom resource definition brings, with a status subresource.
    pub(super) fn custom(self) -> bool {
        !self.group().is_empty()
    }

    pub(super) fn of_path(group: &str, plural: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.group() == group && kind.plural() == plural)
    }

    /// The kind that an object says it is of.
    pub(super) fn of_object(object: &Value) -> Option<Kind> {
        let is = |kind: &Kind| object["kind"] == kind.as_str() && object["apiVersion"] == kind.api_version();
        Kind::ALL.into_iter().find(is)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Which object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace; empty for a [`Kind::Namespace`].
    pub namespace: String,
    /// Its name within kind and namespace.
    pub name: String,
}

impl Key {
    /// This one.
    #[must_use]
    pub fn new(kind: Kind, namespace: &str, name: &str) -> Key {
        Key { kind, namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// That of an object with `apiVersion`, `kind` and `metadata`.
    pub(super) fn of_object(object: &Value) -> Option<Key> {
        let kind = Kind::of_object(object)?;
        let name = object["metadata"]["name"].as_str()?;
        Some(Key::new(kind, object["metadata"]["namespace"].as_str().unwrap_or(""), name))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

fn dotted(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}
