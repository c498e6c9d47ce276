//! Deliveries to webhook endpoints.

use std::time::Duration;

use serde_json::Value;
use tenantry_kernel::{
    Status,
    sim::{Rehearsal, Theatre},
};
use tenantry_model::{ErrorClass, Fault, TenantId, WebhookDeliveryId, WebhookEndpointId, WebhookEventId};
use tenantry_workflows::webhook_delivery::{About, Command, Data, Event, News, WAITS, WebhookDelivery};
use uuid::Uuid;

/// All that may happen to a delivery.
struct Deliveries;

impl Rehearsal for Deliveries {
    type Life = WebhookDelivery;

    fn starts() -> Vec<Data> {
        vec![delivery(), delivery().by_hand()]
    }

    fn answers(_: &Command) -> Vec<Event> {
        let unwanted = |news| Event::Unwanted { why: "rehearsed".into(), news };
        vec![
            Event::Taken,
            not_taken(None),
            Event::PutOff { seconds: 60 },
            Event::NotTaken { fault: fault(), news: Some(News::Failing(about())) },
            unwanted(None),
            unwanted(Some(News::Disabled(about()))),
        ]
    }

    fn wishes() -> Vec<Event> {
        vec![Event::RetryAsked, Event::CancelAsked { by: "ada".into() }]
    }

    fn replies((): &()) -> Vec<Value> {
        Vec::new()
    }
}

fn delivery() -> Data {
    let [id, endpoint, event] = [0, 1, 2].map(Uuid::from_u128);
    Data::new(WebhookDeliveryId(id), WebhookEndpointId(endpoint), WebhookEventId(event), "tenant.created")
}

fn about() -> About {
    let (tenant, endpoint) = (TenantId(Uuid::nil()), WebhookEndpointId(Uuid::from_u128(1)));
    About { tenant, endpoint, host: "hooks.acme.example".into(), details: Vec::new() }
}

fn fault() -> Fault {
    Fault::new(ErrorClass::TimeoutError, "it answered 500")
}

fn not_taken(retry_after: Option<u64>) -> Event {
    Event::NotTaken { fault: Fault { retry_after, ..fault() }, news: None }
}

#[test]
fn every_story_of_a_delivery_ends() {
    let explored = super::page::<Deliveries>();
    assert_eq!(explored.ends.iter().map(String::as_str).collect::<Vec<_>>(), ["delivered", "dropped", "failed"]);
}

/// How long a delivery waits after a try, and when it is tried again.
fn waited(delivery: &mut Theatre<WebhookDelivery>, answer: &Event) -> Duration {
    delivery.answer(answer).unwrap();
    assert!(delivery.commands().is_empty(), "{}", delivery.transcript());
    let wait = Duration::from_millis(delivery.life().data["wait"].as_u64().unwrap());
    delivery.pass(wait).unwrap();
    assert_eq!(delivery.commands(), ["Deliver"], "{}", delivery.transcript());
    wait
}

#[test]
fn ten_tries_are_made_in_the_time_that_the_standard_wants_and_a_little_later() {
    for seed in [0, 1, 128, 255] {
        let mut delivery = Theatre::<WebhookDelivery>::new(Data { seed, ..delivery() });
        for wanted in WAITS {
            let waited = waited(&mut delivery, &not_taken(None));
            let wanted = Duration::from_secs(wanted);
            assert!(
                wanted <= waited && waited <= wanted.mul_f32(1.1) + Duration::from_secs(1),
                "{wanted:?} {waited:?}"
            );
        }
        delivery.answer(&not_taken(None)).unwrap();
        assert_eq!(delivery.status(), Status::Failed, "{}", delivery.transcript());
        assert_eq!(delivery.result()["attempts"], 10);
    }
}

#[test]
fn a_receiver_that_asks_for_patience_gets_it_up_to_a_day() {
    let hour = Duration::from_secs(3600);
    for (asked, least, most) in [
        (1, Duration::from_secs(5), Duration::from_secs(7)),
        (3600, hour, hour.mul_f32(1.11)),
        (1_000_000, 24 * hour, (24 * hour).mul_f32(1.11)),
    ] {
        let mut delivery = Theatre::<WebhookDelivery>::new(delivery());
        let waited = waited(&mut delivery, &not_taken(Some(asked)));
        assert!(least <= waited && waited <= most, "{asked}: {waited:?}");
    }
}

#[test]
fn two_deliveries_that_fail_together_are_not_tried_together() {
    let first_wait = |seed| {
        let mut delivery = Theatre::<WebhookDelivery>::new(Data { seed, ..delivery() });
        for _ in 0..5 {
            waited(&mut delivery, &not_taken(None));
        }
        delivery.now()
    };
    assert_ne!(first_wait(1), first_wait(2));
    assert_eq!(first_wait(1), first_wait(1));
}

#[test]
fn what_was_asked_for_by_hand_is_tried_at_once() {
    let mut delivery = Theatre::<WebhookDelivery>::new(delivery());
    delivery.answer(&not_taken(None)).unwrap();
    delivery.wish(&Event::RetryAsked).unwrap();
    assert_eq!(
        (delivery.commands(), &delivery.life().data["insist"]),
        (vec!["Deliver".to_owned()], &Value::Bool(true))
    );
    delivery.answer(&Event::Taken).unwrap();
    assert_eq!((delivery.status(), delivery.result()["attempts"].as_u64()), (Status::Completed, Some(2)));
}

#[test]
fn to_be_put_off_is_no_try_and_takes_longer_each_time_up_to_half_an_hour() {
    let mut delivery = Theatre::<WebhookDelivery>::new(delivery());
    let minute = Duration::from_secs(60);
    for minutes in [1, 2, 4, 8, 16, 32, 32] {
        let waited = waited(&mut delivery, &Event::PutOff { seconds: 30 });
        assert!(minutes * minute <= waited && waited <= (minutes * minute).mul_f32(1.1), "{minutes}: {waited:?}");
        assert_eq!(delivery.result()["attempts"], 0);
        assert!(delivery.result()["why"].as_str().unwrap().contains("left alone"));
    }
    // Longer, where the endpoint rests longer; and anew after a try.
    let waited_long = waited(&mut delivery, &Event::PutOff { seconds: 7200 });
    assert!(waited_long >= 120 * minute);
    waited(&mut delivery, &not_taken(None));
    assert_eq!((delivery.result()["attempts"].as_u64(), delivery.result()["why"].as_str()), (Some(1), None));
    assert!(waited(&mut delivery, &Event::PutOff { seconds: 1 }) < 2 * minute);
    delivery.answer(&Event::Taken).unwrap();
    assert_eq!((delivery.status(), delivery.result()["why"].as_str()), (Status::Completed, None));
}
