//! Reading, applying and deleting one object.

use kube::core::params::{DeleteParams, GetParams, Patch, PatchParams, Preconditions, ValidationDirective};
use serde_json::{Value, json};

use crate::{
    Cluster, ClusterError, Found, Key, Object,
    cluster::{Answer, Resource},
    meta, refusal,
};

/// What became of a wish to delete an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// It is deleted, or will be as soon as its finalizers are through.
    Deleted,
    /// It was not there (any more).
    NotThere,
    /// Another object of this name is there by now; it was left alone.
    AnotherOne,
}

impl Cluster {
    /// One object: its metadata and its whole body. None: it is not there.
    ///
    /// # Errors
    /// [`ClusterError::KindUnknown`] when the cluster does not know the kind at all, which says nothing of the object.
    pub async fn get(&self, key: &Key) -> Result<Option<(Found, Value)>, ClusterError> {
        let Some(body) = self.get_body(key).await? else { return Ok(None) };
        Ok(Some((meta::found(key.kind, &key.namespace, &body)?, body)))
    }

    pub(crate) async fn get_body(&self, key: &Key) -> Result<Option<Value>, ClusterError> {
        let resource = Resource::of_key(key);
        refusal::name_is_usable(&key.name)?;
        let request = resource.request()?.get(&key.name, &GetParams::default()).map_err(unbuilt)?;
        match self.call(request).await? {
            Answer::Body(body) => Ok(Some(body)),
            Answer::Refused(refusal) if refusal.is_not_there(&resource, &key.name) => Ok(None),
            Answer::Refused(refusal) => Err(refusal.into_error(&resource)),
        }
    }

    /// Makes an object so, or creates it: server-side apply with our field manager. What is so already stays untouched
    /// (its version, too). Fields that we applied before and that are not in it any more are removed; fields of others
    /// stay.
    ///
    /// `expected`: only if the object is still at this `resourceVersion`. `force`: take over fields of other managers
    /// that differ.
    ///
    /// # Errors
    /// [`ClusterError::Conflict`] when other managers own fields that differ and `force` is false,
    /// [`ClusterError::Changed`] when it is at another version, [`ClusterError::Refused`] when the server never takes it
    /// so.
    pub async fn apply(&self, object: &Object, expected: Option<&str>, force: bool) -> Result<Found, ClusterError> {
        let key = &object.key;
        let resource = Resource::of_key(key);
        refusal::name_is_usable(&key.name)?;
        let params = PatchParams {
            force,
            field_manager: Some(self.field_manager().to_owned()),
            field_validation: Some(ValidationDirective::Strict),
            ..PatchParams::default()
        };
        let body = manifest(object, expected);
        let request = resource.request()?.patch(&key.name, &params, &Patch::Apply(&body)).map_err(unbuilt)?;
        let answer = self.done(request, &resource).await?;
        meta::found(key.kind, &key.namespace, &answer)
    }

    /// Deletes an object if it still is the one with this uid; what it owns is deleted after it.
    ///
    /// # Errors
    /// None of them says that it is gone.
    pub async fn delete(&self, key: &Key, uid: &str) -> Result<Deleted, ClusterError> {
        let resource = Resource::of_key(key);
        refusal::name_is_usable(&key.name)?;
        // Without an uid the server would delete whatever has this name now.
        if uid.is_empty() {
            return Err(ClusterError::Refused { reason: "an object is only deleted by its uid".to_owned() });
        }
        let params = DeleteParams::background()
            .preconditions(Preconditions { uid: Some(uid.to_owned()), ..Preconditions::default() });
        let request = resource.request()?.delete(&key.name, &params).map_err(unbuilt)?;
        match self.call(request).await? {
            Answer::Body(_) => Ok(Deleted::Deleted),
            Answer::Refused(refusal) if refusal.is_not_there(&resource, &key.name) => Ok(Deleted::NotThere),
            Answer::Refused(refusal) if refusal.is_another_uid() => Ok(Deleted::AnotherOne),
            Answer::Refused(refusal) => Err(refusal.into_error(&resource)),
        }
    }
}

/// What is applied: exactly the fields that shall be ours.
fn manifest(object: &Object, expected: Option<&str>) -> Value {
    let Object { key, labels, annotations, spec } = object;
    let mut body = json!({
        "apiVersion": key.kind.api_version(),
        "kind": key.kind.as_str(),
        "metadata": {
            "name": key.name,
            "namespace": key.namespace,
            "labels": labels,
            "annotations": annotations,
        },
        "spec": spec,
    });
    if let Some(version) = expected {
        body["metadata"]["resourceVersion"] = version.into();
    }
    body
}

/// A request that cannot even be written down is about what should be in it.
pub(crate) fn unbuilt(_: kube::core::request::Error) -> ClusterError {
    ClusterError::Refused { reason: "the request cannot be written down: is a name empty?".to_owned() }
}
