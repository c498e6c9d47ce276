//! From a request to what it does and back.

use super::super::kind::{Key, Kind};
use super::super::misbehave::{Fault, Strikes, Verb};
use super::super::schema;
use super::delete::{Deleted, Options};
use super::door::Door;
use super::read::Wanted;
use super::shape::Shape;
use super::target::Target;
use super::write::{Manner, Written};
use super::{Refusal, delete, discovery, read, review, write};
use crate::wire::Cut;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// As large as the original's.
const MAX_BODY: usize = 3 * 1024 * 1024;

/// The whole API.
pub(in super::super) fn router(door: Arc<Door>) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(door)
}

/// What a request may say in its query.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Said {
    field_manager: String,
    force: bool,
    field_validation: String,
    propagation_policy: Option<String>,
    dry_run: String,
}

struct Request {
    target: Target,
    verb: Verb,
    said: Said,
    wanted: Wanted,
    shape: Shape,
    agent: String,
    body: Bytes,
}

#[allow(clippy::too_many_arguments)] // What axum hands over.
async fn answer(
    State(door): State<Arc<Door>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    method: Method,
    uri: Uri,
    Query(said): Query<Said>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path();
    if ["/version", "/livez", "/readyz", "/healthz"].contains(&path) {
        return discovery::answer(&door, path)
            .map_or_else(|| "ok".into_response(), |found| Json(found).into_response());
    }
    if let Err(refusal) = door.authorize(&headers) {
        return refusal.into_response();
    }
    if method == Method::POST && path == review::PATH {
        return match parse(&body) {
            Ok(asked) => (StatusCode::CREATED, Json(review::answer(&door, &asked))).into_response(),
            Err(refusal) => refusal.into_response(),
        };
    }
    let Some(target) = Target::of(path).filter(|target| door.knows(target.key.kind)) else {
        let found = if method == Method::GET { discovery::answer(&door, path) } else { None };
        // A path of no kind is answered in plain text, so that "no such kind" differs from "no such object".
        return found.map_or_else(
            || (StatusCode::NOT_FOUND, "404 page not found\n").into_response(),
            |found| Json(found).into_response(),
        );
    };
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let verb = match verb(&method, text(CONTENT_TYPE), target.one()) {
        Ok(verb) => verb,
        Err(refusal) => return refusal.into_response(),
    };
    let agent = text(USER_AGENT).split('/').next().unwrap_or("").to_owned();
    let request = Request { target, verb, said, wanted, shape: Shape::wanted(&headers), agent, body };
    suffered(&door, &cut, request).await
}

fn verb(method: &Method, content_type: &str, one: bool) -> Result<Verb, Refusal> {
    let kind = content_type.split(';').next().unwrap_or("").trim();
    Ok(match (method.as_str(), one) {
        ("GET", true) => Verb::Get,
        ("GET", false) => Verb::List,
        ("POST", false) => Verb::Create,
        ("PUT", true) => Verb::Update,
        ("DELETE", true) => Verb::Delete,
        ("PATCH", true) if kind == "application/apply-patch+yaml" => Verb::Apply,
        ("PATCH", true) if kind == "application/merge-patch+json" => Verb::Patch,
        ("PATCH", true) => {
            let message = "the body of the request was in an unknown format - accepted media types include: \
                           application/merge-patch+json, application/apply-patch+yaml";
            return Err(Refusal::new(415, "UnsupportedMediaType", message));
        }
        _ => return Err(Refusal::method_not_allowed()),
    })
}

/// Does what is asked, and what the rules say to those who ask it.
async fn suffered(door: &Arc<Door>, cut: &Cut, request: Request) -> Response {
    let key = request.target.key.clone();
    let (note, strikes) = door.note(request.verb, &key, request.wanted.continued());
    let response = match &strikes.before {
        Some(fault) => suffer(door, cut, &key, fault).await,
        None => {
            pause(door, &strikes).await;
            let done = act(door, &request);
            match (&strikes.after, done) {
                // A request that was refused had no effect to come after.
                (Some(fault), Ok(_)) => suffer(door, cut, &key, fault).await,
                (_, done) => done.unwrap_or_else(IntoResponse::into_response),
            }
        }
    };
    door.answered(note, response.status().as_u16());
    response
}

async fn pause(door: &Door, strikes: &Strikes) {
    if let Some(delay) = strikes.slow {
        tokio::time::sleep(delay).await;
    }
    if strikes.hold {
        door.gate.wait().await;
    }
}

async fn suffer(door: &Door, cut: &Cut, key: &Key, fault: &Fault) -> Response {
    match fault {
        Fault::Error(code) => {
            let reason = match code {
                401 => "Unauthorized",
                403 => "Forbidden",
                409 => "Conflict",
                500 => "InternalError",
                503 => "ServiceUnavailable",
                504 => "Timeout",
                _ => "",
            };
            Refusal::new(*code, reason, "as a rule of the stand-in says").into_response()
        }
        Fault::TooManyRequests(seconds) => Refusal::too_many(*seconds).into_response(),
        Fault::Refused(words) => {
            let cause = super::Cause { reason: "FieldValueInvalid", message: words.clone(), field: "spec".to_owned() };
            Refusal::invalid(key, &[cause]).into_response()
        }
        Fault::Untyped(problem) => Refusal::untyped(key, problem).into_response(),
        Fault::Gone => Refusal::expired().into_response(),
        Fault::Garbage => "<html><body>Something went wrong</body></html>".into_response(),
        Fault::Reset => {
            cut.cut();
            ().into_response()
        }
        // Silence, which ends with the server; what only delays never comes here.
        _ => {
            door.background.ended().await;
            cut.cut();
            ().into_response()
        }
    }
}

fn act(door: &Door, request: &Request) -> Result<Response, Refusal> {
    let Request { target, verb, said, shape, body, .. } = request;
    let (world, mut key) = (&door.world, target.key.clone());
    let whole = |value: Value| Ok(Json(value).into_response());
    if !said.dry_run.is_empty() {
        return Err(Refusal::bad_request("the stand-in has no dry run"));
    }
    match verb {
        Verb::Create => {}
        _ => door.allow(verb.as_str(), &key)?,
    }
    match verb {
        Verb::Get => whole(read::get(world, &key, *shape)?),
        Verb::List => whole(read::list(world, &key, &request.wanted, *shape)?),
        Verb::Delete => {
            let body = if body.is_empty() { Value::Null } else { parse(body)? };
            let options = Options::read(&body, said.propagation_policy.as_deref());
            match delete(world, &key, request.manager(), &options)? {
                Deleted::Waits(object) => whole(shape.object(&object)),
                Deleted::Gone(object) => whole(json!({
                    "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
                    "details": {
                        "name": key.name, "group": key.kind.group(), "kind": key.kind.plural(),
                        "uid": object["metadata"]["uid"],
                    },
                })),
            }
        }
        Verb::Create => {
            let mut body = parse(body)?;
            if key.name.is_empty() {
                key.name = named(&mut body)?;
            }
            door.allow("create", &key)?;
            write::addressed(&key, &body)?;
            let unknown = request.validated(&mut body, key.kind)?;
            request.written(write::create(world, &request.manner(&key), body, false)?, &unknown)
        }
        Verb::Update => {
            let mut body = parse(body)?;
            write::addressed(&key, &body)?;
            let unknown = request.validated(&mut body, key.kind)?;
            request.written(write::update(world, &request.manner(&key), &body)?, &unknown)
        }
        Verb::Patch => {
            let mut body = parse(body)?;
            let unknown = request.validated(&mut body, key.kind)?;
            request.written(write::patch(world, &request.manner(&key), &body)?, &unknown)
        }
        Verb::Apply => {
            if said.field_manager.is_empty() {
                let words = "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for \
                             apply patch";
                return Err(Refusal::new(422, "Invalid", words));
            }
            let body = parse(body)?;
            let may_create = || door.allow("create", &key);
            request.written(write::apply(world, &request.manner(&key), body, may_create)?, &[])
        }
    }
}

impl Request {
    /// The manager a client names, or its program's name.
    fn manager(&self) -> &str {
        let said = &self.said.field_manager;
        if said.is_empty() { if self.agent.is_empty() { "unknown" } else { &self.agent } } else { said }
    }

    fn manner<'a>(&'a self, key: &'a Key) -> Manner<'a> {
        Manner { key, status: self.target.status, manager: self.manager(), force: self.said.force }
    }

    /// Takes out of a body what the kind does not have, and says what that was; or refuses it, where validation is strict.
    fn validated(&self, body: &mut Value, kind: Kind) -> Result<Vec<String>, Refusal> {
        let unknown = schema::prune(body, schema::of(kind));
        let words: Vec<String> =
            unknown.iter().map(|path| format!("unknown field \"{}\"", path.trim_start_matches('.'))).collect();
        if self.said.field_validation == "Strict" && !words.is_empty() {
            return Err(Refusal::bad_request(format!("strict decoding error: {}", words.join(", "))));
        }
        Ok(if self.said.field_validation == "Ignore" { Vec::new() } else { words })
    }

    fn written(&self, (object, created): Written, warnings: &[String]) -> Result<Response, Refusal> {
        let status = if created { StatusCode::CREATED } else { StatusCode::OK };
        let mut response = (status, Json(self.shape.object(&object))).into_response();
        for warning in warnings {
            if let Ok(value) = HeaderValue::from_str(&format!("299 - \"{}\"", warning.replace('"', "\\\""))) {
                response.headers_mut().append(HeaderName::from_static("warning"), value);
            }
        }
        Ok(response)
    }
}

/// JSON or YAML, which holds JSON.
fn parse(body: &[u8]) -> Result<Value, Refusal> {
    let read = serde_json::from_slice(body).ok();
    let read = read.or_else(|| serde_saphyr::from_slice::<Value>(body).ok()).filter(Value::is_object);
    read.ok_or_else(|| Refusal::bad_request("error decoding the body: it is neither a JSON nor a YAML object"))
}

/// The name in a new object, made up where it only says how it begins.
fn named(body: &mut Value) -> Result<String, Refusal> {
    if let Some(name) = body["metadata"]["name"].as_str() {
        return Ok(name.to_owned());
    }
    let Some(begins) = body["metadata"]["generateName"].as_str() else {
        return Err(Refusal::new(422, "Invalid", "metadata.name: Required value: name or generateName is required"));
    };
    let end = uuid::Uuid::new_v4().simple().to_string();
    let name = format!("{begins}{}", &end[..5]);
    body["metadata"]["name"] = json!(name);
    Ok(name)
}
