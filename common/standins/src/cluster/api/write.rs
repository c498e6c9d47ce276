//! Create, update and the patches.

use super::super::fields::{Managers, Who};
use super::super::kind::{Key, Kind};
use super::super::misbehave::Verb;
use super::super::schema;
use super::super::world::{World, now};
use super::finish::{finish, misnamed};
use super::{Cause, Refusal};
use serde_json::{Value, json};
use std::sync::Arc;

/// How a write is meant.
#[derive(Debug, Clone)]
pub(in super::super) struct Manner<'a> {
    pub(in super::super) key: &'a Key,
    /// Only the status is written, rather than everything but the status.
    pub(in super::super) status: bool,
    pub(in super::super) manager: &'a str,
    /// Takes fields from others.
    pub(in super::super) force: bool,
}

impl<'a> Manner<'a> {
    /// Everything but the status, nothing by force.
    pub(in super::super) fn of(key: &'a Key, manager: &'a str) -> Manner<'a> {
        Manner { key, status: false, manager, force: false }
    }

    fn updating(&self) -> Who {
        Who::updating(self.manager, if self.status { "status" } else { "" })
    }
}

/// What a write made, and whether it was not there before.
pub(in super::super) type Written = (Arc<Value>, bool);

/// POST. The status a client brings is not taken, except from the cluster's own controllers (`with_status`).
pub(in super::super) fn create(
    world: &World,
    manner: &Manner<'_>,
    mut body: Value,
    with_status: bool,
) -> Result<Written, Refusal> {
    let key = manner.key;
    if key.kind.custom() && !with_status {
        without(&mut body, "status");
    }
    let mut change = world.change(Verb::Create, manner.manager);
    if !body["metadata"]["resourceVersion"].as_str().unwrap_or("").is_empty() {
        return Err(Refusal::version_on_create(key));
    }
    roomy(&change.get(&namespace(key)), key)?;
    if change.get(key).is_some() {
        return Err(Refusal::exists(key));
    }
    checked(key, &body)?;
    let mut managers = Managers::default();
    managers.update(&manner.updating(), &Value::Null, &body, schema::of(key.kind), &now());
    Ok((finish(&mut change, key, None, body, &managers), true))
}

/// PUT of the whole object or of its status.
pub(in super::super) fn update(world: &World, manner: &Manner<'_>, body: &Value) -> Result<Written, Refusal> {
    edit(world, manner, Verb::Update, |_| Ok(body.clone()))
}

/// PATCH with a JSON merge patch (RFC 7396).
pub(in super::super) fn patch(world: &World, manner: &Manner<'_>, patch: &Value) -> Result<Written, Refusal> {
    edit(world, manner, Verb::Patch, |live| {
        let mut object = live.clone();
        merge_patch(&mut object, patch);
        // What a patch does not say is no precondition.
        if patch["metadata"]["resourceVersion"].is_null() {
            without(&mut object["metadata"], "resourceVersion");
        }
        Ok(object)
    })
}

/// Any other change of what is there.
pub(in super::super) fn edit(
    world: &World,
    manner: &Manner<'_>,
    verb: Verb,
    edit: impl FnOnce(&Value) -> Result<Value, Refusal>,
) -> Result<Written, Refusal> {
    let key = manner.key;
    let mut change = world.change(verb, manner.manager);
    let live = change.get(key).ok_or_else(|| Refusal::not_found(key))?;
    let body = edit(&live)?;
    preconditions(key, &live, &body)?;
    let object = if manner.status {
        let mut object = (*live).clone();
        replace(&mut object, &body, "status");
        object
    } else {
        let mut object = body;
        if key.kind.custom() {
            replace(&mut object, &live, "status");
        }
        object
    };
    checked(key, &object)?;
    let mut managers = Managers::of(&live);
    managers.update(&manner.updating(), &live, &object, schema::of(key.kind), &now());
    Ok((finish(&mut change, key, Some(&live), object, &managers), false))
}

/// PATCH as server-side apply. `may_create` is asked before it makes what is not there.
pub(in super::super) fn apply(
    world: &World,
    manner: &Manner<'_>,
    mut config: Value,
    may_create: impl FnOnce() -> Result<(), Refusal>,
) -> Result<Written, Refusal> {
    let (key, schema) = (manner.key, schema::of(manner.key.kind));
    addressed(key, &config)?;
    if !config["metadata"]["managedFields"].is_null() {
        return Err(Refusal::bad_request("metadata.managedFields must be nil"));
    }
    let problems = schema::untyped(&config, schema);
    match problems.as_slice() {
        [] => {}
        [problem] => return Err(Refusal::untyped(key, problem)),
        all => return Err(Refusal::untyped(key, &format!("errors:\n  {}", all.join("\n  ")))),
    }
    if key.kind.custom() {
        without(&mut config, "status");
    }
    let mut change = world.change(Verb::Apply, manner.manager);
    let live = change.get(key);
    match &live {
        Some(live) => preconditions(key, live, &config)?,
        None => {
            may_create()?;
            if !config["metadata"]["resourceVersion"].as_str().unwrap_or("").is_empty() {
                return Err(Refusal::version_on_create(key));
            }
            roomy(&change.get(&namespace(key)), key)?;
        }
    }
    let before = live.as_deref().cloned().unwrap_or_else(|| json!({ "metadata": {} }));
    let mut managers = Managers::of(&before);
    let who = Who::applying(manner.manager);
    let object = managers
        .apply(&who, &before, &config, manner.force, key.kind, &now())
        .map_err(|conflicts| super::conflict::refusal(&conflicts))?;
    checked(key, &object)?;
    Ok((finish(&mut change, key, live.as_deref(), object, &managers), live.is_none()))
}

/// A body has to be of the kind, name and namespace that the path names, where it says any.
pub(super) fn addressed(key: &Key, body: &Value) -> Result<(), Refusal> {
    let kind = Kind::of_object(body);
    if !body["apiVersion"].is_string() || !body["kind"].is_string() {
        return Err(Refusal::bad_request("Object 'Kind' is missing: apiVersion and kind have to be set"));
    }
    if kind != Some(key.kind) {
        let version = body["apiVersion"].as_str().unwrap_or("");
        return Err(Refusal::bad_request(format!(
            "the API version in the data ({version}) does not match the expected API version ({})",
            key.kind.api_version()
        )));
    }
    for (what, field, wanted) in [("name", "name", &key.name), ("namespace", "namespace", &key.namespace)] {
        let given = body["metadata"][field].as_str().unwrap_or("");
        if !given.is_empty() && given != wanted {
            return Err(Refusal::bad_request(format!(
                "the {what} of the object ({given}) does not match the {what} on the URL ({wanted})"
            )));
        }
    }
    Ok(())
}

fn preconditions(key: &Key, live: &Value, body: &Value) -> Result<(), Refusal> {
    let given = |name: &str| body["metadata"][name].as_str().filter(|text| !text.is_empty());
    let (uid, version) = (&live["metadata"]["uid"], &live["metadata"]["resourceVersion"]);
    if let Some(given) = given("uid").filter(|given| uid != given) {
        return Err(Refusal::precondition(key, "UID", given, uid.as_str().unwrap_or("")));
    }
    if given("resourceVersion").is_some_and(|given| version != given) {
        return Err(Refusal::modified(key));
    }
    Ok(())
}

fn namespace(key: &Key) -> Key {
    Key::new(Kind::Namespace, "", &key.namespace)
}

fn roomy(namespace_object: &Option<Arc<Value>>, key: &Key) -> Result<(), Refusal> {
    if key.kind.namespaced() && namespace_object.is_none() {
        return Err(Refusal::not_found(&namespace(key)));
    }
    Ok(())
}

fn checked(key: &Key, object: &Value) -> Result<(), Refusal> {
    misnamed(key, object)?;
    let causes: Vec<Cause> = schema::wrong(object, schema::of(key.kind));
    if causes.is_empty() { Ok(()) } else { Err(Refusal::invalid(key, &causes)) }
}

fn without(object: &mut Value, field: &str) {
    if let Some(object) = object.as_object_mut() {
        object.remove(field);
    }
}

/// Makes a field what it is in another object, or takes it out.
fn replace(object: &mut Value, from: &Value, field: &str) {
    match &from[field] {
        Value::Null => without(object, field),
        value => object[field] = value.clone(),
    }
}

fn merge_patch(value: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *value = patch.clone();
        return;
    };
    if !value.is_object() {
        *value = json!({});
    }
    for (name, patch) in patch {
        if patch.is_null() {
            without(value, name);
        } else {
            merge_patch(&mut value[name.as_str()], patch);
        }
    }
}
