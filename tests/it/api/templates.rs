//! The words of mail: the system's, a tenant's own, drafts and versions.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tenantry_model::TenantId;
use tenantry_store::{
    StoreError,
    mail::{TemplatePlace, publish_template, template_versions, write_draft},
};
use tenantry_tests::{TestStack, wait::until};

use super::{
    Caller, Got,
    messages::{API, tenant},
};

const WELCOME: &str = "<p>Hi {{first_name}}, <a href=\"{{login_url}}\">sign in</a> with {{temporary_password}}.</p>";

/// A tenant's templates.
struct Desk {
    caller: Caller,
    tenant: TenantId,
}

impl Desk {
    fn path(&self, rest: &str) -> String {
        format!("/v1/tenants/{}/templates{rest}", self.tenant)
    }

    async fn get(&self, rest: &str) -> Got {
        self.caller.get(&self.path(rest)).await
    }

    async fn put(&self, rest: &str, source: &Value) -> Got {
        self.caller.ask(Method::PUT, &self.path(rest), Some(source.to_string().into_bytes()), &[]).await
    }

    async fn post(&self, rest: &str, body: Value) -> Got {
        self.caller.post(&self.path(rest), body).await
    }

    async fn reset(&self, rest: &str) -> Got {
        self.caller.ask(Method::DELETE, &self.path(rest), None, &[]).await
    }

    /// Writes a draft and publishes it; the version's number.
    async fn publish(&self, rest: &str, source: &Value) -> i64 {
        let put = self.put(rest, source).await;
        assert_eq!((put.status, put.body["status"].as_str()), (200, Some("draft")), "{put:?}");
        let published = self.post(&format!("{rest}/publish"), json!({})).await;
        assert_eq!((published.status, published.body["status"].as_str()), (200, Some("published")), "{published:?}");
        assert_eq!(published.body["version"], put.body["version"]);
        published.body["version"].as_i64().unwrap()
    }

    /// The version and status of every version that is kept.
    async fn versions(&self, rest: &str) -> Vec<(i64, String)> {
        let got = self.get(&format!("{rest}/versions")).await;
        let each = got.body["data"].as_array().unwrap_or_else(|| panic!("{got:?}")).iter();
        each.map(|one| (one["version"].as_i64().unwrap(), one["status"].as_str().unwrap().to_owned())).collect()
    }

    /// Sends a message made of a template, and reads its subject.
    async fn subject(&self, name: &str, locale: &str, variables: Value) -> Result<String, Got> {
        let template = json!({ "name": name, "locale": locale, "variables": variables });
        let sent =
            self.caller.post("/v1/messages", json!({ "to": "ada@customer.example", "template": template })).await;
        if sent.status != 202 {
            return Err(sent);
        }
        let id = sent.body["id"].as_str().unwrap();
        let seen = self.caller.get(&format!("/v1/messages/{id}")).await;
        Ok(seen.body["subject"].as_str().unwrap_or_else(|| panic!("{seen:?}")).to_owned())
    }
}

async fn desk(stack: &TestStack) -> Desk {
    let (tenant, caller) = tenant(stack).await;
    Desk { caller, tenant }
}

fn welcome(subject: &str) -> Value {
    json!({ "subject": subject, "html": WELCOME })
}

fn reminder(subject: &str) -> Value {
    json!({
        "subject": format!("{subject} {{{{number}}}}"),
        "html": "<p>{{number}}{{#if note}}: {{note}}{{/if}}</p>",
        "variables": [
            { "name": "number", "meaning": "the invoice's number", "example": "2024-117" },
            { "name": "note", "meaning": "a few words", "required": false, "example": "soon" },
        ],
    })
}

fn versions(expected: &[(i64, &str)]) -> Vec<(i64, String)> {
    expected.iter().map(|(version, status)| (*version, (*status).to_owned())).collect()
}

#[tokio::test]
async fn the_mails_of_the_system_are_listed_with_their_variables() {
    let stack = TestStack::with(&[], API).await;
    let desk = desk(&stack).await;
    let first = desk.caller.get("/v1/templates?limit=5").await;
    assert_eq!((first.status, first.body["data"].as_array().map(Vec::len)), (200, Some(5)));
    let rest = desk.caller.get(&format!("/v1/templates?after={}", first.body["next_cursor"].as_str().unwrap())).await;
    let rest = rest.body["data"].as_array().unwrap();
    let welcome = rest.iter().find(|one| one["name"] == "welcome").unwrap();
    assert_eq!(welcome["locales"].as_array().unwrap().len(), 8);
    let variable = welcome["variables"].as_array().unwrap().iter().find(|one| one["name"] == "first_name").unwrap();
    assert_eq!((&variable["required"], &variable["example"]), (&json!(true), &json!("Ada")));
    assert_eq!(rest.len() + 5, templates_of_the_system(&desk).await);
}

/// How many templates a tenant that has written none has.
async fn templates_of_the_system(desk: &Desk) -> usize {
    let list = desk.get("?limit=100").await;
    let data = list.body["data"].as_array().unwrap().clone();
    assert!(data.iter().all(|one| one["kind"] == "system"), "{data:?}");
    data.len()
}

#[tokio::test]
async fn a_tenants_words_are_drafted_looked_at_published_and_then_mail_is_made_of_them() {
    let stack = TestStack::with(&[], API).await;
    let desk = desk(&stack).await;
    let variables = json!({
        "tenant_name": "Acme", "first_name": "<Ada>", "login_url": "https://acme.example/login", "login_email": "ada@acme.example",
        "temporary_password": "pass & word", "expires_hours": 3,
    });
    let systems = desk.subject("welcome", "en", variables.clone()).await.unwrap();

    let put = desk.put("/welcome/en", &welcome("Come in, {{first_name}}")).await;
    assert_eq!((put.status, &put.body["version"]), (200, &json!(1)), "{put:?}");
    assert_eq!(desk.subject("welcome", "en", variables.clone()).await.unwrap(), systems, "a draft is no mail");
    let seen = desk.post("/welcome/en/preview", json!({})).await;
    assert_eq!((seen.status, &seen.body["subject"]), (200, &json!("Come in, Ada")), "{seen:?}");
    assert_eq!((&seen.body["status"], &seen.body["version"]), (&json!("draft"), &json!(1)));
    assert!(seen.body["text"].as_str().unwrap().contains("sign in"), "a text part is made: {seen:?}");
    let seen = desk.post("/welcome/en/preview", json!({ "variables": variables })).await;
    assert!(seen.body["html"].as_str().unwrap().contains("&lt;Ada&gt;"), "{seen:?}");
    let system = desk.post("/welcome/en/preview", json!({ "version": "system", "variables": variables })).await;
    assert_eq!((&system.body["subject"], &system.body["status"]), (&json!(systems), &json!("system")));

    let published = desk.post("/welcome/en/publish", json!({})).await;
    assert_eq!(published.status, 200, "{published:?}");
    assert_eq!(desk.subject("welcome", "en", variables).await.unwrap(), "Come in, <Ada>");
    let shown = desk.get("/welcome/en").await;
    assert_eq!((&shown.body["published"]["html"], &shown.body["draft"]), (&json!(WELCOME), &json!(null)));
    let line = desk.get("/welcome").await;
    assert_eq!(line.body["kind"], "overridden");
    let english = line.body["locales"].as_array().unwrap().iter().find(|one| one["locale"] == "en").unwrap();
    assert_eq!((&english["published"], &english["system"], &english["draft"]), (&json!(1), &json!(true), &json!(null)));
    let lines = stack.count(&format!("audit where tenant_id = '{}' and action like 'template.%'", desk.tenant.0)).await;
    assert_eq!(lines, 2, "writing and publishing are told");
}

#[tokio::test]
async fn the_nearest_words_are_taken_and_without_any_the_message_is_refused() {
    let stack = TestStack::with(&[], API).await;
    let desk = desk(&stack).await;
    let number = json!({ "number": 7 });
    let got = desk.subject("reminder", "de", number.clone()).await.unwrap_err();
    assert_eq!((got.problem(), got.pointers()), ((422, "invalid_body"), vec!["/template/name"]));

    desk.publish("/reminder/de", &reminder("Mahnung")).await;
    assert_eq!(desk.subject("reminder", "de_at", number.clone()).await.unwrap(), "Mahnung 7");
    let got = desk.subject("reminder", "fr", number.clone()).await.unwrap_err();
    assert_eq!(got.pointers(), ["/template/locale"], "{got:?}");
    desk.publish("/reminder/default", &reminder("Reminder")).await;
    assert_eq!(desk.subject("reminder", "fr", number.clone()).await.unwrap(), "Reminder 7");
    desk.publish("/reminder/de-AT", &reminder("Erinnerung")).await;
    assert_eq!(desk.subject("reminder", "de-AT", number.clone()).await.unwrap(), "Erinnerung 7");
    assert_eq!(desk.subject("reminder", "de-CH", number).await.unwrap(), "Mahnung 7");

    let got = desk.subject("reminder", "de", json!({ "note": "x" })).await.unwrap_err();
    assert_eq!(got.pointers(), ["/template/variables/number"]);
    assert_eq!(got.body["errors"][0]["code"], "missing_variable");
    let shown = desk.get("/reminder").await;
    assert_eq!((&shown.body["kind"], shown.body["variables"].as_array().map(Vec::len)), (&json!("own"), Some(2)));
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place_and_nothing_is_kept() {
    let stack = TestStack::with(&[], API).await;
    let desk = desk(&stack).await;
    let got = desk
        .put(
            "/welcome/en",
            &json!({ "subject": "Hi {{who}}", "html": "<p>\n {{{first_name}}}</p>", "text": "{{#if x" }),
        )
        .await;
    assert_eq!(got.problem(), (422, "invalid_body"));
    assert_eq!(got.pointers(), ["/html", "/subject", "/text"], "{got:?}");
    let errors = got.body["errors"].as_array().unwrap();
    let html = errors.iter().find(|error| error["pointer"] == "/html").unwrap();
    assert!(html["detail"].as_str().unwrap().starts_with("Line 2, column 2: "), "{html}");
    let subject = errors.iter().find(|error| error["pointer"] == "/subject").unwrap();
    assert_eq!(subject["code"], "unknown_variable");
    for (source, pointer) in [
        (json!({ "subject": "s" }), "/html"),
        (json!({ "subject": "s", "mjml": "<mjml><mj-body><mj-nothing/></mj-body></mjml>" }), "/mjml"),
        (
            json!({ "subject": "s", "html": "<p>x</p>", "variables": [{ "name": "x", "meaning": "x", "example": 1 }] }),
            "/variables",
        ),
        (json!({ "subject": "s", "html": "<script>x</script>" }), "/html"),
        (json!({ "subject": "s", "html": "<p>x</p>", "htlm": "" }), "/htlm"),
    ] {
        let got = desk.put("/welcome/en", &source).await;
        assert_eq!((got.problem(), got.pointers()), ((422, "invalid_body"), vec![pointer]), "{got:?}");
    }
    for place in ["/Wel_come/en", "/welcome/english", "/welcome/e"] {
        assert_eq!(desk.put(place, &welcome("s")).await.problem(), (400, "invalid_parameter"), "{place}");
    }
    assert_eq!(stack.count("templates").await, 0);

    let got = desk.post("/welcome/en/preview", json!({ "source": { "subject": "{{who}}", "html": "<p>x</p>" } })).await;
    assert_eq!(got.pointers(), ["/source/subject"]);
    let got = desk.post("/welcome/en/preview", json!({ "variables": { "tenant_name": ["Acme"] } })).await;
    assert_eq!(got.pointers(), ["/variables/tenant_name"]);
}

#[tokio::test]
async fn mjml_is_html_once_it_is_published_and_is_shown_as_it_was_written() {
    let stack = TestStack::with(&[], API).await;
    let desk = desk(&stack).await;
    let mjml = "<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{first_name}}</mj-text></mj-column></mj-section></mj-body></mjml>";
    desk.publish("/welcome/pl", &json!({ "subject": "s", "mjml": mjml })).await;
    let seen = desk.post("/welcome/pl/preview", json!({})).await;
    let html = seen.body["html"].as_str().unwrap();
    assert!(html.contains("Hello Ada") && !html.contains("<mj"), "{html}");
    assert_eq!(desk.get("/welcome/pl").await.body["published"]["mjml"], mjml);
}

#[tokio::test]
async fn versions_count_up_are_restored_and_outlive_a_reset() {
    let stack = TestStack::with(&[], API).await;
    let desk = desk(&stack).await;
    assert_eq!(desk.publish("/welcome/fr", &welcome("one")).await, 1);
    assert_eq!(desk.publish("/welcome/fr", &welcome("two")).await, 2);
    desk.put("/welcome/fr", &welcome("three")).await;
    assert_eq!(desk.versions("/welcome/fr").await, versions(&[(3, "draft"), (2, "published"), (1, "retired")]));

    let restored = desk.post("/welcome/fr/restore", json!({ "version": 1 })).await;
    assert_eq!((&restored.body["version"], &restored.body["subject"]), (&json!(3), &json!("one")), "{restored:?}");
    assert_eq!(desk.post("/welcome/fr/restore", json!({ "version": 9 })).await.problem(), (404, "not_found"));
    let seen = desk.post("/welcome/fr/preview", json!({ "version": 2 })).await;
    assert_eq!((&seen.body["subject"], &seen.body["status"]), (&json!("two"), &json!("published")));

    for _ in 0..2 {
        assert_eq!(desk.reset("/welcome/fr").await.status, 204);
    }
    assert_eq!(desk.versions("/welcome/fr").await, versions(&[(2, "retired"), (1, "retired")]));
    assert_eq!(desk.get("/welcome").await.body["kind"], "system");
    assert_eq!(desk.post("/welcome/fr/preview", json!({})).await.body["status"], "system");
    assert_eq!(stack.count("audit where action = 'template.reset'").await, 1, "resetting twice is one change");
    assert_eq!(desk.post("/welcome/fr/publish", json!({})).await.problem(), (409, "no_draft"));

    desk.post("/welcome/fr/restore", json!({ "version": 2 })).await;
    assert_eq!(desk.versions("/welcome/fr").await, versions(&[(3, "draft"), (2, "retired"), (1, "retired")]));
    desk.publish("/news/en", &reminder("News")).await;
    desk.reset("/news/en").await;
    assert_eq!(
        desk.get("/news").await.problem(),
        (404, "not_found"),
        "an own template that is taken back is not there"
    );
}

#[tokio::test]
async fn of_those_who_publish_at_once_one_wins_and_the_others_are_told() {
    let stack = TestStack::with(&[], API).await;
    let desk = desk(&stack).await;
    desk.publish("/welcome/en", &welcome("first")).await;
    desk.put("/welcome/en", &welcome("second")).await;
    let many = join_all((0..6).map(|_| desk.post("/welcome/en/publish", json!({})))).await;
    let won: Vec<&Got> = many.iter().filter(|got| got.status == 200).collect();
    assert_eq!(won.len(), 1, "{many:?}");
    assert!(
        many.iter().all(|got| matches!(got.problem(), (200, "") | (409, "no_draft" | "draft_changed"))),
        "{many:?}"
    );
    assert_eq!(desk.versions("/welcome/en").await, versions(&[(2, "published"), (1, "retired")]));
    assert_eq!(stack.count("audit where action = 'template.publish'").await, 2);

    let drafts = join_all((0..6).map(|n| {
        let (desk, source) = (&desk, welcome(&format!("draft {n}")));
        async move { desk.put("/welcome/it", &source).await }
    }));
    assert!(drafts.await.iter().all(|got| got.status == 200));
    assert_eq!(desk.versions("/welcome/it").await, versions(&[(1, "draft")]));
}

#[tokio::test]
async fn a_repeated_request_publishes_once() {
    let stack = TestStack::with(&[], API).await;
    let desk = desk(&stack).await;
    desk.put("/welcome/en", &welcome("s")).await;
    let path = desk.path("/welcome/en/publish");
    let first = desk.caller.post_once(&path, "p1", &json!({})).await;
    let again = desk.caller.post_once(&path, "p1", &json!({})).await;
    assert_eq!((first.status, again.status, again.header("idempotent-replayed")), (200, 200, "true"), "{again:?}");
    assert_eq!(first.body, again.body);
    assert_eq!(desk.caller.post_once(&path, "p2", &json!({})).await.problem(), (409, "no_draft"));
}

#[tokio::test]
async fn a_draft_that_the_rules_refuse_by_now_is_never_published() {
    let stack = TestStack::with(&[], API).await;
    let desk = desk(&stack).await;
    desk.put("/welcome/en", &welcome("s")).await;
    sqlx::query("update templates set source = jsonb_set(source, '{html}', '\"<p>{{gone}}</p>\"')")
        .execute(&stack.sql)
        .await
        .unwrap();
    let got = desk.post("/welcome/en/publish", json!({})).await;
    assert_eq!((got.problem(), got.pointers()), ((422, "invalid_body"), vec!["/html"]));
    assert_eq!(desk.versions("/welcome/en").await, versions(&[(1, "draft")]));
    assert_eq!(desk.get("/welcome").await.body["kind"], "system");
}

#[tokio::test]
async fn a_test_is_a_message_to_one_address() {
    let stack = TestStack::start().await;
    let desk = desk(&stack).await;
    desk.put("/reminder/en", &reminder("Reminder")).await;
    let path = desk.path("/reminder/en/test");
    let wanted = json!({ "to": "ada@acme-1.example", "variables": { "number": "8" } });
    let sent = desk.caller.post_once(&path, "t1", &wanted).await;
    let again = desk.caller.post_once(&path, "t1", &wanted).await;
    assert_eq!((sent.status, &again.body["id"]), (202, &sent.body["id"]), "{sent:?}");
    let mail = until("the test to arrive", || async {
        stack.mail().mailbox().messages().into_iter().find(|mail| mail.subject() == Some("Reminder 8"))
    });
    assert_eq!(mail.await.to.len(), 1);
    let found = desk.caller.get("/v1/messages?tag=template-test%3Dreminder").await;
    assert_eq!(
        (&found.body["data"][0]["id"], &found.body["data"][0]["category"]),
        (&sent.body["id"], &json!("notifications")),
        "{found:?}"
    );

    let refused = desk.post("/reminder/en/test", json!({ "to": "nobody" })).await;
    assert_eq!((refused.problem(), refused.pointers()), ((422, "invalid_body"), vec!["/to"]));
    let wanted = json!({ "name": "words", "permissions": ["settings.manage_email"] });
    let key = desk.caller.post("/v1/api-keys", wanted).await;
    let writer = Caller::with(&stack, key.body["secret"].as_str().unwrap());
    let refused = writer.post(&path, json!({ "to": "ada@acme-1.example" })).await;
    assert_eq!(refused.problem(), (403, "permission_missing"), "whoever may not send, may not send by a detour");
}

#[tokio::test]
async fn tenants_do_not_see_or_use_each_others_words() {
    let stack = TestStack::with(&[], API).await;
    let tenants = stack.tenants(2).await;
    let desk_of = |tenant| Desk { caller: Caller::of(&stack, tenant, "tenant_admin"), tenant };
    let (mine, theirs) = (desk_of(tenants[0]), desk_of(tenants[1]));
    theirs.publish("/reminder/en", &reminder("Theirs")).await;
    let got = mine.subject("reminder", "en", json!({ "number": 1 })).await.unwrap_err();
    assert_eq!(got.pointers(), ["/template/name"]);
    assert_eq!(mine.get("/reminder").await.problem(), (404, "not_found"));
    let foreign = Desk { caller: Caller::of(&stack, tenants[0], "tenant_admin"), tenant: tenants[1] };
    assert_eq!(foreign.put("/reminder/en", &reminder("Mine")).await.problem(), (404, "not_found"));
    assert_eq!(foreign.reset("/reminder/en").await.problem(), (404, "not_found"));
    mine.publish("/reminder/en", &reminder("Mine")).await;
    let operator = Desk { caller: Caller::operator(&stack), tenant: tenants[1] };
    assert_eq!(operator.get("/reminder/en").await.body["published"]["subject"], "Theirs {{number}}");
    assert_eq!(theirs.subject("reminder", "en", json!({ "number": 1 })).await.unwrap(), "Theirs 1");
}

#[tokio::test]
async fn a_draft_that_was_written_again_is_not_published_as_it_was_read_and_the_last_hundred_versions_stay() {
    let stack = TestStack::with(&[], API).await;
    let (tenant, now) = (stack.tenants(1).await[0], stack.db().clock().now());
    let place = TemplatePlace { tenant, name: "news".to_owned(), locale: "en".to_owned() };
    let (source, compiled) = (reminder("News"), json!({ "subject": "s", "html": "h", "text": "t" }));
    let mut tx = stack.db().begin().await.unwrap();
    let seen = write_draft(&mut tx, &place, &source, "ada", now).await.unwrap();
    // At the same moment by the clock.
    let again = write_draft(&mut tx, &place, &source, "bob", now).await.unwrap();
    assert_eq!((seen.version, again.version), (1, 1));
    let refused = publish_template(&mut tx, &place, &seen, &compiled, now).await.unwrap_err();
    assert!(matches!(refused, StoreError::Changed), "{refused:?}");
    assert_eq!(publish_template(&mut tx, &place, &again, &compiled, now).await.unwrap(), None);
    for version in 2..=105 {
        let draft = write_draft(&mut tx, &place, &source, "ada", now).await.unwrap();
        assert_eq!(draft.version, version);
        assert_eq!(publish_template(&mut tx, &place, &draft, &compiled, now).await.unwrap(), Some(version - 1));
    }
    let kept = template_versions(&mut tx, &place).await.unwrap();
    let kept: Vec<i32> = kept.iter().map(|line| line.version).collect();
    assert_eq!(kept, (6..=105).rev().collect::<Vec<_>>());
}
