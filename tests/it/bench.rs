//! The benchmark still runs. How fast it is decides nothing here.

use tenantry_tests::bench::{Options, run};

#[tokio::test(flavor = "multi_thread")]
async fn the_benchmark_measures_engine_and_floor_and_counts_the_same_statements_each_time() {
    let options = Options { concurrency: 4, busy: 8, idle: 2, rounds: 1, ..Options::default() };
    let report = run(options, |_| {}).await.unwrap();

    assert_eq!(report.compared.len(), 2, "by SMTP, and by nothing");
    for compared in &report.compared {
        let counts = |words: &str, counted: &tenantry_tests::bench::Counted| -> f64 {
            let of = counted.statements.iter().filter(|(statement, _)| statement.starts_with(words));
            of.map(|(_, count)| count).sum()
        };
        let (engine, floor) = (&compared.engine.counted, &compared.floor.counted);
        assert_eq!(counts("COMMIT", floor), 4.0, "one per step: {floor:?}");
        assert_eq!(counts("with moved as", engine), 4.0, "one per step: {engine:?}");
        assert!(engine.all_requests() > 0.0 && floor.all_requests() == 0.0, "the engine alone uses a queue");
        assert!(engine.wal > 0.0 && floor.wal > 0.0);
    }
    let page = report.to_string();
    assert!(page.contains("mail by smtp") && page.contains("mail by discard"), "{page}");
    assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_benchmark_of_mail_sends_every_message_by_every_way() {
    use tenantry_tests::mail_bench;

    let options = mail_bench::Options { messages: 60, tenants: 3, rounds: 1, ..mail_bench::Options::default() };
    let report = mail_bench::run(options, env!("CARGO_BIN_EXE_bench").as_ref(), |_| {}).await.unwrap();
    assert_eq!(report.compared.iter().map(|one| one.seen.len()).collect::<Vec<_>>(), [3, 2]);
    let page = report.to_string();
    assert!(page.contains("lettre alone") && !page.contains("NaN") && !page.contains("inf"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_benchmark_of_domains_fires_what_is_due_and_touches_no_more_pages_for_what_is_stored() {
    use tenantry_tests::domain_bench::{Options, run};

    let report = run(&Options { stored: [20, 2_000], due: 20, rounds: 3 }).await.unwrap();
    assert_eq!(report.0.iter().map(|row| row.fired).collect::<Vec<_>>(), [0, 20, 0, 20]);
    let [few_idle, few_due, many_idle, many_due] = &report.0[..] else { panic!("four rows") };
    // A hundred times as many are stored; an index is a page or two deeper.
    assert!(many_idle.pages <= few_idle.pages + 50, "{report}");
    assert!(many_due.pages <= 3 * few_due.pages, "{report}");
    assert!(report.to_string().contains("20 due: 2000 domains cost"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_benchmark_of_the_console_opens_every_page_for_both_who_look() {
    use tenantry_tests::console_bench::{Fill, Options, run};

    let fill = Fill { tenants: 100, messages: 3_000, runs: 600, deliveries: 1_200, audit: 1_200, tasks: 150 };
    let report = run(&Options { fill, rounds: 1, deep: 1, ..Options::default() }, |_| {}).await.unwrap();

    let refused = report.rows.iter().filter(|row| {
        row.seen.status != 200 || row.api.as_ref().is_some_and(|api| api.status != 200) || row.seen.all.len() != 1
    });
    let refused: Vec<String> = refused.map(ToString::to_string).collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    for who in ["operator", "administrator"] {
        let pages: Vec<&str> = report.rows.iter().filter(|row| row.who == who).map(|row| row.page.as_str()).collect();
        assert!(
            pages.contains(&"/") && pages.contains(&"/messages") && pages.contains(&"/messages, deep down"),
            "{pages:?}"
        );
    }
    assert!(report.to_string().contains("100 tenants, 3000 messages"), "{report}");
}
