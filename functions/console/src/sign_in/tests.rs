//! The whole way, against the development issuer over loopback, and every way of tampering with it.
#![allow(clippy::unwrap_used)]

mod browser;
mod refusals;
mod sessions;

use self::browser::{Browser, ada, member, operator};

#[tokio::test]
async fn the_whole_way_in_and_out() {
    let mut browser = Browser::start().await;
    let to_sign_in = browser.get("/who?x=1").await;
    assert_eq!((to_sign_in.status, to_sign_in.to.as_str()), (303, "/sign-in?back=%2Fwho%3Fx%3D1"));

    let back = browser.sign_in("/who?x=1", &ada()).await;
    assert_eq!((back.status, back.to.as_str()), (303, "/who?x=1"));
    let who = browser.get("/who").await;
    assert_eq!(who.status, 200);
    assert_eq!(who.principal().actor(), "usr_ada");
    assert!(who.body.contains("Ada Lovelace"));

    assert_eq!(browser.get("/sign-in?back=/runs").await.to, "/runs", "who is signed in need not do it again");

    let out = browser.post("/sign-out", &[("csrf", &who.csrf())]).await;
    assert_eq!(out.status, 200);
    let there = out.refresh();
    assert!(there.starts_with(&format!("{}/end-session?", browser.issuer.url())), "{there}");
    for part in ["client_id=console", "post_logout_redirect_uri=http", "%2Fsigned-out", "id_token_hint=ey"] {
        assert!(there.contains(part), "{part} is missing in {there}");
    }
    assert_eq!(browser.get("/who").await.status, 303, "the session is gone");
    let ended = browser.away(&there).await;
    assert!(ended.ends_with("/signed-out"), "{ended}");
    assert!(browser.get("/signed-out").await.body.contains("You are signed out"));
}

#[tokio::test]
async fn roles_and_tenant_reach_the_api() {
    use tenantry_model::{Permission, Role};
    use tenantry_store::Scope;
    let mut browser = Browser::start().await;
    browser.sign_in("/", &operator()).await;
    let principal = browser.get("/who").await.principal();
    assert_eq!((principal.scope, principal.permissions.len()), (Scope::Platform, Permission::ALL.len()));

    for (person, role) in [(ada(), Role::TenantAdmin), (member(), Role::TenantMember)] {
        let mut browser = browser.another();
        browser.sign_in("/", &person).await;
        let principal = browser.get("/who").await.principal();
        assert_eq!(principal.scope, Scope::Tenant(person.tenant.unwrap().parse().unwrap()));
        assert_eq!(principal.roles, [role]);
        assert_eq!(principal.permissions, role.permissions().iter().copied().collect());
    }
}

#[tokio::test]
async fn a_client_with_a_secret_shows_it_and_one_with_another_gets_nowhere() {
    let mut browser = Browser::with_secrets(Some("s:cret/ü"), Some("s:cret/ü")).await;
    assert_eq!(browser.sign_in("/who", &ada()).await.to, "/who");
    let mut browser = Browser::with_secrets(Some("s:cret"), Some("another")).await;
    assert_eq!(browser.sign_in("/who", &ada()).await.status, 502);
    let mut browser = Browser::with_secrets(Some("s:cret"), None).await;
    assert_eq!(browser.sign_in("/who", &ada()).await.status, 502);
}

#[tokio::test]
async fn a_provider_that_is_down_is_a_page_with_a_way_to_try_again() {
    let browser = Browser::start().await;
    let mut browser = browser.whose_issuer_is_gone().await;
    let page = browser.get("/sign-in?back=/who").await;
    assert_eq!(page.status, 503);
    assert!(page.body.contains("does not answer") && page.body.contains(r#"href="/sign-in?back=%2Fwho""#));
}

#[tokio::test]
async fn every_setting_that_is_missing_is_named_at_once() {
    use tenantry_runtime::config::{Environment, Reader};
    let mut read = Reader::new(Environment::new(|name| (name == "OIDC_SCOPES").then(|| "email".to_owned())));
    assert!(crate::configured(&mut read, None).await.is_none());
    let said = read.finish().unwrap_err().to_string();
    for name in ["CONSOLE_URL is not set", "OIDC_CLIENT_ID is not set", "OIDC_SCOPES must hold openid"] {
        assert!(said.contains(name), "{name} is missing in:\n{said}");
    }
    assert!(!said.contains("OIDC_CLIENT_SECRET"), "a public client has none");
}
