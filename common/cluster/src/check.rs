//! Whether the cluster is one that we can work with.

use http::{Request, header};
use k8s_openapi::{
    api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec},
    apimachinery::pkg::{apis::meta::v1::APIResourceList, version::Info},
};
use serde::de::DeserializeOwned;

use crate::{
    Cluster, ClusterError, Kind,
    cluster::{Answer, Resource},
};

/// What a look at the cluster showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The server's version: `v1.36.1`.
    pub version: String,
    /// Kinds that the cluster does not know: `certificates.cert-manager.io/v1`. Their CRDs are to be installed.
    pub unknown: Vec<String>,
    /// What we may not do: `patch certificates/status of cert-manager.io in istio-system`. Roles are to be bound.
    pub missing: Vec<String>,
}

impl Checked {
    /// Nothing is unknown, and nothing is missing.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.unknown.is_empty() && self.missing.is_empty()
    }
}

/// What is done with the kinds that we write.
const WRITTEN: [&str; 5] = ["get", "list", "create", "patch", "delete"];
/// What tells how far a certificate is, and of which group.
const CHAIN: [(&str, &str); 3] = [
    ("cert-manager.io/v1", "certificaterequests"),
    ("acme.cert-manager.io/v1", "orders"),
    ("acme.cert-manager.io/v1", "challenges"),
];

/// Something that we do.
struct Need<'a> {
    verb: &'static str,
    resource: Resource<'a>,
    subresource: Option<&'static str>,
}

impl Cluster {
    /// Whether the kinds that we work with are there, and whether we may do with them what we do, in these namespaces.
    /// Nothing is changed. It is for a person who sets up a cluster: about 25 short calls, one after the other.
    ///
    /// # Errors
    /// When the cluster cannot even be asked.
    pub async fn check(&self, namespaces: &[(Kind, &str)]) -> Result<Checked, ClusterError> {
        let info: Info = self.ask(read("/version")?).await?.ok_or_else(no_api)?;
        let needs = needs(namespaces);
        let mut unknown = Vec::new();
        let mut missing = Vec::new();
        let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
        for Need { resource, .. } in &needs {
            if !groups.iter().any(|(group, _)| *group == resource.api_version) {
                groups.push((resource.api_version, self.resources(resource.api_version).await?));
            }
            let known = groups.iter().any(|(group, names)| {
                *group == resource.api_version && names.iter().any(|name| name == resource.plural)
            });
            let kind = format!("{}.{}", resource.plural, resource.api_version);
            if !known && !unknown.contains(&kind) {
                unknown.push(kind);
            }
        }
        for need in &needs {
            if !self.may(need).await? {
                missing.push(need.to_string());
            }
        }
        Ok(Checked { version: info.git_version, unknown, missing })
    }

    /// The resources of a group and version; none: the cluster does not know the group.
    async fn resources(&self, api_version: &str) -> Result<Vec<String>, ClusterError> {
        let list: Option<APIResourceList> = self.ask(read(&format!("/apis/{api_version}"))?).await?;
        Ok(list.map(|list| list.resources).unwrap_or_default().into_iter().map(|resource| resource.name).collect())
    }

    /// <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access>
    async fn may(&self, need: &Need<'_>) -> Result<bool, ClusterError> {
        let review = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec {
                resource_attributes: Some(ResourceAttributes {
                    group: need.group().map(ToOwned::to_owned),
                    namespace: Some(need.resource.namespace.to_owned()),
                    resource: Some(need.resource.plural.to_owned()),
                    subresource: need.subresource.map(ToOwned::to_owned),
                    verb: Some(need.verb.to_owned()),
                    ..ResourceAttributes::default()
                }),
                ..SelfSubjectAccessReviewSpec::default()
            },
            ..SelfSubjectAccessReview::default()
        };
        let body = serde_json::to_vec(&review).map_err(|_| no_api())?;
        let request = Request::post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|_| no_api())?;
        let answer: SelfSubjectAccessReview = self.ask(request).await?.ok_or_else(no_api)?;
        Ok(answer.status.is_some_and(|status| status.allowed))
    }

    /// None: 404.
    async fn ask<T: DeserializeOwned>(&self, request: Request<Vec<u8>>) -> Result<Option<T>, ClusterError> {
        match self.call(request).await? {
            Answer::Body(body) => serde_json::from_value(body).map(Some).map_err(|_| no_api()),
            Answer::Refused(refusal) if refusal.is_not_found() => Ok(None),
            Answer::Refused(refusal) => {
                Err(refusal.into_error(&Resource { api_version: "v1", plural: "", namespace: "" }))
            }
        }
    }
}

impl Need<'_> {
    fn group(&self) -> Option<&str> {
        self.resource.api_version.split('/').next()
    }
}

impl std::fmt::Display for Need<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Resource { plural, namespace, .. } = self.resource;
        let group = self.group().unwrap_or_default();
        match self.subresource {
            Some(sub) => write!(f, "{} {plural}/{sub} of {group} in {namespace}", self.verb),
            None => write!(f, "{} {plural} of {group} in {namespace}", self.verb),
        }
    }
}

fn needs<'a>(namespaces: &[(Kind, &'a str)]) -> Vec<Need<'a>> {
    let mut needs = Vec::new();
    for &(kind, namespace) in namespaces {
        let resource = Resource::of(kind, namespace);
        needs.extend(WRITTEN.map(|verb| Need { verb, resource, subresource: None }));
        if kind == Kind::Certificate {
            needs.push(Need { verb: "patch", resource, subresource: Some("status") });
            needs.extend(CHAIN.map(|(api_version, plural)| {
                let resource = Resource { api_version, plural, namespace };
                Need { verb: "list", resource, subresource: None }
            }));
        }
    }
    needs
}

fn read(path: &str) -> Result<Request<Vec<u8>>, ClusterError> {
    Request::get(path).body(Vec::new()).map_err(|_| no_api())
}

fn no_api() -> ClusterError {
    ClusterError::Unreadable { why: "it does not answer the questions that every API server answers".to_owned() }
}
