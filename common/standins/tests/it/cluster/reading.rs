//! Get, list, discovery, and who may.

use crate::cluster::{GATEWAYS, Stage, gateway, key, read};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry_standins::cluster::{Fault, Kind, Options, Rule, Verb};

const METADATA_LIST: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

#[tokio::test]
async fn nobody_gets_in_without_the_token() {
    let stage = Stage::open().await;
    let answer = read(stage.client.get(format!("{}{GATEWAYS}", stage.cluster.url()))).await;
    assert_eq!((answer.0, &answer.1["reason"]), (401, &json!("Unauthorized")));
    assert_eq!(stage.cluster.requests(), []);
    let version = stage.client.get(format!("{}/version", stage.cluster.url()));
    assert_eq!(read(version).await.1["minor"], "36");
    assert!(stage.cluster.kubeconfig().contains(stage.cluster.token()));
    assert!(!format!("{:?}", stage.cluster).contains(stage.cluster.token()));
}

#[tokio::test]
async fn an_object_that_is_not_there_differs_from_a_kind_that_is_not() {
    let stage = Stage::open().await;
    let (status, refusal) = stage.call(Method::GET, &format!("{GATEWAYS}/a"), &Value::Null).await;
    assert_eq!((status, &refusal["message"]), (404, &json!("gateways.networking.istio.io \"a\" not found")));
    let details = json!({ "name": "a", "group": "networking.istio.io", "kind": "gateways" });
    assert_eq!(refusal["details"], details);
    stage.cluster.uninstall(Kind::Gateway);
    let answer = stage.request(Method::GET, &format!("{GATEWAYS}/a")).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (404, "404 page not found\n"));
    stage.cluster.install(Kind::Gateway);
    assert_eq!(stage.get(GATEWAYS).await["items"], json!([]));
}

#[tokio::test]
async fn a_list_is_selected_by_labels_and_comes_as_metadata_where_asked() {
    let stage = Stage::open().await;
    for (name, tenant) in [("b", "1"), ("a", "1"), ("c", "2")] {
        let mut object = gateway(name, "a.test");
        object["metadata"]["labels"]["portal.tenantry.dev/tenant"] = json!(tenant);
        stage.applied(GATEWAYS, &object).await;
    }
    let path =
        format!("{GATEWAYS}?labelSelector=portal.tenantry.dev%2Fmanaged%3Dtrue%2Cportal.tenantry.dev%2Ftenant%3D1");
    let (status, list) = read(stage.request(Method::GET, &path).header("accept", METADATA_LIST)).await;
    assert_eq!(
        (status, &list["kind"], &list["apiVersion"]),
        (200, &json!("PartialObjectMetadataList"), &json!("meta.k8s.io/v1"))
    );
    let names: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|item| &item["metadata"]["name"]).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(list["items"][0].get("spec"), None);
    let all = stage.get("/apis/networking.istio.io/v1/gateways?fieldSelector=metadata.name%3Dc").await;
    assert_eq!((&all["kind"], all["items"].as_array().unwrap().len()), (&json!("GatewayList"), 1));
    assert_eq!(stage.call(Method::GET, &format!("{GATEWAYS}?labelSelector=a%20in"), &Value::Null).await.0, 400);
    assert_eq!(stage.get("/api/v1/namespaces").await["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn pages_follow_each_other_until_the_last_and_a_token_may_be_gone() {
    let stage = Stage::open().await;
    for number in 0..5 {
        stage.applied(GATEWAYS, &gateway(&format!("g{number}"), "a.test")).await;
    }
    let (mut names, mut token, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = stage.get(&format!("{GATEWAYS}?limit=2&continue={token}")).await;
        names.extend(page["items"].as_array().unwrap().iter().map(|item| item["metadata"]["name"].clone()));
        pages += 1;
        match page["metadata"]["continue"].as_str() {
            Some(next) => token = next.to_owned(),
            None => break,
        }
    }
    assert_eq!((pages, names), (3, vec![json!("g0"), json!("g1"), json!("g2"), json!("g3"), json!("g4")]));
    stage.cluster.misbehave(1, [Rule::on(Verb::List, Fault::Gone).times(1)]);
    let next = stage.get(&format!("{GATEWAYS}?limit=2")).await["metadata"]["continue"].as_str().unwrap().to_owned();
    let path = format!("{GATEWAYS}?limit=2&continue={next}");
    let (status, refusal) = stage.call(Method::GET, &path, &Value::Null).await;
    assert_eq!((status, &refusal["reason"]), (410, &json!("Expired")));
    assert_eq!(stage.get(&path).await["items"][0]["metadata"]["name"], "g2");
    assert_eq!(stage.call(Method::GET, &format!("{GATEWAYS}?continue=nonsense"), &Value::Null).await.0, 400);
}

#[tokio::test]
async fn what_is_forbidden_is_403_there_and_the_review_says_so() {
    let stage = Stage::open().await;
    stage.cluster.forbid(Verb::Apply, Kind::Gateway, Some("istio-system"));
    let (status, refusal) = stage.apply(GATEWAYS, &gateway("a", "a.test"), "tenantry").await;
    assert_eq!((status, &refusal["reason"]), (403, &json!("Forbidden")));
    assert!(
        refusal["message"].as_str().unwrap().contains("cannot patch resource \"gateways\" in API group"),
        "{refusal}"
    );
    let elsewhere = GATEWAYS.replace("istio-system", "msp");
    assert_eq!(stage.apply(&elsewhere, &gateway("a", "a.test"), "tenantry").await.0, 201);
    let review = async |verb: &str, namespace: &str| {
        let attributes =
            json!({ "group": "networking.istio.io", "resource": "gateways", "verb": verb, "namespace": namespace });
        let body = json!({ "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": { "resourceAttributes": attributes } });
        stage.call(Method::POST, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", &body).await
    };
    assert_eq!(review("patch", "istio-system").await.1["status"]["allowed"], false);
    let (status, allowed) = review("patch", "msp").await;
    assert_eq!((status, &allowed["status"]["allowed"]), (201, &json!(true)));
    stage.cluster.permit_all();
    stage.cluster.forbid(Verb::Create, Kind::Gateway, None);
    assert_eq!(
        stage.apply(GATEWAYS, &gateway("b", "a.test"), "tenantry").await.0,
        403,
        "an apply that creates has to be allowed to"
    );
    assert_eq!(stage.apply(&elsewhere, &gateway("a", "b.test"), "tenantry").await.0, 200);
}

#[tokio::test]
async fn discovery_names_groups_and_kinds() {
    let stage = Stage::open().await;
    let groups: Vec<Value> =
        stage.get("/apis").await["groups"].as_array().unwrap().iter().map(|group| group["name"].clone()).collect();
    assert_eq!(groups, ["acme.cert-manager.io", "authorization.k8s.io", "cert-manager.io", "networking.istio.io"]);
    let kinds = stage.get("/apis/networking.istio.io/v1").await;
    assert_eq!(kinds["resources"][0]["name"], "gateways");
    assert_eq!(stage.get("/api").await["versions"], json!(["v1"]));
    assert_eq!(stage.call(Method::GET, "/apis/apps/v1", &Value::Null).await.0, 404);
}

#[tokio::test]
async fn what_is_kept_in_a_folder_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { folder: Some(folder.path().to_owned()), ..Options::default() };
    let stage = Stage::new(options()).await;
    let (token, first) = (stage.cluster.token().to_owned(), stage.applied(GATEWAYS, &gateway("a", "a.test")).await);
    stage.applied(GATEWAYS, &gateway("b", "a.test")).await;
    assert!(stage.cluster.delete(&key(Kind::Gateway, "istio-system", "b")));
    stage.cluster.stop().await;
    let stage = Stage::new(options()).await;
    assert_eq!(stage.cluster.token(), token);
    assert_eq!(stage.get(&format!("{GATEWAYS}/a")).await, first);
    assert_eq!(stage.cluster.list(Kind::Gateway).len(), 1);
    let next = stage.applied(GATEWAYS, &gateway("c", "a.test")).await;
    let number = |object: &Value| object["metadata"]["resourceVersion"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(number(&next) > number(&first) + 2, "versions grow across a restart, deletions counted");
}
