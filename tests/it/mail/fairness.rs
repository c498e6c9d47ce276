//! Many tenants: nobody starves, and nobody sends more than it may.

use std::{collections::HashMap, time::Duration};

use tenantry_model::TenantId;
use tenantry_tests::{TestStack, wait::until};
use time::OffsetDateTime;

/// The most that left in any so many seconds, wherever they begin.
fn busiest(moments: &[OffsetDateTime], seconds: u64) -> usize {
    let within = |begin: &OffsetDateTime| {
        moments.iter().filter(|at| **at >= *begin && **at < *begin + Duration::from_secs(seconds)).count()
    };
    moments.iter().map(within).max().unwrap_or(0)
}

#[tokio::test]
async fn ten_tenants_flood_and_the_eleventh_is_served_among_the_first() {
    let stack =
        TestStack::with(&[("EMAIL_TENANT_PER_MINUTE", "0")], local::Run { workers: false, ..local::Run::ALL }).await;
    let tenants = stack.tenants(11).await;
    let flood = |tenant: &TenantId| (0..100).map(|n| stack.draft(*tenant, &format!("user{n}@x.example"))).collect();
    for tenant in &tenants[..10] {
        stack.store(flood(tenant), 0).await;
    }
    let (single, _) = stack.store(vec![stack.draft(tenants[10], "only@x.example")], 0).await;
    let worker = stack.stack.worker("send-email").unwrap();
    // One message in the queue is enough to work for a while.
    let hint = tenantry_runtime::Message::new(tenantry_model::CommandId::new(), None).body();
    while stack.count("sends").await < 1001 {
        worker.handle(&[&hint], std::time::Instant::now() + Duration::from_secs(30)).await;
    }
    stack.settles(single[0], "sent").await;
    let order = stack.departures().await;
    let place = order.iter().position(|(tenant, _)| *tenant == tenants[10]).unwrap();
    assert!(place < 60, "it came {place}. of {}", order.len());
    let mut shares: HashMap<TenantId, usize> = HashMap::new();
    order.iter().take(500).for_each(|(tenant, _)| *shares.entry(*tenant).or_default() += 1);
    let (least, most) = (tenants[..10].iter().map(|t| shares[t]).min(), tenants[..10].iter().map(|t| shares[t]).max());
    assert!(most.unwrap() - least.unwrap() <= 10, "of the first 500: {shares:?}");
}

#[tokio::test]
async fn a_tenant_sends_exactly_what_it_may_in_any_minute_and_the_rest_later() {
    let stack = TestStack::with(
        &[("EMAIL_TENANT_PER_MINUTE", "60")],
        local::Run { workers: false, sweeper: false, ..local::Run::ALL },
    )
    .await;
    let tenants = stack.tenants(3).await;
    sqlx::query("insert into lanes (tenant_id, per_minute) values ($1, 240)")
        .bind(tenants[1].0)
        .execute(&stack.sql)
        .await
        .unwrap();
    for tenant in &tenants {
        stack.store((0..150).map(|n| stack.draft(*tenant, &format!("user{n}@x.example"))).collect(), 0).await;
    }
    let worker = stack.stack.worker("send-email").unwrap();
    let hint = tenantry_runtime::Message::new(tenantry_model::CommandId::new(), None).body();
    // Two workers at the same moments: a limit that races could overtake would be overtaken.
    for _ in 0..400 {
        let soon = std::time::Instant::now() + Duration::from_secs(5);
        futures::future::join(worker.handle(&[&hint], soon), worker.handle(&[&hint], soon)).await;
        stack.pass(Duration::from_millis(250));
    }
    let departures = stack.departures().await;
    let of = |tenant: &TenantId| -> Vec<OffsetDateTime> {
        departures.iter().filter(|(whose, _)| whose == tenant).map(|(_, at)| *at).collect()
    };
    for (tenant, limit) in [(&tenants[0], 60), (&tenants[1], 240), (&tenants[2], 60)] {
        assert!(busiest(&of(tenant), 60) <= limit, "{} in a minute", busiest(&of(tenant), 60));
    }
    assert!(busiest(&of(&tenants[0]), 60) >= 58, "and what it may, it does: {}", busiest(&of(&tenants[0]), 60));
    assert_eq!(of(&tenants[1]).len(), 150, "a higher limit of its own");
}

#[tokio::test]
async fn a_day_has_its_limit_and_the_rest_leaves_tomorrow() {
    let stack =
        TestStack::with(&[("EMAIL_TENANT_PER_MINUTE", "0"), ("EMAIL_TENANT_PER_DAY", "5")], local::Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    stack.post((0..8).map(|n| stack.draft(tenant, &format!("user{n}@x.example"))).collect()).await;
    until("five to leave", || async { (stack.count("sends").await == 5).then_some(()) }).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stack.count("sends").await, 5);
    stack.pass(Duration::from_secs(86_400));
    until("the others to leave", || async { (stack.count("sends").await == 8).then_some(()) }).await;
}

#[tokio::test]
async fn an_accounts_rate_is_kept_by_all_tenants_together() {
    let stack = TestStack::with(
        &[("EMAIL_TENANT_PER_MINUTE", "0"), ("EMAIL_RATE_PER_SECOND", "4")],
        local::Run { workers: false, sweeper: false, ..local::Run::ALL },
    )
    .await;
    let tenants = stack.tenants(3).await;
    for tenant in &tenants {
        stack.store((0..10).map(|n| stack.draft(*tenant, &format!("user{n}@x.example"))).collect(), 0).await;
    }
    let worker = stack.stack.worker("send-email").unwrap();
    let hint = tenantry_runtime::Message::new(tenantry_model::CommandId::new(), None).body();
    while stack.count("sends").await < 30 {
        worker.handle(&[&hint], std::time::Instant::now() + Duration::from_secs(5)).await;
        stack.pass(Duration::from_millis(100));
    }
    let moments: Vec<OffsetDateTime> = stack.departures().await.into_iter().map(|(_, at)| at).collect();
    assert_eq!(busiest(&moments, 1), 4, "in any second so many, and no more");
}

#[tokio::test]
async fn what_comes_into_a_lane_while_its_last_turn_is_given_is_not_overlooked() {
    let run = local::Run { workers: false, sweeper: false, ..local::Run::ALL };
    let stack = TestStack::with(&[("EMAIL_TENANT_PER_MINUTE", "0")], run).await;
    let tenant = stack.tenants(1).await[0];
    let worker = stack.stack.worker("send-email").unwrap();
    let hint = tenantry_runtime::Message::new(tenantry_model::CommandId::new(), None).body();
    for n in 0..150 {
        let come = stack.store(vec![stack.draft(tenant, &format!("user{n}@x.example"))], 0);
        let soon = std::time::Instant::now() + Duration::from_secs(5);
        let hint = [hint.as_str()];
        futures::future::join3(come, worker.handle(&hint, soon), worker.handle(&hint, soon)).await;
        let overlooked = "lanes l where l.ready_at is null and exists (select from timers t where t.tenant_id = l.tenant_id and t.in_lane)";
        assert_eq!(stack.count(overlooked).await, 0, "after {n}");
    }
    worker.handle(&[&hint], std::time::Instant::now() + Duration::from_secs(5)).await;
    assert_eq!((stack.count("sends").await, stack.count("history where outcome = 'late'").await), (150, 0));
}
