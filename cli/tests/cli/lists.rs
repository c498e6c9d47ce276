use serde_json::json;

use crate::{
    answers::{Reply, list, ok},
    stage::Stage,
};

fn tenant(number: u32) -> serde_json::Value {
    json!({ "id": format!("ten_{number}"), "name": format!("Tenant {number}"), "status": "active" })
}

#[tokio::test]
async fn all_pages_become_one_document() {
    let stage = Stage::new().await;
    stage
        .on("GET /v1/tenants?limit=100", Reply::new(200, r#"{"data":[{"z":1.50,"id":"ten_1","name":"A","status":"active"}],"has_more":true,"next_cursor":"a+/="}"#))
        .on("GET /v1/tenants?limit=100&after=a%2B%2F%3D", list(&[tenant(2)], Some("b")))
        .on("GET /v1/tenants?limit=100&after=b", list(&[tenant(3)], None));

    let ran = stage.run(&["tenant", "list", "--all", "--json"]).await;

    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(ran.out.starts_with(r#"{"data":[{"z":1.50,"id":"ten_1""#), "{}", ran.out);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["data"].as_array().unwrap().len(), 3);
    assert_eq!((&document["has_more"], &document["next_cursor"]), (&json!(false), &json!(null)));
}

#[tokio::test]
async fn a_list_goes_on_where_the_one_before_ended() {
    let stage = Stage::new().await;
    stage.on("GET /v1/tenants?limit=1&after=b", list(&[tenant(3)], None));
    let ran = stage.run(&["tenant", "list", "--limit", "1", "--after", "b"]).await;
    assert!(ran.code == Some(0) && ran.out.contains("ten_3"), "{}", ran.err);
}

#[tokio::test]
async fn a_cursor_that_leads_to_itself_does_not_lead_there_for_ever() {
    let stage = Stage::new().await;
    stage
        .on("GET /v1/tenants?limit=100", list(&[tenant(1)], Some("a")))
        .on("GET /v1/tenants?limit=100&after=a", list(&[tenant(2)], Some("a")));
    assert_eq!(stage.run(&["tenant", "list", "--all"]).await.code, Some(0));
}

#[tokio::test]
async fn nothing_is_told_in_words_and_as_an_empty_document() {
    let stage = Stage::new().await;
    stage.on("GET /v1/runs", list(&[], None)).on("GET /v1/runs", list(&[], None));
    assert_eq!(stage.run(&["run", "list"]).await.out, "No runs.\n");
    let ran = stage.run(&["run", "list", "--json"]).await;
    assert_eq!(ran.out, "{\"data\":[],\"has_more\":false,\"next_cursor\":null}\n");
}

#[tokio::test]
async fn a_reader_that_is_gone_is_no_failure() {
    let stage = Stage::new().await;
    // More than a pipe holds.
    let many: Vec<_> = (0..5000).map(tenant).collect();
    stage.on("GET /v1/tenants", ok(&json!({ "data": many, "has_more": false })));
    let mut child = stage.command(&["tenant", "list"]).spawn().unwrap();
    drop(child.stdout.take());
    let ran = stage.ran(&child.wait_with_output().await.unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn a_name_cannot_command_the_terminal() {
    let stage = Stage::new().await;
    let mut nasty = tenant(1);
    nasty["name"] = json!("Acme\u{1b}[2J\nFake line");
    stage.on("GET /v1/tenants", list(&[nasty], None));
    let out = stage.run(&["tenant", "list"]).await.out;
    assert!(!out.contains('\u{1b}') && out.lines().count() == 2, "{out:?}");
}

#[tokio::test]
async fn messages_are_searched_by_what_is_known_of_them() {
    let stage = Stage::new().await;
    stage.on("GET /v1/messages?status=bounced&recipient=ada%40acme.example", list(&[], None));
    let ran = stage.run(&["mail", "search", "--status", "bounced", "--recipient", "ada@acme.example"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "No messages.\n"), "{}", ran.err);
}
