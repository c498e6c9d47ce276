//! The SQS endpoint, spoken to by the real SDK.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use futures::StreamExt;
use std::time::{Duration, Instant};
use tenantry_standins::sqs::conformance::SCENARIOS;
use tenantry_standins::sqs::{Depth, Misbehaviour, Options, Sqs};

fn client(endpoint: &str) -> Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("standin", "standin", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint);
    Client::from_conf(config.build())
}

async fn queue(client: &Client, name: &str) -> String {
    client.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap()
}

/// Runs the list; several at once, as most of their time is waiting.
async fn conforms(endpoint: &str, at_once: usize) {
    let client = client(endpoint);
    let outcomes = futures::stream::iter(SCENARIOS).map(|scenario| {
        let client = client.clone();
        async move { scenario.run(&client).await.map_err(|error| format!("{}: {error:#}", scenario.name)) }
    });
    let outcomes: Vec<_> = outcomes.buffer_unordered(at_once).collect().await;
    let failed: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{} of {} failed:\n{}", failed.len(), SCENARIOS.len(), failed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_keeps_every_promise_of_the_list() {
    let sqs = Sqs::start(Options::default()).await.unwrap();
    conforms(&sqs.endpoint(), SCENARIOS.len()).await;
    assert_eq!(sqs.queues(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs the same list against the endpoint named by CONFORMANCE_ENDPOINT"]
async fn another_endpoint_keeps_every_promise_of_the_list() {
    conforms(&std::env::var("CONFORMANCE_ENDPOINT").unwrap(), 4).await;
}

#[tokio::test]
async fn fifo_queues_and_unknown_actions_are_refused_in_words() {
    let sqs = Sqs::start(Options::default()).await.unwrap();
    let client = client(&sqs.endpoint());
    let error = client.create_queue().queue_name("orders.fifo").send().await.unwrap_err().into_service_error();
    assert!(error.is_unsupported_operation(), "{error:?}");
    assert!(error.to_string().contains("FIFO") || format!("{error:?}").contains("FIFO"), "{error:?}");
    let url = queue(&client, "q").await;
    let error = client.list_queue_tags().queue_url(url).send().await.unwrap_err();
    assert!(format!("{error:?}").contains("not part of this stand-in"), "{error:?}");
}

#[tokio::test]
async fn depth_tells_what_is_visible_in_flight_and_delayed() {
    let sqs = Sqs::start(Options::default()).await.unwrap();
    let client = client(&sqs.endpoint());
    let url = queue(&client, "q").await;
    assert_eq!(url, sqs.queue_url("q"));
    for delay in [0, 0, 900] {
        client.send_message().queue_url(&url).message_body("x").delay_seconds(delay).send().await.unwrap();
    }
    client.receive_message().queue_url(&url).send().await.unwrap();
    assert_eq!(sqs.depth("q"), Some(Depth { visible: 1, in_flight: 1, delayed: 1 }));
    assert_eq!(sqs.depth("other"), None);
}

#[tokio::test]
async fn messages_are_dropped_doubled_and_moved_as_the_seed_says() {
    let run = async |seed| {
        let sqs = Sqs::start(Options::default()).await.unwrap();
        let client = client(&sqs.endpoint());
        let url = queue(&client, "q").await;
        sqs.misbehave(Misbehaviour { seed, drop: 0.2, duplicate: 0.2, reorder: 0.3, ..Misbehaviour::default() });
        for number in 0..60 {
            client.send_message().queue_url(&url).message_body(number.to_string()).send().await.unwrap();
        }
        sqs.misbehave(None);
        client.send_message().queue_url(&url).message_body("end").send().await.unwrap();
        let mut bodies = Vec::new();
        while sqs.depth("q").unwrap().visible > 0 {
            let received = client.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
            bodies.extend(received.messages().iter().map(|message| message.body().unwrap().to_owned()));
        }
        bodies
    };
    let first = run(1).await;
    assert_eq!(first, run(1).await);
    assert_ne!(first, run(2).await);
    let count = |body: &str| first.iter().filter(|received| *received == body).count();
    let counts: Vec<_> = (0..60).map(|number| count(&number.to_string())).collect();
    assert!(counts.contains(&0) && counts.contains(&1) && counts.contains(&2), "{counts:?}");
    assert_eq!(count("end"), 1);
}

#[tokio::test]
async fn failing_requests_happen_before_and_after_their_effect() {
    let sqs = Sqs::start(Options::default()).await.unwrap();
    let client = client(&sqs.endpoint());
    let url = queue(&client, "q").await;
    sqs.misbehave(Misbehaviour { seed: 3, fail_requests: 1.0, ..Misbehaviour::default() });
    for _ in 0..20 {
        let error = client.send_message().queue_url(&url).message_body("x").send().await.unwrap_err();
        assert_eq!(error.raw_response().unwrap().status().as_u16(), 500);
    }
    let stored = sqs.depth("q").unwrap().visible;
    assert!((1..20).contains(&stored), "{stored}");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_polls_wait_at_once_each_message_wakes_one_and_stop_ends_the_rest() {
    let sqs = Sqs::start(Options::default()).await.unwrap();
    let client = client(&sqs.endpoint());
    let url = queue(&client, "q").await;
    let polls: Vec<_> = (0..300)
        .map(|_| {
            let poll = client.receive_message().queue_url(&url).wait_time_seconds(20).send();
            tokio::spawn(async move { poll.await.map(|received| received.messages().len()) })
        })
        .collect();
    let start = Instant::now();
    for _ in 0..100 {
        client.send_message().queue_url(&url).message_body("x").send().await.unwrap();
    }
    while sqs.depth("q").unwrap().in_flight < 100 {
        assert!(start.elapsed() < Duration::from_secs(15), "{:?}", sqs.depth("q"));
        tokio::task::yield_now().await;
    }
    sqs.stop().await;
    let mut received = 0;
    for poll in polls {
        // A poll that came after the end is refused, which is as good as empty.
        received += poll.await.unwrap().unwrap_or(0);
    }
    assert_eq!(received, 100);
    assert!(start.elapsed() < Duration::from_secs(19), "the polls were not ended: {:?}", start.elapsed());
}
