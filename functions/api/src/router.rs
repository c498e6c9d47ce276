//! The router: the same in Lambda and in the local stack.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    auth::{admit, authenticate},
    http::{catch_panic, limit_body, limit_rate, observe},
    openapi,
    problem::{Code, Problem},
    routes as r,
    state::ApiState,
};

/// The whole API.
pub fn router(state: ApiState) -> Router {
    let (open, mut document) = open().split_for_parts();
    let (guarded, with_credentials) = guarded().split_for_parts();
    document.merge(with_credentials);
    let document = Arc::new(openapi::complete(document));
    let guarded = guarded
        .layer(from_fn_with_state(state.clone(), admit))
        .layer(from_fn_with_state(state.clone(), limit_rate))
        .layer(from_fn_with_state(state.clone(), authenticate));
    open.merge(guarded)
        .route("/v1/openapi.json", get(move || served(document.clone())))
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(state.clone(), limit_body))
        .layer(from_fn(catch_panic))
        .layer(from_fn(observe))
        .with_state(state)
}

/// Routes without credentials.
pub(crate) fn open() -> OpenApiRouter<ApiState> {
    OpenApiRouter::with_openapi(openapi::empty())
        .routes(routes!(r::health::get_health))
        .routes(routes!(r::invitations::accept))
        .routes(routes!(r::unsubscribe::show_unsubscribe, r::unsubscribe::unsubscribe))
        .routes(routes!(r::dns_page::show_page))
        .routes(routes!(r::dns_page::look_now))
        .routes(routes!(r::provider_events::resend))
        .routes(routes!(r::provider_events::ses))
}

/// Routes that need credentials.
pub(crate) fn guarded() -> OpenApiRouter<ApiState> {
    let mut router = OpenApiRouter::new()
        .routes(routes!(r::onboard::onboard_tenant, r::tenants::list_tenants))
        .routes(routes!(r::tenants::get_tenant, r::tenant_change::change_tenant))
        .routes(routes!(r::tenant_status::suspend_tenant))
        .routes(routes!(r::tenant_status::resume_tenant))
        .routes(routes!(r::imports::begin::import_tenants, r::imports::show::list_imports))
        .routes(routes!(r::imports::show::get_import))
        .routes(routes!(r::imports::rows::list_rows))
        .routes(routes!(r::runs::list_runs))
        .routes(routes!(r::bulk::bulk_runs))
        .routes(routes!(r::runs::get_run))
        .routes(routes!(r::pause::pause_run))
        .routes(routes!(r::pause::resume_run))
        .routes(routes!(r::cancel_preview::preview_cancel))
        .routes(routes!(r::timeline::get_timeline))
        .routes(routes!(r::signals::signal_run))
        .routes(routes!(r::signals::cancel_run))
        .routes(routes!(r::retry::retry_run))
        .routes(routes!(r::credential::read_credential))
        .routes(routes!(r::drills::start_drill))
        .routes(routes!(r::tasks::list_tasks))
        .routes(routes!(r::tasks::get_task))
        .routes(routes!(r::task_answer::answer))
        .routes(routes!(r::task_claim::claim))
        .routes(routes!(r::task_claim::release))
        .routes(routes!(r::audit::list_audit))
        .routes(routes!(r::audit::verify_audit))
        .routes(routes!(r::audit::list_chains))
        .routes(routes!(r::audit_export::export_audit))
        .routes(routes!(r::keys::create_key, r::keys::list_keys))
        .routes(routes!(r::revoke::revoke_key))
        .routes(routes!(r::email_settings::get_email_settings, r::email_settings_change::change_email_settings))
        .routes(routes!(r::suppressions::list_suppressions, r::suppressions::add_suppression))
        .routes(routes!(r::suppressions::get_suppression, r::suppressions::remove_suppression))
        .routes(routes!(r::preferences::get_defaults, r::preferences::put_defaults))
        .routes(routes!(r::preferences::get_preferences, r::preferences::put_preferences))
        .routes(routes!(r::sending::pause_sending))
        .routes(routes!(r::sending::resume_sending))
        .routes(routes!(r::providers::list_providers))
        .routes(routes!(r::providers::validate_provider))
        .routes(routes!(r::me::get_me))
        .routes(routes!(r::overview::get_overview))
        .routes(routes!(r::messages::send::send_message, r::messages::list::list_messages))
        .routes(routes!(r::messages::show::get_message))
        .routes(routes!(r::messages::show::get_content))
        .routes(routes!(r::messages::timeline::get_message_timeline))
        .routes(routes!(r::messages::change::cancel_message))
        .routes(routes!(r::messages::change::reschedule_message))
        .routes(routes!(r::messages::explain::explain_wanted))
        .routes(routes!(r::messages::explain::explain_message))
        .routes(routes!(r::messages::stats::get_stats))
        .routes(routes!(r::messages::batch::send_batch));
    router = router
        .routes(routes!(r::templates::system::list_system_templates))
        .routes(routes!(r::templates::show::list_templates))
        .routes(routes!(r::templates::show::get_template))
        .routes(routes!(
            r::templates::show::get_template_locale,
            r::templates::draft::put_template,
            r::templates::draft::reset_template
        ))
        .routes(routes!(r::templates::publish::publish_template))
        .routes(routes!(r::templates::preview::preview_template))
        .routes(routes!(r::templates::trial::test_template))
        .routes(routes!(r::templates::versions::list_template_versions))
        .routes(routes!(r::templates::versions::restore_template));
    router = router
        .routes(routes!(r::email_domains::list::list_email_domains, r::email_domains::add::add_email_domain))
        .routes(routes!(r::email_domains::list::get_email_domain, r::email_domains::turn::remove_email_domain))
        .routes(routes!(r::email_domains::turn::check_email_domain))
        .routes(routes!(r::email_domains::records::list_email_domain_records))
        .routes(routes!(r::email_domains::share::create_email_domain_link))
        .routes(routes!(r::email_domains::operators::list_all_email_domains))
        .routes(routes!(r::email_domains::operators::list_orphans));
    router = router
        .routes(routes!(
            r::portal_domains::show::get_portal_domain,
            r::portal_domains::set::set_portal_domain,
            r::portal_domains::turn::remove_portal_domain
        ))
        .routes(routes!(r::portal_domains::turn::refresh_portal_domain))
        .routes(routes!(r::portal_domains::turn::retry_portal_domain))
        .routes(routes!(r::portal_domains::operators::list_portal_domains))
        .routes(routes!(r::portal_domains::syncs::start_portal_sync))
        .routes(routes!(r::portal_domains::syncs::refresh_standing))
        .routes(routes!(r::portal_domains::syncs::get_portal_sync));
    router = router
        .routes(routes!(r::webhooks::types::list_event_types))
        .routes(routes!(r::webhooks::show::list_webhook_endpoints, r::webhooks::add::add_webhook_endpoint))
        .routes(routes!(
            r::webhooks::show::get_webhook_endpoint,
            r::webhooks::change::change_webhook_endpoint,
            r::webhooks::change::remove_webhook_endpoint
        ))
        .routes(routes!(r::webhooks::secret::rotate_webhook_secret))
        .routes(routes!(r::webhooks::send::test_webhook_endpoint))
        .routes(routes!(r::webhooks::send::replay_missed))
        .routes(routes!(r::webhooks::deliveries::list_webhook_deliveries))
        .routes(routes!(r::webhooks::deliveries::get_webhook_delivery))
        .routes(routes!(r::webhooks::send::replay_delivery));
    router = router
        .routes(routes!(r::offboarding::begin::offboard_tenant, r::offboarding::show::get_offboarding))
        .routes(routes!(r::offboarding::turn::restore_tenant))
        .routes(routes!(r::offboarding::turn::remove_now))
        .routes(routes!(r::exports::begin::export_tenant, r::exports::show::list_exports))
        .routes(routes!(r::exports::show::get_export))
        .routes(routes!(r::exports::part::get_export_part));
    openapi::guard(router.get_openapi_mut());
    router
}

async fn served(document: Arc<utoipa::openapi::OpenApi>) -> Response {
    let mut response = Json(&*document).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

async fn no_such_route() -> Problem {
    Problem::new(Code::RouteNotFound, "There is nothing at this path.")
}

async fn no_such_method(request: Request) -> Problem {
    Problem::new(Code::MethodNotAllowed, format!("There is no {} at this path.", request.method()))
}

#[cfg(test)]
mod tests;
