//! From a row to the three objects that serve its hostname.

mod certificate;
mod gateway;
mod route;

use std::{collections::BTreeMap, time::Duration};

use aws_lc_rs::digest;
use serde::Serialize;
use serde_json::Value;
use tenantry_cluster::{Key, Kind, Object};
use tenantry_model::TenantId;
use uuid::Uuid;

use crate::labels;

pub use route::CHALLENGE_PATH;

/// A hostname that is to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hostname {
    /// Its row of `portal_domains`.
    pub id: Uuid,
    /// Whose it is.
    pub tenant: TenantId,
    /// The tenant's slug: the name of its file.
    pub slug: String,
    /// The hostname: lower case, ASCII.
    pub host: String,
    /// The name of the secret that the certificate is kept in, `certificate_secret_name` of the row.
    pub secret: String,
}

/// Who issues certificates, as cert-manager's `issuerRef` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Its name.
    pub name: String,
    /// `ClusterIssuer` or `Issuer`.
    pub kind: String,
    /// Its API group.
    pub group: String,
}

/// Where a service is: its DNS name within the cluster, and its port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// `portal.msp.svc.cluster.local`.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// How hostnames become objects: the settings of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendering {
    /// Where Gateways are written.
    pub gateway_namespace: String,
    /// Where VirtualServices are written.
    pub service_namespace: String,
    /// Where Certificates are written, and their secrets with them; none: where the Gateways are, which is the only
    /// place where a gateway finds a secret without somebody copying it at each renewal.
    pub certificate_namespace: Option<String>,
    /// The labels of the gateway's pods.
    pub gateway_selector: BTreeMap<String, String>,
    /// Who issues.
    pub issuer: Issuer,
    /// What serves the portal.
    pub service: Service,
    /// What answers the authority's challenges; none: cert-manager brings a route of its own for each.
    pub challenge: Option<Service>,
    /// How long a certificate is asked for; none: as the authority likes.
    pub duration: Option<Duration>,
    /// How long before its end it is renewed; none: as cert-manager likes.
    pub renew_before: Option<Duration>,
}

impl Rendering {
    /// The usual installation: Istio's ingress gateway, Let's Encrypt by HTTP-01, and the portal at `service`.
    #[must_use]
    pub fn new(service: Service) -> Self {
        Self {
            gateway_namespace: "istio-system".to_owned(),
            service_namespace: "msp".to_owned(),
            certificate_namespace: None,
            gateway_selector: BTreeMap::from([("istio".to_owned(), "ingressgateway".to_owned())]),
            issuer: Issuer {
                name: "letsencrypt-http01".to_owned(),
                kind: "ClusterIssuer".to_owned(),
                group: "cert-manager.io".to_owned(),
            },
            service,
            challenge: None,
            duration: None,
            renew_before: None,
        }
    }

    /// The key of a row's object of this kind.
    #[must_use]
    pub fn key(&self, kind: Kind, row: Uuid) -> Key {
        let namespace = match kind {
            Kind::Certificate => self.certificate_namespace.as_ref().unwrap_or(&self.gateway_namespace),
            Kind::Gateway => &self.gateway_namespace,
            Kind::VirtualService => &self.service_namespace,
        };
        Key { kind, namespace: namespace.clone(), name: labels::name(row) }
    }

    /// The three objects of a hostname, in the order in which they are applied.
    ///
    /// # Errors
    /// None in practice: a setting that JSON cannot hold.
    pub fn objects(&self, hostname: &Hostname) -> Result<[Object; 3], serde_json::Error> {
        Ok([
            self.object(hostname, Kind::Certificate, serde_json::to_value(certificate::spec(self, hostname))?)?,
            self.object(hostname, Kind::Gateway, serde_json::to_value(gateway::spec(self, hostname))?)?,
            self.object(hostname, Kind::VirtualService, serde_json::to_value(route::spec(self, hostname))?)?,
        ])
    }

    /// The objects of all these hostnames, in the order of the hostnames.
    ///
    /// # Errors
    /// As [`Self::objects`].
    pub fn all(&self, hostnames: &[Hostname]) -> Result<Vec<Object>, serde_json::Error> {
        let mut objects = Vec::with_capacity(hostnames.len() * 3);
        for hostname in hostnames {
            objects.extend(self.objects(hostname)?);
        }
        Ok(objects)
    }

    fn object(&self, hostname: &Hostname, kind: Kind, mut spec: Value) -> Result<Object, serde_json::Error> {
        // Sorted whatever map the JSON crate was built with: the hash and the file must not depend on that.
        spec.sort_all_objects();
        let mut object = Object {
            key: self.key(kind, hostname.id),
            labels: labels_of(hostname),
            annotations: BTreeMap::from([(labels::HOST.to_owned(), hostname.host.clone())]),
            spec,
        };
        let hash = hash(&object)?;
        object.annotations.insert(labels::HASH.to_owned(), hash);
        Ok(object)
    }
}

fn labels_of(hostname: &Hostname) -> BTreeMap<String, String> {
    [
        (labels::MANAGED_BY, labels::TENANTRY.to_owned()),
        (labels::MANAGED, labels::YES.to_owned()),
        (labels::TENANT, hostname.tenant.to_string()),
        (labels::DOMAIN_ID, hostname.id.to_string()),
        (labels::HOST, labels::host(&hostname.host)),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

/// SHA-256, in hexadecimal, over labels, annotations but for the hash itself, and spec, as JSON with sorted keys.
///
/// # Errors
/// None in practice: what JSON cannot hold.
pub fn hash(object: &Object) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Hashed<'a> {
        annotations: BTreeMap<&'a str, &'a str>,
        labels: &'a BTreeMap<String, String>,
        spec: &'a Value,
    }
    let annotations = object.annotations.iter().filter(|(key, _)| *key != labels::HASH);
    let hashed = Hashed {
        annotations: annotations.map(|(key, value)| (key.as_str(), value.as_str())).collect(),
        labels: &object.labels,
        spec: &object.spec,
    };
    Ok(hex::encode(digest::digest(&digest::SHA256, &serde_json::to_vec(&hashed)?)))
}
