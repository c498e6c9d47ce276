//! All that may happen to an import, and the stories that are told one by one.

use std::time::Duration;

use serde_json::Value;
use tenantry_kernel::{
    Status,
    sim::{Rehearsal, Theatre},
};
use tenantry_model::{ErrorClass, Fault};
use tenantry_workflows::tenant_import::{Command, Counts, Data, Event, TenantImport};

use super::page;

struct Imports;

const FIVE: Counts =
    Counts { total: 5, waiting: 4, running: 0, succeeded: 0, failed: 0, invalid: 1, duplicate: 0, cancelled: 0 };

fn turn(counts: Counts, asking: u32) -> Event {
    Event::RowsImported { counts, asking }
}

fn cancel() -> Event {
    Event::CancelAsked { by: "ada".into() }
}

impl Rehearsal for Imports {
    type Life = TenantImport;

    fn starts() -> Vec<Data> {
        vec![Data::new(FIVE)]
    }

    fn answers(command: &Command) -> Vec<Event> {
        let Command::ImportRows { begin } = command;
        let asked = Counts { waiting: 0, running: 1, succeeded: 3, ..FIVE };
        let over = Counts { waiting: 0, succeeded: 4, ..FIVE };
        if *begin {
            vec![turn(Counts { waiting: 2, running: 2, ..FIVE }, 0), turn(asked, 1), turn(over, 0)]
        } else {
            let withdrawn = Counts { waiting: 0, cancelled: 2, ..FIVE };
            vec![turn(Counts { running: 2, ..withdrawn }, 0), turn(Counts { succeeded: 2, ..withdrawn }, 0)]
        }
    }

    fn wishes() -> Vec<Event> {
        vec![cancel()]
    }

    fn replies((): &()) -> Vec<Value> {
        Vec::new()
    }
}

#[test]
fn every_story_of_an_import_ends() {
    let explored = page::<Imports>();
    assert_eq!(explored.ends.iter().map(String::as_str).collect::<Vec<_>>(), ["cancelled", "completed"]);
    assert_eq!(explored.states.len(), 6, "every state is reached: {:?}", explored.states);
}

#[test]
fn an_import_goes_on_turn_by_turn_and_tells_its_progress() {
    let mut import = Theatre::<TenantImport>::new(Data::new(FIVE));
    assert_eq!(import.commands(), ["ImportRows"]);
    import.answer(&turn(Counts { waiting: 2, running: 2, ..FIVE }, 0)).unwrap();
    assert_eq!((import.life().progress, import.status()), (20, Status::Running));
    import.pass(Duration::from_secs(1)).unwrap();
    import.answer(&turn(Counts { waiting: 0, running: 2, succeeded: 1, failed: 1, ..FIVE }, 0)).unwrap();
    import.pass(Duration::from_secs(1)).unwrap();
    import.answer(&turn(Counts { waiting: 0, succeeded: 3, failed: 1, ..FIVE }, 0)).unwrap();
    assert_eq!((import.life().progress, import.status()), (100, Status::Completed), "{}", import.transcript());
    assert_eq!(import.result()["failed"], 1);
}

#[test]
fn an_import_that_only_people_can_move_looks_less_and_less_often() {
    let mut import = Theatre::<TenantImport>::new(Data::new(FIVE));
    let asked = turn(Counts { waiting: 0, running: 1, succeeded: 3, ..FIVE }, 1);
    import.answer(&asked).unwrap();
    let mut looks = 0;
    while import.now() < Duration::from_secs(86_400) {
        import.pass(Duration::from_secs(300)).unwrap();
        if import.commands().is_empty() {
            continue;
        }
        looks += 1;
        import.answer(&asked).unwrap();
    }
    assert!((200..=300).contains(&looks), "{looks} looks on a day");
}

#[test]
fn a_cancelled_import_follows_what_it_has_begun() {
    let mut import = Theatre::<TenantImport>::new(Data::new(FIVE));
    import.answer(&turn(Counts { waiting: 2, running: 2, ..FIVE }, 0)).unwrap();
    import.wish(&cancel()).unwrap();
    import.answer(&turn(Counts { waiting: 0, cancelled: 2, running: 2, ..FIVE }, 0)).unwrap();
    assert_eq!(import.status(), Status::Running, "two are under way");
    import.wish(&cancel()).unwrap();
    import.pass(Duration::from_secs(1)).unwrap();
    import.answer(&turn(Counts { waiting: 0, cancelled: 2, succeeded: 2, ..FIVE }, 0)).unwrap();
    assert_eq!(import.status(), Status::Cancelled, "{}", import.transcript());
    assert_eq!(import.result()["cancelledBy"], "ada");
}

#[test]
fn a_turn_that_cannot_be_done_is_done_later() {
    let mut import = Theatre::<TenantImport>::new(Data::new(FIVE));
    import.fail(&Fault::new(ErrorClass::DatabaseError, "connection lost")).unwrap();
    assert_eq!(import.status(), Status::Running);
    import.pass(Duration::from_secs(60)).unwrap();
    assert_eq!(import.commands(), ["ImportRows"]);
    import.answer(&turn(Counts { waiting: 0, succeeded: 4, ..FIVE }, 0)).unwrap();
    assert_eq!(import.status(), Status::Completed);
}
