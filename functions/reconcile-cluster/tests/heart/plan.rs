use std::collections::{BTreeMap, BTreeSet};

use reconcile_cluster::{
    brake::{Released, entry},
    labels,
    plan::{Known, Plan, Why, plan},
};
use tenantry_cluster::{Found, Kind, Object};

use crate::given::{hostname, objects, recorded, rendering, row, there};

fn nobody() -> Known {
    Known::default()
}

fn planned<'a>(desired: &'a [Object], found: &'a [Found], known: &Known) -> Plan<'a> {
    plan(desired, found, known, &recorded(found), &Released::default())
}

fn kinds<'a>(found: impl IntoIterator<Item = &'a Found>) -> Vec<Kind> {
    found.into_iter().map(|found| found.key.kind).collect()
}

#[test]
fn what_is_not_there_is_created_hostname_by_hostname_the_certificate_first() {
    let desired = objects([2, 1]);
    let plan = planned(&desired, &[], &nobody());

    let created: Vec<(&str, Kind)> =
        plan.create.iter().map(|object| (object.labels[labels::HOST].as_str(), object.key.kind)).collect();
    let [a, b] = ["portal.acme1.test", "portal.acme2.test"];
    let [first, second, third] = Kind::ALL;
    assert_eq!(created, [(a, first), (a, second), (a, third), (b, first), (b, second), (b, third)]);
    assert_eq!(plan.apply(), plan.create);
}

#[test]
fn what_is_as_wanted_is_left() {
    let desired = objects([1, 2]);
    let found = there(&desired);
    let plan = planned(&desired, &found, &nobody());

    assert!(plan.is_empty());
    assert_eq!((plan.unchanged.len(), plan.managed()), (6, 6));
}

#[test]
fn what_is_wanted_otherwise_is_changed() {
    let before = objects([1]);
    let found = there(&before);
    let mut rendering = rendering();
    rendering.service.port = 3001;
    let desired = rendering.all(&[hostname(1)]).unwrap();
    let plan = planned(&desired, &found, &nobody());

    assert_eq!(plan.change.len(), 1);
    assert_eq!((plan.change[0].object.key.kind, plan.change[0].why), (Kind::VirtualService, Why::Wanted));
    assert_eq!(plan.unchanged.len(), 2);
}

#[test]
fn what_somebody_edited_is_written_again() {
    let desired = objects([1]);
    let mut found = there(&desired);
    let recorded = recorded(&found);
    found[0].generation = 2;
    found[1].labels.remove(labels::TENANT);
    found[2].annotations.remove(labels::HASH);
    let plan = plan(&desired, &found, &nobody(), &recorded, &Released::default());

    assert_eq!(plan.change.iter().map(|change| change.why).collect::<Vec<_>>(), [Why::Edited; 3]);
}

#[test]
fn labels_and_annotations_of_others_are_none_of_our_business() {
    let desired = objects([1]);
    let mut found = there(&desired);
    for found in &mut found {
        found.labels.insert("argocd.argoproj.io/instance".to_owned(), "portal".to_owned());
        found.annotations.insert("kubectl.kubernetes.io/last-applied".to_owned(), "{}".to_owned());
    }

    assert!(planned(&desired, &found, &nobody()).is_empty());
}

#[test]
fn what_nothing_is_recorded_about_is_written_again_once() {
    let desired = objects([1]);
    let found = there(&desired);
    let plan = plan(&desired, &found, &nobody(), &BTreeMap::new(), &Released::default());
    assert_eq!(plan.change.iter().map(|change| change.why).collect::<Vec<_>>(), [Why::Unknown; 3]);

    // Recorded about an object that was there before under the same key: about another object.
    let mut former = recorded(&found);
    former.values_mut().for_each(|recorded| recorded.uid = "former".to_owned());
    let plan = reconcile_cluster::plan::plan(&desired, &found, &nobody(), &former, &Released::default());
    assert_eq!(plan.change.len(), 3);
}

#[test]
fn a_server_that_does_not_count_generations_shows_no_edit() {
    let desired = objects([1]);
    let mut found = there(&desired);
    found.iter_mut().for_each(|found| found.generation = 0);

    assert!(planned(&desired, &found, &nobody()).is_empty());
}

#[test]
fn only_what_is_said_to_be_retired_is_deleted_the_route_first() {
    let all = objects([1, 2, 3]);
    let desired = objects([1]);
    let found = there(&all);
    let known = Known { retired: [row(2)].into(), serving: [row(1)].into() };
    let plan = planned(&desired, &found, &known);

    assert_eq!(kinds(plan.delete.iter().copied()), [Kind::VirtualService, Kind::Gateway, Kind::Certificate]);
    assert!(plan.delete.iter().all(|found| labels::row(found) == Some(row(2))));
    assert_eq!(plan.orphans.len(), 3);
    assert!(plan.orphans.iter().all(|found| labels::row(found) == Some(row(3))));
}

#[test]
fn an_empty_read_of_the_database_deletes_nothing() {
    let found = there(&objects(1..=40));
    let plan = planned(&[], &found, &nobody());

    assert!(plan.is_empty());
    assert_eq!(plan.orphans.len(), 120);
}

#[test]
fn a_row_that_serves_loses_nothing_even_if_it_is_said_to_be_retired() {
    let found = there(&objects([1]));
    let known = Known { retired: [row(1)].into(), serving: [row(1)].into() };
    let released = Released(found.iter().map(entry).collect());
    let plan = plan(&[], &found, &known, &recorded(&found), &released);

    assert!(plan.is_empty());
    assert_eq!((plan.kept.len(), plan.orphans.len()), (3, 0));
}

#[test]
fn what_is_wanted_is_not_deleted_even_if_it_is_said_to_be_retired() {
    let desired = objects([1]);
    let found = there(&desired);
    let known = Known { retired: [row(1)].into(), serving: BTreeSet::new() };

    assert!(planned(&desired, &found, &known).is_empty());
}

#[test]
fn after_a_change_of_namespace_the_object_in_the_former_one_is_kept() {
    let found = there(&objects([1]));
    let mut rendering = rendering();
    rendering.service_namespace = "portal".to_owned();
    let desired = rendering.all(&[hostname(1)]).unwrap();
    let known = Known { retired: BTreeSet::new(), serving: [row(1)].into() };
    let plan = planned(&desired, &found, &known);

    assert_eq!(plan.create.len(), 1);
    assert_eq!(kinds(plan.kept.iter().copied()), [Kind::VirtualService]);
}

#[test]
fn a_copy_under_another_name_is_an_orphan_whatever_its_labels_say() {
    let mut found = there(&objects([1]));
    found.iter_mut().for_each(|found| found.key.name = "my-copy".to_owned());
    let known = Known { retired: [row(1)].into(), serving: BTreeSet::new() };
    let plan = planned(&[], &found, &known);

    assert!(plan.delete.is_empty());
    assert_eq!(plan.orphans.len(), 3);
}

#[test]
fn what_is_not_ours_is_not_touched_and_its_row_is_told() {
    let desired = objects([1]);
    let mut found = there(&desired);
    found[1].labels.clear();
    let plan = plan(&desired, &found, &nobody(), &BTreeMap::new(), &Released::default());

    assert_eq!(plan.foreign.len(), 1);
    assert_eq!((plan.foreign[0].row, plan.foreign[0].found.key.kind), (Some(row(1)), Kind::Gateway));
    assert!(plan.apply().iter().all(|object| object.key.kind != Kind::Gateway));
    assert_eq!(plan.managed(), 2);
}

#[test]
fn whose_label_was_taken_away_is_ours_still_if_it_is_the_one_that_we_wrote() {
    let desired = objects([1]);
    let mut found = there(&desired);
    let recorded = recorded(&found);
    found[1].labels.remove(labels::MANAGED);
    let plan = plan(&desired, &found, &nobody(), &recorded, &Released::default());

    assert_eq!((plan.foreign.len(), plan.change.len()), (0, 1));
    assert_eq!(plan.change[0].why, Why::Edited);
}

#[test]
fn what_is_not_ours_and_not_wanted_is_not_even_mentioned() {
    let mut found = there(&objects([1]));
    found.iter_mut().for_each(|found| {
        found.labels.insert(labels::MANAGED.to_owned(), "false".to_owned());
    });
    let known = Known { retired: [row(1)].into(), serving: BTreeSet::new() };

    let nothing = BTreeMap::new();
    assert_eq!(plan(&[], &found, &known, &nothing, &Released::default()), Plan::default());
    // Unless it is the very object that we wrote: taking its label away does not make it somebody else's.
    assert_eq!(planned(&[], &found, &known).delete.len(), 3);
}

#[test]
fn what_is_on_its_way_out_is_left_until_it_is_gone() {
    let desired = objects([1]);
    let mut found = there(&objects([1, 2]));
    found.iter_mut().for_each(|found| found.deleting = true);
    let known = Known { retired: [row(2)].into(), serving: BTreeSet::new() };
    let plan = planned(&desired, &found, &known);

    assert!(plan.is_empty());
    assert_eq!(plan.leaving.len(), 6);
}

#[test]
fn a_released_orphan_is_deleted_and_no_other_that_came_in_its_place() {
    let found = there(&objects([1]));
    let released = Released(found.iter().map(entry).collect());
    let first = plan(&[], &found, &nobody(), &BTreeMap::new(), &released);
    assert_eq!((first.delete.len(), first.orphans.len()), (3, 0));

    let mut again = found.clone();
    again[0].uid = "another".to_owned();
    let second = plan(&[], &again, &nobody(), &BTreeMap::new(), &released);
    assert_eq!((second.delete.len(), second.orphans.len()), (2, 1));
}
