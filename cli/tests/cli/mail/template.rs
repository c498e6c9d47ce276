use insta::assert_snapshot;
use serde_json::{Value, json};

use super::taken;
use crate::{
    answers::{Reply, list, ok, problem},
    stage::Stage,
};

const TEMPLATES: &str = "/v1/tenants/ten_1/templates";
const WELCOME: &str = "/v1/tenants/ten_1/templates/welcome/de";

fn summary() -> Value {
    json!({ "name": "welcome", "kind": "overridden", "locales": [
        { "locale": "de", "system": true, "published": 3, "draft": 4, "subject": "Willkommen", "updatedAt": "2026-11-21T03:25:36Z" },
        { "locale": "en", "system": true, "published": null, "draft": null, "subject": null, "updatedAt": null },
    ] })
}

fn variables() -> Value {
    json!([
        { "name": "first_name", "meaning": "The given name", "required": true, "example": "Ada" },
        { "name": "count", "meaning": "How many", "required": false, "example": 3 },
    ])
}

fn version(number: u32, status: &str) -> Value {
    json!({ "version": number, "status": status, "subject": "Willkommen, {{first_name}}", "html": "<p>Hallo</p>",
            "writtenBy": "ada@acme.example", "createdAt": "2026-11-20T03:25:36Z", "updatedAt": "2026-11-21T03:25:36Z" })
}

fn named<'a>(command: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["mail", "template", command, "welcome", "de", "--tenant", "ten_1"], more].concat()
}

#[tokio::test]
async fn templates_are_listed_and_shown() {
    let stage = Stage::new().await;
    stage.on(&format!("GET {TEMPLATES}?limit=100"), list(&[summary()], None));
    let ran = stage.run(&["mail", "template", "list", "--tenant", "ten_1", "--all"]).await;
    assert_snapshot!("templates", ran.out);

    let mut whole = summary();
    whole["variables"] = variables();
    stage.on(&format!("GET {TEMPLATES}/welcome"), ok(&whole));
    let ran = stage.run(&["mail", "template", "show", "welcome", "--tenant", "ten_1"]).await;
    assert_snapshot!("template", ran.out);

    let system = json!({ "name": "welcome", "locales": ["de", "en"], "variables": variables() });
    stage.on("GET /v1/templates", list(&[system], None));
    assert_snapshot!("system", stage.run(&["mail", "template", "list", "--system"]).await.out);
}

#[tokio::test]
async fn one_language_is_shown_as_it_was_written() {
    let stage = Stage::new().await;
    let shown = json!({ "name": "welcome", "locale": "de", "system": true, "published": version(3, "published"),
                        "draft": version(4, "draft") });
    stage.on(&format!("GET {WELCOME}"), ok(&shown));
    assert_snapshot!("words", stage.run(&named("show", &[])).await.out);
}

#[tokio::test]
async fn a_draft_is_written_from_files_and_says_what_to_do_next() {
    let stage = Stage::new().await;
    stage.write("welcome.html", "<p>Hallo {{first_name}}</p>");
    stage.write("welcome.txt", "Hallo {{first_name}}");
    stage.write("variables.json", &variables().to_string());
    let put = format!("PUT {WELCOME}");
    stage.on(&put, ok(&version(4, "draft")));
    let files = ["--html-file", "welcome.html", "--text-file", "welcome.txt", "--variables", "variables.json"];
    let ran = stage.run(&named("put", &[&["--subject", "Willkommen"][..], &files].concat())).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let source = json!({ "subject": "Willkommen", "html": "<p>Hallo {{first_name}}</p>", "text": "Hallo {{first_name}}",
                         "variables": variables() });
    assert_eq!(stage.seen()[0].json(), source);
    assert!(ran.err.contains("tenantry mail template publish welcome de --tenant ten_1"), "{}", ran.err);

    stage.write("whole.json", r#"{ "subject": "S", "mjml": "<mjml></mjml>" }"#);
    stage.on(&put, ok(&version(4, "draft")));
    assert_eq!(stage.run(&named("put", &["--file", "whole.json"])).await.code, Some(0));
    assert_eq!(stage.seen()[1].body, r#"{ "subject": "S", "mjml": "<mjml></mjml>" }"#);

    let error =
        json!({ "pointer": "/html", "code": "unknown_variable", "detail": "Line 1, column 10: there is no nmae." });
    stage.on(&put, problem(422, "invalid_body", json!({ "errors": [error] })));
    let ran = stage.run(&named("put", &["--subject", "S", "--html-file", "welcome.html"])).await;
    assert!(ran.code == Some(1) && ran.err.contains("/html: Line 1, column 10"), "{}", ran.err);
    assert_eq!(stage.run(&named("put", &["--html-file", "welcome.html"])).await.code, Some(2));
}

#[tokio::test]
async fn a_template_is_looked_at_and_tried_with_variables() {
    let stage = Stage::new().await;
    let preview = json!({ "subject": "Willkommen, Ada", "text": "Hallo Ada\n\u{1b}[8m", "html": "<p>Hallo Ada</p>",
                          "locale": "de", "status": "draft", "version": 4 });
    let look = format!("POST {WELCOME}/preview");
    stage.on(&look, ok(&preview)).on(&look, ok(&preview)).on(&look, ok(&preview));
    assert_snapshot!("preview", stage.run(&named("preview", &[])).await.out);
    let variables = ["--version", "4", "--json-vars", r#"{"count": 3}"#, "--var", "first_name=Ada"];
    assert_eq!(stage.run(&named("preview", &[&variables[..], &["--html"]].concat())).await.out, "<p>Hallo Ada</p>\n");
    stage.run(&named("preview", &["--version", "draft"])).await;
    let asked: Vec<_> = stage.seen().iter().map(|seen| seen.json()).collect();
    let given = json!({ "version": 4, "variables": { "count": 3, "first_name": "Ada" } });
    assert_eq!(asked, [json!({}), given, json!({ "version": "draft" })]);

    stage.on(&format!("POST {WELCOME}/test"), taken());
    let ran = stage.run(&named("test", &["--to", "ada@acme.example"])).await;
    assert!(ran.code == Some(0) && ran.err.contains("tenantry mail watch msg_1"), "{}", ran.err);
    assert_eq!(stage.seen()[3].body, r#"{"to":"ada@acme.example"}"#);
}

#[tokio::test]
async fn versions_come_and_go() {
    let stage = Stage::new().await;
    stage.on(&format!("GET {WELCOME}/versions"), list(&[version(4, "draft"), version(3, "published")], None));
    assert_snapshot!("versions", stage.run(&named("versions", &[])).await.out);

    stage.on(&format!("POST {WELCOME}/publish"), ok(&version(4, "published")));
    let ran = stage.run(&named("publish", &[])).await;
    assert!(ran.code == Some(0) && ran.out.contains("welcome (de) is published"), "{}", ran.err);

    stage.on(&format!("POST {WELCOME}/restore"), ok(&version(5, "draft")));
    let ran = stage.run(&named("restore", &["2"])).await;
    assert!(ran.code == Some(0) && ran.out.contains("is a draft"), "{}", ran.err);
    assert_eq!(stage.seen()[2].body, r#"{"version":2}"#);

    stage.on(&format!("DELETE {WELCOME}"), Reply::new(204, ""));
    let ran = stage.run(&named("reset", &[])).await;
    assert!(ran.code == Some(0) && ran.out.contains("is reset"), "{}", ran.err);

    stage.on(&format!("POST {WELCOME}/publish"), problem(409, "draft_changed", json!({ "detail": "Somebody else." })));
    assert_eq!(stage.run(&named("publish", &[])).await.code, Some(1));
}
