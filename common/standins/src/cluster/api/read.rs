//! GET of one object and of many, page by page.

use super::super::kind::Key;
use super::super::world::World;
use super::Refusal;
use super::selector::Selector;
use super::shape::Shape;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

/// What a list may be asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Wanted {
    label_selector: String,
    field_selector: String,
    limit: usize,
    r#continue: String,
    watch: String,
}

impl Wanted {
    /// A later page.
    pub(super) fn continued(&self) -> bool {
        !self.r#continue.is_empty()
    }
}

pub(super) fn get(world: &World, key: &Key, shape: Shape) -> Result<Value, Refusal> {
    world.get(key).map(|object| shape.object(&object)).ok_or_else(|| Refusal::not_found(key))
}

/// A page of those that fit. The next one begins behind the last object of this one, whatever has changed meanwhile.
pub(super) fn list(world: &World, of: &Key, wanted: &Wanted, shape: Shape) -> Result<Value, Refusal> {
    if ["1", "true"].contains(&wanted.watch.as_str()) {
        return Err(Refusal::method_not_allowed());
    }
    let unable = |text: &str| Refusal::bad_request(format!("unable to parse requirement: {text}"));
    let labels = Selector::parse(&wanted.label_selector).ok_or_else(|| unable(&wanted.label_selector))?;
    let fields = Selector::parse(&wanted.field_selector).ok_or_else(|| unable(&wanted.field_selector))?;
    let namespace = Some(of.namespace.as_str()).filter(|namespace| !namespace.is_empty());
    let (version, all) = world.list(of.kind, namespace);
    let (version, behind) = match wanted.continued() {
        true => resume(&wanted.r#continue)?,
        false => (version, None),
    };
    let place = |object: &Value| {
        let text = |name: &str| object["metadata"][name].as_str().unwrap_or("").to_owned();
        (text("namespace"), text("name"))
    };
    let mut rest = all
        .iter()
        .filter(|object| labels.fits(&object["metadata"]["labels"]) && fields.fits_fields(object))
        .filter(|object| behind.as_ref().is_none_or(|behind| place(object) > *behind));
    let limit = if wanted.limit == 0 { usize::MAX } else { wanted.limit };
    let page: Vec<&Value> = rest.by_ref().take(limit).map(|object| &**object).collect();
    let left = rest.count();
    let mut metadata = json!({ "resourceVersion": version.to_string() });
    if left > 0
        && let Some(last) = page.last()
    {
        let (namespace, name) = place(last);
        metadata["continue"] = json!(URL_SAFE_NO_PAD.encode(json!([version, namespace, name]).to_string()));
        // Of a selection the original does not know how many are left.
        if wanted.label_selector.is_empty() && wanted.field_selector.is_empty() {
            metadata["remainingItemCount"] = json!(left);
        }
    }
    let (kind, api_version) = shape.list(of.kind.as_str(), &of.kind.api_version());
    let items: Vec<Value> = page.into_iter().map(|object| shape.object(object)).collect();
    Ok(json!({ "kind": kind, "apiVersion": api_version, "metadata": metadata, "items": items }))
}

type Behind = (u64, Option<(String, String)>);

fn resume(token: &str) -> Result<Behind, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let read: Option<(u64, String, String)> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let (version, namespace, name) =
        read.ok_or_else(|| Refusal::bad_request("continue key is not valid: encoding is not a token of this server"))?;
    Ok((version, Some((namespace, name))))
}
