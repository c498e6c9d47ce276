//! The list of what a queue promises, against a queue that is not ours. What only our own endpoint kept would prove
//! nothing.

use std::collections::BTreeSet;

use aws_sdk_sqs::Client;
use futures::StreamExt as _;
use tenantry_standins::sqs::conformance::SCENARIOS;

use super::ministack::MiniStack;

/// What MiniStack does not keep and SQS does. Exactly these: when it learns one, this list says so.
const DEVIATIONS: [&str; 3] =
    ["a_handle_of_an_earlier_receive_is_no_error", "a_second_delete_is_no_error", "numbers_out_of_range_are_refused"];

#[tokio::test(flavor = "multi_thread")]
async fn another_queue_keeps_the_promises_that_ours_keeps() {
    let Some(ministack) = MiniStack::start(&[]).await else { return };
    let client = Client::new(&ministack.sdk().await);
    let outcomes = futures::stream::iter(SCENARIOS).map(|scenario| {
        let client = client.clone();
        async move { scenario.run(&client).await.err().map(|error| (scenario.name, format!("{error:#}"))) }
    });
    let broken: Vec<_> = outcomes.buffer_unordered(4).filter_map(async |broken| broken).collect().await;
    let names: BTreeSet<&str> = broken.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, BTreeSet::from(DEVIATIONS), "{broken:#?}");
}
