//! Many hostnames: what has not changed costs no call and no commit, whatever the number.

use tenantry_tests::portal_bench::turns;

#[tokio::test]
async fn of_hundreds_of_hostnames_only_what_has_changed_is_written() {
    let turns = turns(300).await.unwrap();
    let seen: Vec<_> = turns.turns.iter().map(|turn| (turn.what, turn.turns, turn.applied, turn.commits)).collect();
    let wanted = [
        ("all are new", 1, 900, 1),
        ("nothing", 1, 0, 0),
        ("one is new", 1, 3, 1),
        ("an object was deleted by hand", 1, 1, 0),
        ("one is gone", 1, 0, 1),
    ];
    assert_eq!(seen, wanted);
    let page = turns.to_string();
    assert!(page.contains("300 hostnames") && !page.contains("NaN"), "{page}");
}
