use std::collections::BTreeMap;

use reconcile_cluster::{
    brake::Released,
    files::{FileChanges, entry, file_changes},
    plan::Known,
    render::Hostname,
    yaml,
};

use crate::given::{hostname, rendering, row};

type Files = BTreeMap<String, String>;

fn files(hostnames: &[Hostname]) -> Files {
    yaml::files(&rendering(), hostnames).unwrap()
}

fn of(numbers: impl IntoIterator<Item = u128>) -> Files {
    files(&numbers.into_iter().map(hostname).collect::<Vec<_>>())
}

fn renamed(number: u128, slug: &str) -> Hostname {
    Hostname { slug: slug.to_owned(), ..hostname(number) }
}

fn changes(desired: &Files, present: &Files, retired: &[u128]) -> FileChanges {
    let known = Known { retired: retired.iter().copied().map(row).collect(), ..Known::default() };
    file_changes(desired, present, &known, &Released::default())
}

fn removed(changes: &FileChanges) -> Vec<&str> {
    changes.remove.iter().map(String::as_str).collect()
}

#[test]
fn nothing_changed_is_nothing_written() {
    let changes = changes(&of([1, 2]), &of([1, 2]), &[]);
    assert_eq!(changes, FileChanges::default());
    assert!(changes.is_empty());
}

#[test]
fn a_new_tenant_is_a_new_file_and_no_other_is_touched() {
    let changes = changes(&of([1, 2]), &of([1]), &[]);
    assert_eq!(changes.write.keys().collect::<Vec<_>>(), ["acme2.yaml"]);
    assert!(changes.remove.is_empty());
}

#[test]
fn what_somebody_edited_is_overwritten() {
    let mut present = of([1]);
    present.get_mut("acme1.yaml").unwrap().push_str("# a note\n");
    assert_eq!(changes(&of([1]), &present, &[]).write, of([1]));
}

#[test]
fn a_file_goes_when_all_its_rows_are_retired_and_not_before() {
    assert_eq!(removed(&changes(&of([1]), &of([1, 2]), &[2])), ["acme2.yaml"]);

    let left = changes(&of([1]), &of([1, 2]), &[]);
    assert!(left.is_empty());
    assert_eq!(left.orphans, BTreeMap::from([("acme2.yaml".to_owned(), [row(2)].into())]));
}

#[test]
fn an_empty_read_of_the_database_removes_nothing() {
    let left = changes(&Files::new(), &of([1, 2, 3]), &[]);
    assert!(left.is_empty());
    assert_eq!(left.orphans.len(), 3);
}

#[test]
fn a_row_that_serves_keeps_its_file_even_if_it_is_said_to_be_retired() {
    let known = Known { retired: [row(1)].into(), serving: [row(1)].into() };
    let left = file_changes(&Files::new(), &of([1]), &known, &Released::default());
    assert!(left.is_empty());
}

#[test]
fn a_file_is_not_rewritten_without_a_row_that_nobody_knows() {
    let both = files(&[renamed(1, "acme"), renamed(2, "acme")]);
    let one = files(&[renamed(1, "acme")]);

    let held = changes(&one, &both, &[]);
    assert!(held.is_empty());
    assert_eq!(held.orphans["acme.yaml"], [row(2)].into());
    assert_eq!(changes(&one, &both, &[2]).write, one);
}

#[test]
fn a_release_lets_exactly_that_row_go() {
    let present = of([1, 2]);
    let left = changes(&Files::new(), &present, &[]);
    assert_eq!(left.releasable(), [entry("acme1.yaml", row(1)), entry("acme2.yaml", row(2))].into());

    let released = Released([entry("acme1.yaml", row(1))].into());
    let after = file_changes(&Files::new(), &present, &Known::default(), &released);
    assert_eq!(removed(&after), ["acme1.yaml"]);
    assert_eq!(after.orphans.len(), 1);
}

#[test]
fn a_renamed_tenant_moves_to_its_new_file() {
    let changes = changes(&files(&[renamed(1, "new")]), &files(&[renamed(1, "old")]), &[]);
    assert_eq!(changes.write.keys().collect::<Vec<_>>(), ["new.yaml"]);
    assert_eq!(removed(&changes), ["old.yaml"]);
}

#[test]
fn two_tenants_may_swap_their_names() {
    let before = files(&[renamed(1, "a"), renamed(2, "b")]);
    let after = files(&[renamed(1, "b"), renamed(2, "a")]);
    let changes = changes(&after, &before, &[]);
    assert_eq!(changes.write, after);
    assert!(changes.orphans.is_empty());
}

#[test]
fn a_row_does_not_leave_its_file_for_one_that_cannot_be_written() {
    let mut present = files(&[renamed(1, "old")]);
    present.insert("new.yaml".to_owned(), "kind: ConfigMap\n".to_owned());
    let desired = files(&[renamed(1, "new")]);
    let left = changes(&desired, &present, &[]);
    assert!(left.is_empty());
    assert_eq!(left.foreign, ["new.yaml".to_owned()].into());
    assert_eq!(left.orphans.keys().collect::<Vec<_>>(), ["old.yaml"]);

    // Nor for one that is held by a third: 1 moves into the file of 2, which still holds 3, which nobody knows.
    let present = files(&[renamed(1, "one"), renamed(2, "two"), renamed(3, "two")]);
    let desired = files(&[renamed(1, "two"), renamed(2, "two")]);
    let left = changes(&desired, &present, &[]);
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(left.orphans.keys().collect::<Vec<_>>(), ["one.yaml", "two.yaml"]);
}

#[test]
fn files_of_others_are_not_touched() {
    let mut present = of([1]);
    present.insert("kustomization.yaml".to_owned(), "resources: [acme1.yaml]\n".to_owned());
    present.insert("ours-but-empty.yaml".to_owned(), format!("{}\n", yaml::FIRST_LINE));
    let changes = changes(&of([1]), &present, &[1]);
    assert!(changes.is_empty());
    assert_eq!(changes.untouched.len(), 2);
}

#[test]
fn a_file_with_the_marks_of_a_merge_still_says_what_is_in_it() {
    let mut present = of([1]);
    let text = present.get_mut("acme1.yaml").unwrap();
    *text = text.replace("spec:", "<<<<<<< HEAD\nspec:\n=======\n");
    let left = changes(&Files::new(), &present, &[]);
    assert!(left.is_empty());
    assert_eq!(left.orphans["acme1.yaml"], [row(1)].into());
    assert_eq!(changes(&of([1]), &present, &[]).write, of([1]));
}
