//! Small changes of a tenant.

use serde_json::{Value, json};
use tenantry_kernel::{
    Status,
    sim::{Rehearsal, Theatre},
};
use tenantry_model::TenantId;
use tenantry_workflows::tenant_change::{Data, Field, Notice, TenantChange, What};

use super::page;

/// All that may happen to a change: nothing.
struct Changes;

impl Rehearsal for Changes {
    type Life = TenantChange;

    fn starts() -> Vec<Data> {
        vec![change(vec![What::Suspended]), change(vec![What::Resumed]), change(both())]
    }

    fn answers((): &()) -> Vec<()> {
        Vec::new()
    }

    fn wishes() -> Vec<()> {
        vec![()]
    }

    fn replies((): &()) -> Vec<Value> {
        Vec::new()
    }
}

fn change(what: Vec<What>) -> Data {
    Data { tenant: TenantId(uuid::Uuid::nil()), what }
}

fn both() -> Vec<What> {
    let plan = What::PlanChanged { from: "basic".parse().unwrap(), to: "plus".parse().unwrap() };
    vec![plan, What::Changed { fields: vec![Field::Name, Field::Email] }]
}

#[test]
fn every_story_of_a_change_ends_as_it_begins() {
    let explored = page::<Changes>();
    assert_eq!(explored.ends.iter().map(String::as_str).collect::<Vec<_>>(), ["noted"]);
}

#[test]
fn a_change_tells_each_thing_that_has_changed_and_hears_nothing() {
    let told = tenantry_kernel::advance::start::<TenantChange>(change(both()));
    let notices: Vec<Value> = told.commands.iter().map(|asked| asked.command.clone()).collect();
    let tenant = TenantId(uuid::Uuid::nil());
    let plan = Notice::TenantPlanChanged {
        tenant,
        previous_contract_line: "basic".parse().unwrap(),
        contract_line: "plus".parse().unwrap(),
    };
    let changed = Notice::TenantChanged { tenant, fields: vec![Field::Name, Field::Email] };
    assert_eq!(notices, [json!(plan), json!(changed)]);

    let mut life = Theatre::<TenantChange>::new(change(both()));
    assert_eq!((life.status(), &life.result()["what"]), (Status::Completed, &json!(["plan_changed", "changed"])));
    assert!(life.wish(&()).unwrap_err().to_string().contains("has ended"));
}
