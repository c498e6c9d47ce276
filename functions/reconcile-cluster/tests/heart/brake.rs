use std::collections::BTreeSet;

use reconcile_cluster::{
    brake::{Brake, Limits, Released, brake, entry},
    plan::{Known, plan},
};
use tenantry_cluster::Found;

use crate::given::{objects, recorded, row, there};

/// What the brake says when of so many hostnames the first so many are retired.
fn retiring(of: u128, retired: u128, released: &Released) -> Option<Brake> {
    let found = there(&objects(0..of));
    let desired = objects(retired..of);
    let known = Known { retired: (0..retired).map(row).collect(), serving: (retired..of).map(row).collect() };
    let plan = plan(&desired, &found, &known, &recorded(&found), released);
    assert_eq!(plan.delete.len() as u128, retired * 3);
    brake(&plan, Limits::default(), released)
}

fn none() -> Released {
    Released::default()
}

#[test]
fn a_few_hostnames_go_without_a_word() {
    assert_eq!(retiring(1000, 10, &none()), None);
}

#[test]
fn more_than_thirty_objects_do_not() {
    let brake = retiring(1000, 11, &none()).unwrap();
    assert!(brake.holds);
    assert_eq!((brake.deletes.len(), brake.of), (33, 3000));
    assert!(brake.words.contains("33 of 3000 objects"));
}

#[test]
fn nor_does_more_than_a_fifth_of_what_is_there() {
    assert_eq!(retiring(20, 4, &none()), None, "a fifth is no more than a fifth");
    assert!(retiring(19, 4, &none()).unwrap().holds);
}

#[test]
fn a_small_installation_may_remove_all_it_has() {
    assert_eq!(retiring(1, 1, &none()), None);
    assert_eq!(retiring(3, 3, &none()), None);
    assert!(retiring(4, 4, &none()).is_some());
}

#[test]
fn an_orphan_is_asked_about_and_holds_nothing_else() {
    let found = there(&objects([1, 2]));
    let known = Known { retired: [row(1)].into(), serving: BTreeSet::new() };
    let plan = plan(&[], &found, &known, &recorded(&found), &none());
    let brake = brake(&plan, Limits::default(), &none()).unwrap();

    assert!(!brake.holds);
    assert_eq!((brake.deletes.len(), brake.orphans.len()), (3, 3));
    assert_eq!(brake.release().0, brake.orphans);
}

#[test]
fn a_release_covers_exactly_what_was_shown_and_any_part_of_it() {
    let shown = retiring(1000, 11, &none()).unwrap();
    let released = shown.release();

    assert_eq!(retiring(1000, 11, &released), None);
    assert_eq!(retiring(1000, 5, &released), None);
    let more = retiring(1000, 22, &released).unwrap();
    assert_eq!(more.deletes.len(), 33, "what was released does not count again, what was not does");
    assert!(more.deletes.is_disjoint(&shown.deletes));
}

#[test]
fn the_digest_is_of_the_set_and_of_nothing_else() {
    let shown = retiring(1000, 11, &none()).unwrap();
    assert_eq!(shown.digest, retiring(1000, 11, &none()).unwrap().digest);
    assert_eq!(shown.digest, retiring(2000, 11, &none()).unwrap().digest);
    assert_ne!(shown.digest, retiring(1000, 12, &none()).unwrap().digest);
    assert_eq!(shown.digest.len(), 64);

    let [found, ..]: [Found; 3] = there(&objects([1])).try_into().unwrap();
    let mut other = found.clone();
    other.uid = "other".to_owned();
    assert_ne!(entry(&found), entry(&other));
}

#[test]
fn a_release_is_kept_as_a_plain_list() {
    let released = Released(["b".to_owned(), "a".to_owned()].into());
    let text = serde_json::to_string(&released).unwrap();
    assert_eq!(text, r#"["a","b"]"#);
    assert_eq!(serde_json::from_str::<Released>(&text).unwrap(), released);
}
