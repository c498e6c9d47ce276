//! Reading collections, page by page.

use kube::core::params::ListParams;
use serde_json::Value;

use crate::{
    Cluster, ClusterError, Found, Kind,
    cluster::{Answer, Resource},
    meta,
    one::unbuilt,
};

/// Objects per page.
const PAGE: u32 = 500;
/// How often a list is begun that expires before it is through. Snapshots are kept for minutes.
const BEGINNINGS: u32 = 3;
/// More pages than this have no end: a million objects.
const PAGES: u32 = 2000;

/// How much of each object is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Metadata,
    Whole,
}

impl Cluster {
    /// Every object of a kind with these labels (`key=value,key2=value2`; empty: all) in a namespace, as of one moment.
    /// Only metadata is read.
    ///
    /// # Errors
    /// Any error says nothing about what is there: a part of a list is never answered.
    pub async fn list(&self, kind: Kind, namespace: &str, selector: &str) -> Result<Vec<Found>, ClusterError> {
        let resource = Resource::of(kind, namespace);
        let objects = self.collect(&resource, selector, Extent::Metadata).await?;
        objects.iter().map(|object| meta::found(kind, namespace, object)).collect()
    }

    pub(crate) async fn collect(
        &self,
        resource: &Resource<'_>,
        selector: &str,
        extent: Extent,
    ) -> Result<Vec<Value>, ClusterError> {
        for _ in 0..BEGINNINGS {
            if let Some(objects) = self.pages(resource, selector, extent).await? {
                return Ok(objects);
            }
        }
        let message = "the list expires before it is through".to_owned();
        Err(ClusterError::Server { status: 503, message, retry_after: None })
    }

    /// None: the snapshot expired in the middle, and a list that goes on with another one has holes.
    async fn pages(
        &self,
        resource: &Resource<'_>,
        selector: &str,
        extent: Extent,
    ) -> Result<Option<Vec<Value>>, ClusterError> {
        let mut objects = Vec::new();
        let mut params = ListParams::default().labels(selector).limit(PAGE);
        if selector.is_empty() {
            params.label_selector = None;
        }
        for _ in 0..PAGES {
            let request = match extent {
                Extent::Metadata => resource.request()?.list_metadata(&params),
                Extent::Whole => resource.request()?.list(&params),
            };
            let mut page = match self.call(request.map_err(unbuilt)?).await? {
                Answer::Body(page) => page,
                Answer::Refused(refusal) if refusal.is_expired() && params.continue_token.is_some() => return Ok(None),
                Answer::Refused(refusal) => return Err(refusal.into_error(resource)),
            };
            objects.append(&mut items(&mut page)?);
            match page["metadata"]["continue"].as_str() {
                None | Some("") => return Ok(Some(objects)),
                Some(next) => params.continue_token = Some(next.to_owned()),
            }
        }
        Err(ClusterError::Unreadable { why: "a list without an end".to_owned() })
    }
}

/// A page without a list in it is no empty list.
fn items(page: &mut Value) -> Result<Vec<Value>, ClusterError> {
    let is_list = page["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
    match page.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) if is_list => Ok(items),
        // An empty list of Go.
        Some(Value::Null) if is_list => Ok(Vec::new()),
        _ => Err(ClusterError::Unreadable { why: "a list was asked for, and this is none".to_owned() }),
    }
}
