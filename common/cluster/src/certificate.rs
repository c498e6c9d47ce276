//! What cert-manager made of a certificate, and how it is told to begin anew.
//! <https://cert-manager.io/docs/troubleshooting/acme/>

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};
use kube::core::params::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::{Chain, Cluster, ClusterError, Key, cluster::Resource, list::Extent, meta, one::unbuilt};

/// The label by which the requests and orders of one certificate are found without reading those of all: cert-manager
/// copies a Certificate's labels to them. A certificate without it is searched for through the whole namespace.
pub const FAMILY: &str = "portal.tenantry.dev/domain-id";

/// On a request: the name of its certificate. <https://cert-manager.io/docs/reference/annotations/>
const CERTIFICATE_NAME: &str = "cert-manager.io/certificate-name";
/// How often a status that changes under our hands is read again.
const TRIES: u32 = 3;

impl Cluster {
    /// A certificate and everything that was made to issue it, old attempts included. A certificate that is not there
    /// has nothing.
    ///
    /// # Errors
    /// As any call.
    pub async fn chain(&self, certificate: &Key) -> Result<Chain, ClusterError> {
        let Some(body) = self.get_body(certificate).await? else { return Ok(Chain::default()) };
        let namespace = certificate.namespace.as_str();
        let parent = meta::of(&body)?;
        let family = parent.labels.get(FAMILY).map(|value| format!("{FAMILY}={value}")).unwrap_or_default();

        let resource = Resource { api_version: "cert-manager.io/v1", plural: "certificaterequests", namespace };
        let requests = self.collect(&resource, &family, Extent::Whole).await?;
        let requests = keep(requests, |meta| {
            // A backup that was played back has lost the owners, and kept the annotations.
            let by_name =
                meta.owner_references.is_empty() && meta.annotations.get(CERTIFICATE_NAME) == Some(&certificate.name);
            by_name || meta.owner_references.iter().any(|owner| owner.uid == parent.uid)
        })?;

        let mut orders = Vec::new();
        if !requests.is_empty() {
            let resource = Resource { api_version: "acme.cert-manager.io/v1", plural: "orders", namespace };
            orders = of_these(self.collect(&resource, &family, Extent::Whole).await?, &requests)?;
        }
        let mut challenges = Vec::new();
        // Challenges have no labels, so they are read all; but those of an order that went through are gone.
        if orders.iter().any(|order| order["status"]["state"] != "valid") {
            let resource = Resource { api_version: "acme.cert-manager.io/v1", plural: "challenges", namespace };
            challenges = of_these(self.collect(&resource, "", Extent::Whole).await?, &orders)?;
        }
        Ok(Chain { certificate: Some(body), requests, orders, challenges })
    }

    /// Has a certificate issued anew now, whatever its backoff says, as `cmctl renew` does: the condition `Issuing`
    /// becomes true. Nothing is changed while it is being issued already.
    ///
    /// # Errors
    /// [`ClusterError::NotThere`] when there is no such certificate; [`ClusterError::Changed`] when its status changes
    /// all the time.
    pub async fn reissue(&self, certificate: &Key) -> Result<(), ClusterError> {
        for _ in 0..TRIES {
            match self.ask_for_issue(certificate).await {
                Err(ClusterError::Changed) => {}
                done => return done,
            }
        }
        Err(ClusterError::Changed)
    }

    async fn ask_for_issue(&self, certificate: &Key) -> Result<(), ClusterError> {
        let resource = Resource::of_key(certificate);
        let body = self.get_body(certificate).await?.ok_or(ClusterError::NotThere)?;
        let meta = meta::of(&body)?;
        let mut conditions = body["status"]["conditions"].as_array().cloned().unwrap_or_default();
        if conditions.iter().any(|condition| condition["type"] == "Issuing" && condition["status"] == "True") {
            return Ok(());
        }
        conditions.retain(|condition| condition["type"] != "Issuing");
        conditions.push(json!({
            "type": "Issuing",
            "status": "True",
            "reason": "ManuallyTriggered",
            "message": "Certificate re-issuance manually triggered",
            "lastTransitionTime": Time(Timestamp::now()),
            "observedGeneration": meta.generation,
        }));
        // The whole list is replaced, so only if nobody else has written to it meanwhile.
        let patch = json!({
            "metadata": {"resourceVersion": meta.resource_version},
            "status": {"conditions": conditions},
        });
        let params = PatchParams { field_manager: Some(self.field_manager().to_owned()), ..PatchParams::default() };
        let request = resource
            .request()?
            .patch_subresource("status", &certificate.name, &params, &Patch::Merge(&patch))
            .map_err(unbuilt)?;
        self.done(request, &resource).await.map(drop)
    }
}

fn keep(objects: Vec<Value>, wanted: impl Fn(&meta::Meta) -> bool) -> Result<Vec<Value>, ClusterError> {
    let mut kept = Vec::new();
    for object in objects {
        if wanted(&meta::of(&object)?) {
            kept.push(object);
        }
    }
    Ok(kept)
}

/// Those that belong to one of these.
fn of_these(objects: Vec<Value>, parents: &[Value]) -> Result<Vec<Value>, ClusterError> {
    let parents = parents.iter().map(|parent| Ok(meta::of(parent)?.uid)).collect::<Result<Vec<_>, ClusterError>>()?;
    keep(objects, |meta| meta.owner_references.iter().any(|owner| parents.contains(&owner.uid)))
}
