//! Every page and every form there is, and what each says to whom.

use std::{fs, path::Path};

use super::super::api::isolation::Things;

/// A page or a form.
pub(super) struct Row {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// What is sent, besides the session's token; so that nothing comes of it where that is possible.
    pub(super) form: &'static str,
    /// What an operator, an administrator and a member of the tenant, and an administrator of another tenant are answered: the status, and
    /// with a 403 the permission that is named.
    pub(super) answers: [&'static str; 4],
}

const fn row(method: &'static str, path: &'static str, form: &'static str, answers: [&'static str; 4]) -> Row {
    Row { method, path, form, answers }
}

/// In the order in which they are asked: what takes something away stands last among its own.
pub(super) const ROWS: [Row; 99] = [
    row("GET", "/", "", ["200", "200", "200", "200"]),
    row("GET", "/runs", "", ["200", "200", "200", "200"]),
    row("GET", "/runs/bulk?kind=drill", "", ["200", "403 runs.manage", "403 runs.manage", "403 runs.manage"]),
    row("POST", "/runs/bulk", "action=explode", ["422", "403 runs.manage", "403 runs.manage", "403 runs.manage"]),
    row("GET", "/runs/{run}", "", ["200", "200", "200", "404"]),
    row("GET", "/runs/{run}/live", "", ["200", "200", "200", "404"]),
    row("GET", "/runs/{run}/cancel", "", ["200", "403 runs.manage", "403 runs.manage", "404"]),
    row("POST", "/runs/{run}/cancel", "reason=", ["409", "403 runs.manage", "403 runs.manage", "403 runs.manage"]),
    row("POST", "/runs/{run}/retry", "", ["303", "403 runs.manage", "403 runs.manage", "403 runs.manage"]),
    row("POST", "/runs/{run}/pause", "", ["303", "403 runs.manage", "403 runs.manage", "403 runs.manage"]),
    row("POST", "/runs/{run}/resume", "", ["303", "403 runs.manage", "403 runs.manage", "403 runs.manage"]),
    row(
        "POST",
        "/runs/{run}/credential",
        "",
        ["200", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"],
    ),
    row("GET", "/tenants", "", ["200", "200", "200", "200"]),
    row("GET", "/tenants/new", "", ["200", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"]),
    row(
        "POST",
        "/tenants/new",
        "tenantName=",
        ["422", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"],
    ),
    row("GET", "/tenants/import", "", ["200", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"]),
    row("POST", "/tenants/import", "file=x", ["422", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"]),
    row("GET", "/imports/{import}", "", ["200", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"]),
    row("GET", "/imports/{import}/live", "", ["200", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"]),
    row("GET", "/tenants/{tenant}", "", ["200", "200", "200", "404"]),
    row(
        "POST",
        "/tenants/{tenant}",
        "name=Other",
        ["412", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/suspend",
        "reason=",
        ["422", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/resume",
        "",
        ["303", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"],
    ),
    row("GET", "/tenants/{tenant}/offboarding", "", ["200", "403 tenants.manage", "403 tenants.manage", "404"]),
    row(
        "POST",
        "/tenants/{tenant}/offboarding",
        "slug=wrong",
        ["422", "403 tenants.manage", "403 tenants.manage", "404"],
    ),
    row("GET", "/tenants/{tenant}/offboarding/live", "", ["200", "403 tenants.manage", "403 tenants.manage", "404"]),
    row(
        "POST",
        "/tenants/{tenant}/offboarding/restore",
        "",
        ["409", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/offboarding/remove-now",
        "",
        ["409", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"],
    ),
    row("GET", "/tenants/{tenant}/exports", "", ["200", "403 tenants.manage", "403 tenants.manage", "404"]),
    row("GET", "/tenants/{tenant}/exports/live", "", ["200", "403 tenants.manage", "403 tenants.manage", "404"]),
    row(
        "GET",
        "/tenants/{tenant}/exports/{export}/parts/1",
        "",
        ["200", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/exports",
        "",
        ["303", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"],
    ),
    row("GET", "/tenants/{tenant}/email/domains", "", ["200", "200", "200", "404"]),
    row("GET", "/tenants/{tenant}/email/domains/live", "", ["200", "200", "200", "404"]),
    row("GET", "/tenants/{tenant}/email/domains/new", "", ["200", "200", "403 settings.manage_email", "404"]),
    row("POST", "/tenants/{tenant}/email/domains", "name=acme", ["422", "422", "403 settings.manage_email", "404"]),
    row("GET", "/tenants/{tenant}/email/domains/{domain}", "", ["200", "200", "200", "404"]),
    row("GET", "/tenants/{tenant}/email/domains/{domain}/live", "", ["200", "200", "200", "404"]),
    row(
        "POST",
        "/tenants/{tenant}/email/domains/{domain}/check",
        "",
        ["303", "303", "403 settings.manage_email", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/email/domains/{domain}/link",
        "hours=0",
        ["422", "422", "403 settings.manage_email", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/email/domains/{domain}/remove",
        "",
        ["303", "303", "403 settings.manage_email", "404"],
    ),
    row("GET", "/tenants/{tenant}/email", "", ["200", "200", "200", "404"]),
    row("POST", "/tenants/{tenant}/email", "tier=none", ["422", "422", "403 settings.manage_email", "404"]),
    row(
        "POST",
        "/tenants/{tenant}/email/pause",
        "reason=",
        ["422", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/email/resume",
        "",
        ["422", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"],
    ),
    row("POST", "/tenants/{tenant}/email/notifications", "more=X", ["422", "422", "403 settings.manage_email", "404"]),
    row("POST", "/tenants/{tenant}/email/explain", "to=nobody", ["422", "422", "403 messages.send", "404"]),
    row("GET", "/tenants/{tenant}/email/templates", "", ["200", "200", "403 settings.manage_email", "404"]),
    row("POST", "/tenants/{tenant}/email/templates", "name=No", ["400", "400", "403 settings.manage_email", "404"]),
    row("GET", "/tenants/{tenant}/email/templates/{template}", "", ["200", "200", "403 settings.manage_email", "404"]),
    row(
        "GET",
        "/tenants/{tenant}/email/templates/{template}/{locale}",
        "",
        ["200", "200", "403 settings.manage_email", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/email/templates/{template}/{locale}",
        "subject=",
        ["422", "422", "403 settings.manage_email", "404"],
    ),
    row(
        "GET",
        "/tenants/{tenant}/email/templates/{template}/{locale}/preview",
        "",
        ["200", "200", "403 settings.manage_email", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/email/templates/{template}/{locale}/publish",
        "",
        ["409", "409", "403 settings.manage_email", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/email/templates/{template}/{locale}/test",
        "",
        ["422", "422", "403 settings.manage_email", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/email/templates/{template}/{locale}/restore",
        "version=0",
        ["422", "422", "403 settings.manage_email", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/email/templates/{template}/{locale}/reset",
        "",
        ["303", "303", "403 settings.manage_email", "404"],
    ),
    row("GET", "/tenants/{tenant}/email/suppressions", "", ["200", "200", "403 messages.read", "404"]),
    row(
        "POST",
        "/tenants/{tenant}/email/suppressions",
        "address=x",
        ["422", "422", "403 settings.manage_email", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/email/suppressions/remove",
        "address={address}",
        ["303", "303", "403 settings.manage_email", "404"],
    ),
    row("GET", "/tenants/{tenant}/portal", "", ["200", "200", "200", "404"]),
    row("GET", "/tenants/{tenant}/portal/live", "", ["200", "200", "200", "404"]),
    row("POST", "/tenants/{tenant}/portal", "domain=acme", ["422", "422", "403 settings.manage_portal", "404"]),
    row(
        "POST",
        "/tenants/{tenant}/portal/refresh",
        "domain=none.acme.test",
        ["404", "404", "403 settings.manage_portal", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/portal/retry",
        "domain=none.acme.test",
        ["404", "404", "403 settings.manage_portal", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/portal/remove",
        "domain=none.acme.test",
        ["404", "404", "403 settings.manage_portal", "404"],
    ),
    row("GET", "/tenants/{tenant}/webhooks", "", ["200", "200", "403 settings.manage_webhooks", "404"]),
    row("POST", "/tenants/{tenant}/webhooks", "url=x", ["422", "422", "403 settings.manage_webhooks", "404"]),
    row("GET", "/tenants/{tenant}/webhooks/new", "", ["200", "200", "403 settings.manage_webhooks", "404"]),
    row(
        "GET",
        "/tenants/{tenant}/webhooks/deliveries/{delivery}",
        "",
        ["200", "200", "403 settings.manage_webhooks", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/webhooks/deliveries/{delivery}/replay",
        "",
        ["303", "303", "403 settings.manage_webhooks", "404"],
    ),
    row("GET", "/tenants/{tenant}/webhooks/{endpoint}", "", ["200", "200", "403 settings.manage_webhooks", "404"]),
    row("GET", "/tenants/{tenant}/webhooks/{endpoint}/live", "", ["200", "200", "403 settings.manage_webhooks", "404"]),
    row(
        "POST",
        "/tenants/{tenant}/webhooks/{endpoint}",
        "url=x",
        ["422", "422", "403 settings.manage_webhooks", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/webhooks/{endpoint}/switch",
        "status=broken",
        ["422", "422", "403 settings.manage_webhooks", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/webhooks/{endpoint}/rotate",
        "",
        ["200", "200", "403 settings.manage_webhooks", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/webhooks/{endpoint}/test",
        "",
        ["303", "303", "403 settings.manage_webhooks", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/webhooks/{endpoint}/replay",
        "since=never",
        ["422", "422", "403 settings.manage_webhooks", "404"],
    ),
    row(
        "POST",
        "/tenants/{tenant}/webhooks/{endpoint}/remove",
        "",
        ["303", "303", "403 settings.manage_webhooks", "404"],
    ),
    row("GET", "/messages", "", ["200", "200", "403 messages.read", "200"]),
    row("GET", "/messages/{message}", "", ["200", "200", "403 messages.read", "404"]),
    row("GET", "/messages/{message}/live", "", ["200", "200", "403 messages.read", "404"]),
    row("GET", "/messages/{message}/words", "", ["200", "200", "403 messages.read", "404"]),
    row("POST", "/messages/{message}/reschedule", "at={hour}", ["303", "303", "403 messages.send", "404"]),
    row("POST", "/messages/{message}/cancel", "", ["303", "303", "403 messages.send", "404"]),
    row("GET", "/tasks", "", ["200", "200", "403 tasks.answer", "200"]),
    row("GET", "/tasks/{task}", "", ["200", "200", "403 tasks.answer", "404"]),
    row("POST", "/tasks/{task}", "action=explode", ["422", "422", "403 tasks.answer", "404"]),
    row("POST", "/tasks/{task}/claim", "", ["409", "303", "403 tasks.answer", "404"]),
    row("POST", "/tasks/{task}/release", "", ["303", "303", "403 tasks.answer", "404"]),
    row("GET", "/audit", "", ["200", "200", "403 audit.read", "200"]),
    row("GET", "/audit/verify", "", ["200", "200", "403 audit.read", "200"]),
    row("GET", "/audit/verify/live", "", ["200", "200", "403 audit.read", "200"]),
    row("GET", "/audit/export?format=csv", "", ["200", "200", "403 audit.read", "200"]),
    row("GET", "/keys", "", ["200", "200", "403 keys.manage", "200"]),
    row("POST", "/keys", "name=", ["422", "422", "403 keys.manage", "422"]),
    row("POST", "/keys/{key}/revoke", "", ["303", "303", "403 keys.manage", "404"]),
    row("GET", "/providers", "", ["200", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"]),
    row("GET", "/providers/live", "", ["200", "403 tenants.manage", "403 tenants.manage", "403 tenants.manage"]),
];

/// What anybody may open: the way in and out, and what pages are made of.
const OF_ALL: [&str; 5] =
    ["GET /sign-in", "GET /sign-in/callback", "POST /sign-out", "GET /signed-out", "GET /assets/{version}/{name}"];

impl Row {
    /// The path, for these things.
    pub(super) fn path(&self, things: &Things) -> String {
        things.fill(self.path)
    }

    pub(super) fn is_form(&self) -> bool {
        self.method == "POST"
    }

    /// Whether it is a whole page: no piece of one, nothing to download, and no mail in a frame.
    pub(super) fn is_page(&self) -> bool {
        let part = ["/live", "/preview", "/words", "/parts/1", "/export?format=csv"]
            .iter()
            .any(|end| self.path.ends_with(end));
        !self.is_form() && !part
    }

    /// Whether it is a piece of a page that asks for itself.
    pub(super) fn is_piece(&self) -> bool {
        self.path.ends_with("/live")
    }

    fn route(&self) -> (&'static str, &'static str) {
        (self.method, self.path.split('?').next().unwrap_or_default())
    }
}

/// Whether a row is of this route of the console's. What stands in a place of the path is in braces in the table, too; the words of `claim` and
/// `wish` are spelled out.
fn is_of(row: (&str, &str), route: &(String, String)) -> bool {
    let (ours, theirs) = (row.1.split('/'), route.1.split('/'));
    let fits = |(ours, theirs): (&str, &str)| match theirs {
        "{claim}" | "{wish}" | "{part}" => !ours.is_empty(),
        place if place.starts_with('{') => ours.starts_with('{'),
        word => ours == word,
    };
    row.0 == route.0 && ours.clone().count() == theirs.clone().count() && ours.zip(theirs).all(fits)
}

/// The routes in the console's source.
fn routes() -> Vec<(String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/console/src");
    let mut routes = Vec::new();
    read(&source, &mut routes);
    routes
}

fn read(folder: &Path, routes: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            read(&path, routes);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for route in text.split(".route(").skip(1) {
                let route = route.trim_start().trim_start_matches('"');
                let (path, rest) = route.split_once('"').unwrap();
                let rest = rest.split([';', '}']).next().unwrap_or_default();
                let methods = [("GET", "get("), ("POST", "post("), ("PUT", "put("), ("DELETE", "delete(")];
                let found = methods.iter().filter(|(_, call)| rest.contains(call));
                routes.extend(found.map(|(method, _)| ((*method).to_owned(), path.to_owned())));
            }
        }
    }
}

#[test]
fn the_table_holds_every_page_and_every_form_there_is() {
    let routes = routes();
    assert!(routes.len() > 90, "{routes:?}");
    let rows = ROWS.iter().map(Row::route).chain(OF_ALL.iter().filter_map(|all| all.split_once(' ')));
    let rows: Vec<(&str, &str)> = rows.collect();
    let missing: Vec<_> = routes.iter().filter(|route| !rows.iter().any(|row| is_of(*row, route))).collect();
    assert!(missing.is_empty(), "in the console, and not in the table: {missing:#?}");
    let gone: Vec<_> = rows.iter().filter(|row| !routes.iter().any(|route| is_of(**row, route))).collect();
    assert!(gone.is_empty(), "in the table, and not in the console: {gone:#?}");
}
