//! What holds of every plan, whatever is wanted and whatever is there.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*, sample::subsequence};
use reconcile_cluster::{
    brake::{Released, entry},
    labels,
    plan::{Known, Plan, Recorded, plan},
};
use tenantry_cluster::{Found, Key, Object};
use uuid::Uuid;

use crate::given::{objects, recorded, rendering, row, there};

const ROWS: u128 = 6;

/// Rows and a cluster in which anything may have happened.
#[derive(Debug, Clone)]
struct World {
    desired: Vec<Object>,
    found: Vec<Found>,
    known: Known,
    recorded: BTreeMap<Key, Recorded>,
    released: Released,
}

impl World {
    fn plan(&self) -> Plan<'_> {
        plan(&self.desired, &self.found, &self.known, &self.recorded, &self.released)
    }

    /// The same world after the plan was carried out.
    fn after(&self) -> Self {
        let plan = self.plan();
        let mut found = self.found.clone();
        let gone: BTreeSet<&str> = plan.delete.iter().map(|found| found.uid.as_str()).collect();
        found.retain(|found| !gone.contains(found.uid.as_str()));
        let mut recorded = self.recorded.clone();
        for object in plan.apply() {
            let mut written = there(std::slice::from_ref(object)).remove(0);
            match found.iter_mut().find(|found| found.key == object.key) {
                Some(before) => {
                    before.generation += 1;
                    before.labels.extend(written.labels);
                    before.annotations.extend(written.annotations);
                    recorded.extend(self::recorded(std::slice::from_ref(before)));
                }
                None => {
                    written.uid = format!("new-{}", written.uid);
                    recorded.extend(self::recorded(std::slice::from_ref(&written)));
                    found.push(written);
                }
            }
        }
        Self { found, recorded, ..self.clone() }
    }
}

fn rows() -> impl Strategy<Value = Vec<u128>> {
    subsequence((0..ROWS).collect::<Vec<_>>(), 0..=ROWS as usize)
}

/// What happened to an object since it was written.
fn fate() -> impl Strategy<Value = u8> {
    0..10u8
}

prop_compose! {
    fn world()(
        desired in rows(),
        found in rows(),
        retired in rows(),
        serving in rows(),
        fates in vec(fate(), 3 * ROWS as usize),
        port in 3000..3002u16,
        release in any::<bool>(),
    ) -> World {
        let mut then = rendering();
        then.service.port = port;
        let hostnames: Vec<_> = found.into_iter().map(crate::given::hostname).collect();
        let mut found = there(&then.all(&hostnames).unwrap());
        let mut recorded = recorded(&found);
        for (index, (found, fate)) in found.iter_mut().zip(fates).enumerate() {
            match fate {
                0 => found.generation += 1,
                1 => drop(found.labels.remove(labels::MANAGED)),
                2 => found.deleting = true,
                3 => drop(recorded.remove(&found.key)),
                4 => {
                    found.labels.clear();
                    recorded.remove(&found.key);
                }
                5 => found.key.name = format!("copy-{index}"),
                6 => found.key.namespace = "elsewhere".to_owned(),
                _ => (),
            }
        }
        let released = if release { found.iter().step_by(2).map(entry).collect() } else { BTreeSet::new() };
        let ids = |numbers: Vec<u128>| -> BTreeSet<Uuid> { numbers.into_iter().map(row).collect() };
        World {
            desired: objects(desired),
            found,
            known: Known { retired: ids(retired), serving: ids(serving) },
            recorded,
            released: Released(released),
        }
    }
}

proptest! {
    #[test]
    fn nothing_of_a_row_that_serves_is_deleted(world in world()) {
        for found in &world.plan().delete {
            let labelled = found.labels.get(labels::DOMAIN_ID).and_then(|row| row.parse().ok());
            let own = labels::row(found).is_some();
            prop_assert!(!own || !world.known.serving.contains(&labelled.unwrap()));
        }
    }

    #[test]
    fn nothing_is_deleted_that_is_wanted_or_not_ours_or_unknown(world in world()) {
        let wanted: BTreeSet<&Key> = world.desired.iter().map(|object| &object.key).collect();
        for found in &world.plan().delete {
            prop_assert!(!wanted.contains(&found.key));
            let written = world.recorded.get(&found.key).is_some_and(|recorded| recorded.uid == found.uid);
            prop_assert!(written || labels::ours(&found.labels));
            let row = labels::row(found).or_else(|| labels::row_of_name(&found.key.name).filter(|_| written));
            let retired = row.is_some_and(|row| world.known.retired.contains(&row));
            prop_assert!(retired || world.released.covers(found));
        }
    }

    #[test]
    fn everything_wanted_and_everything_ours_is_somewhere_and_only_once(world in world()) {
        let plan = world.plan();
        let leaving: Vec<&Key> = plan.leaving.iter().map(|found| &found.key).collect();
        for object in &world.desired {
            let key = &object.key;
            let times = plan.create.iter().filter(|object| object.key == *key).count()
                + plan.change.iter().filter(|change| change.object.key == *key).count()
                + plan.unchanged.iter().filter(|object| object.key == *key).count()
                + plan.foreign.iter().filter(|foreign| foreign.object.key == *key).count()
                + leaving.iter().filter(|leaving| **leaving == key).count();
            prop_assert_eq!(times, 1, "{}", key);
        }
        let ours = world.found.iter().filter(|found| labels::ours(&found.labels)).count();
        prop_assert!(plan.managed() >= ours);
    }

    #[test]
    fn the_plan_of_the_result_is_empty(world in world()) {
        let after = world.after();
        let plan = after.plan();
        prop_assert!(plan.is_empty(), "{plan:?}");
    }

    #[test]
    fn the_order_in_which_things_are_listed_does_not_matter(world in world(), turn in 0..18usize) {
        let mut other = world.clone();
        other.desired.reverse();
        other.found.reverse();
        if !other.found.is_empty() {
            let by = turn % other.found.len();
            other.found.rotate_left(by);
        }
        prop_assert_eq!(world.plan(), other.plan());
    }
}
