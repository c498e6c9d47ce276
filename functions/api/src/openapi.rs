//! The OpenAPI 3.1 document: made from the routes, completed with what every route has in common.

use utoipa::{
    OpenApi as _,
    openapi::{
        Content, HeaderBuilder, HttpMethod, OpenApi, Ref, RefOr, Required, Response, Type,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        schema::ObjectBuilder,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::{problem::Code, router};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Tenantry",
        version = "1",
        description = "Onboards tenants. Long work answers 202 with a run; `?wait=` waits for it, up to 25 s.\n\n\
            Every answer that is not a success is `application/problem+json` (RFC 9457) with a stable `code`. \
            Lists go on with `after` and `next_cursor`. Every POST with credentials takes an `Idempotency-Key`: the same request \
            sent again is answered as before, marked `Idempotent-Replayed: true`, for 24 hours.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact()
    ),
    components(schemas(crate::problem::ProblemBody, crate::problem::FieldError, Code)),
    tags(
        (name = "Tenants", description = "Who lives on the platform."),
        (name = "Runs", description = "Work that takes longer than a request."),
        (name = "Tasks", description = "Questions to people."),
        (name = "API keys", description = "Credentials of machines."),
        (name = "Audit", description = "Who did what."),
        (name = "Messages", description = "Mail: sent, found, explained, called off."),
        (name = "Mail", description = "How mail looks, who does not get it, what carries it, and what became of it."),
        (name = "Email domains", description = "Sending domains that tenants bring: added, looked at, removed."),
        (name = "Portals", description = "Hostnames that tenants bring for their portals: set, looked at, removed; and how they come into the cluster."),
        (name = "Templates", description = "What mail is made of: the system's words, and tenants' own."),
        (name = "Webhooks", description = "Where tenants want to be told of events (Standard Webhooks), and how each delivery went."),
        (name = "Invitations", description = "Single-use links."),
        (name = "Platform", description = "The platform itself."),
    )
)]
struct Document;

/// The document without routes.
pub(crate) fn empty() -> OpenApi {
    Document::openapi()
}

/// The whole document, as it is served and committed.
#[must_use]
pub fn openapi() -> OpenApi {
    let mut document = router::open().into_openapi();
    document.merge(router::guarded().into_openapi());
    complete(document)
}

/// What routes with credentials have in common.
pub(crate) fn guard(document: &mut OpenApi) {
    each(document, |method, operation| {
        operation.security = Some(vec![
            SecurityRequirement::new::<_, [String; 0], String>("token", []),
            SecurityRequirement::new::<_, [String; 0], String>("apiKey", []),
        ]);
        problem(operation, &[Code::Unauthenticated, Code::TokenInvalid, Code::TokenExpired, Code::KeyInvalid]);
        problem(operation, &[Code::PermissionMissing, Code::TenantClaimMissing, Code::PlatformOnly]);
        // Who they are is told to anybody.
        if operation.operation_id.as_deref() != Some("getMe") {
            problem(operation, &[Code::TenantSuspended, Code::TenantOffboarding]);
        }
        problem(operation, &[Code::RateLimited]);
        problem(operation, &[Code::IssuerUnavailable]);
        if method == HttpMethod::Post && operation.request_body.is_some() {
            operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
            problem(operation, &[Code::InvalidHeader]);
            problem(operation, &[Code::IdempotencyInFlight]);
            problem(operation, &[Code::IdempotencyKeyReused]);
            problem(operation, &[Code::Busy]);
        }
        // Whoever was not let in is not counted.
        for (_, response) in operation.responses.responses.iter_mut().filter(|(status, _)| *status != "401") {
            if let RefOr::T(response) = response {
                header(response, "RateLimit", "How many requests are left, and when the whole quota is there again.");
                header(response, "RateLimit-Policy", "How many requests in how many seconds.");
            }
        }
    });
}

/// What all routes have in common, and the ways to authenticate.
pub(crate) fn complete(mut document: OpenApi) -> OpenApi {
    each(&mut document, |_, operation| {
        let parameters = operation.parameters.as_deref().unwrap_or_default();
        let any = |place: &ParameterIn| {
            parameters.iter().any(|parameter| matches!(parameter, RefOr::T(p) if p.parameter_in == *place))
        };
        let (in_path, in_query) = (any(&ParameterIn::Path), any(&ParameterIn::Query));
        if in_path || in_query {
            problem(operation, &[Code::InvalidParameter]);
        }
        if in_path {
            problem(operation, &[Code::NotFound]);
        }
        if operation.request_body.is_some() {
            problem(operation, &[Code::MalformedJson]);
            problem(operation, &[Code::BodyTooLarge]);
            problem(operation, &[Code::UnsupportedMediaType]);
            problem(operation, &[Code::InvalidBody]);
        }
        problem(operation, &[Code::InternalError]);
        problem(operation, &[Code::DatabaseUnavailable]);
        for (status, response) in &mut operation.responses.responses {
            if let RefOr::T(response) = response {
                if status.starts_with(['4', '5']) {
                    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
                    response.content.insert("application/problem+json".to_owned(), problem.into());
                }
                header(response, "X-Request-Id", "The request, as in our logs; yours, where you sent one.");
            }
        }
    });
    let components = document.components.get_or_insert_default();
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("A token of your identity provider, or an API key (`tk_...`)."))
        .build();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    let key = ApiKeyValue::with_description("x-api-key", "An API key (`tk_...`).");
    components.add_security_scheme("apiKey", SecurityScheme::ApiKey(ApiKey::Header(key)));
    document
}

fn each(document: &mut OpenApi, mut change: impl FnMut(HttpMethod, &mut Operation)) {
    for PathItem { get, post, put, patch, delete, .. } in document.paths.paths.values_mut() {
        for (method, operation) in [
            (HttpMethod::Get, get),
            (HttpMethod::Post, post),
            (HttpMethod::Put, put),
            (HttpMethod::Patch, patch),
            (HttpMethod::Delete, delete),
        ] {
            if let Some(operation) = operation {
                change(method, operation);
            }
        }
    }
}

/// Documents codes of one status; what the route itself says of that status stays in front.
fn problem(operation: &mut Operation, codes: &[Code]) {
    let Some(status) = codes.first().map(|code| code.status().to_string()) else { return };
    let entry = operation.responses.responses.entry(status).or_insert_with(|| RefOr::T(Response::default()));
    let RefOr::T(response) = entry else { return };
    let mut words: Vec<String> = response.description.split_inclusive('.').map(|word| word.trim().to_owned()).collect();
    words.extend(codes.iter().map(|code| format!("`{}`: {}.", code.as_str(), code.title())));
    response.description = words.join(" ");
}

fn header(response: &mut Response, name: &str, description: &str) {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    let header = HeaderBuilder::new().schema(Some(text)).description(Some(description)).build();
    response.headers.insert(name.to_owned(), header.into());
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255)).build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Makes a repeated request one request."))
        .schema(Some(text))
        .build()
}

#[cfg(test)]
mod tests;
