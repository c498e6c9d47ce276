//! Lists go on where they stopped.

use local::Run;
use tenantry_tests::{Onboard, TestStack};

use super::{Caller, Got};

const API_ALONE: Run = Run { api: true, workers: false, sweeper: false };

fn ids(got: &Got) -> Vec<String> {
    got.body["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn runs_are_paged_both_ways() {
    let stack = TestStack::with(&[], API_ALONE).await;
    let operator = Caller::operator(&stack);
    let mut begun = Vec::new();
    for n in 0..5 {
        let got = operator.post_once("/v1/tenants", &format!("k{n}"), &Onboard::another().json()).await;
        begun.insert(0, got.run().to_string());
    }
    let first = operator.get("/v1/runs?limit=2").await;
    assert_eq!((ids(&first), &first.body["has_more"]), (begun[..2].to_vec(), &true.into()));
    let after = |got: &Got| format!("/v1/runs?limit=2&after={}", got.body["next_cursor"].as_str().unwrap());
    let second = operator.get(&after(&first)).await;
    assert_eq!(ids(&second), begun[2..4]);
    let third = operator.get(&after(&second)).await;
    assert_eq!(
        (ids(&third), &third.body["has_more"], &third.body["next_cursor"]),
        (begun[4..].to_vec(), &false.into(), &serde_json::Value::Null)
    );
    let back = second.body["next_cursor"].as_str().unwrap();
    let newer = operator.get(&format!("/v1/runs?limit=2&before={back}")).await;
    assert_eq!((ids(&newer), &newer.body["has_more"]), (begun[1..3].to_vec(), &true.into()));
}

#[tokio::test]
async fn filters_narrow_and_unknown_ones_are_refused() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let onboard = Onboard { external_key: Some("crm-3".into()), ..Onboard::another() };
    let began = operator.post("/v1/tenants?wait=25", onboard.json()).await;
    operator.post_once("/v1/tenants?wait=25", "k", &Onboard::another().json()).await;
    for filter in
        ["externalKey=crm-3", "status=completed&limit=1&externalKey=crm-3", "kind=tenant_onboarding&externalKey=crm-3"]
    {
        assert_eq!(ids(&operator.get(&format!("/v1/runs?{filter}")).await), [began.run().to_string()], "{filter}");
    }
    assert!(ids(&operator.get("/v1/runs?status=failed").await).is_empty());
    assert!(ids(&operator.get("/v1/runs?errorClass=DuplicateError").await).is_empty());
    let tenants = operator.get("/v1/tenants?externalKey=crm-3&status=active").await;
    assert_eq!(ids(&tenants), [began.body["tenantId"].as_str().unwrap()]);
    let search = onboard.tenant_name.to_uppercase().replace(' ', "%20");
    assert_eq!(ids(&operator.get(&format!("/v1/tenants?search={search}&limit=100")).await).len(), 1);
    let page = operator.get("/v1/tenants?limit=1").await;
    let next = operator.get(&format!("/v1/tenants?limit=1&after={}", page.body["next_cursor"].as_str().unwrap())).await;
    assert_eq!((ids(&page).len(), ids(&next).len()), (1, 1));
    assert_ne!(ids(&page), ids(&next));

    for (path, parameter) in [
        ("/v1/runs?stauts=failed", "stauts"),
        ("/v1/runs?status=done", "status"),
        ("/v1/runs?limit=0", "limit"),
        ("/v1/runs?limit=101", "limit"),
        ("/v1/runs?after=x", "after"),
        ("/v1/runs?tenant=7", "tenant"),
        ("/v1/tenants?before=x", "before"),
        ("/v1/runs/run_00000000000000000000000000000000?wait=x", "wait"),
    ] {
        let got = operator.get(path).await;
        assert_eq!(got.problem(), (400, "invalid_parameter"), "{path}");
        assert_eq!(got.body["errors"][0]["parameter"], parameter, "{path}");
    }
}
