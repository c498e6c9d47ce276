//! What a queue promises, as scenarios that any SQS endpoint can be put through.
//!
//! ```no_run
//! # async fn run(client: aws_sdk_sqs::Client) {
//! use tenantry_standins::sqs::conformance;
//! for scenario in conformance::SCENARIOS {
//!     scenario.run(&client).await.unwrap_or_else(|error| panic!("{}: {error:#}", scenario.name));
//! }
//! # }
//! ```
//!
//! Each makes queues of its own and removes them, so they may run side by side. The longest takes about four seconds;
//! where time itself is the subject they wait, because the endpoint's clock cannot be turned.

mod batches;
mod client;
mod dead_letters;
mod messages;
mod queues;
mod refusals;
mod visibility;
mod waiting;

use anyhow::Result;
use aws_sdk_sqs::Client;
use futures::future::BoxFuture;

/// One promise and the way to try it.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// The promise, as a sentence.
    pub name: &'static str,
    play: fn(Client) -> BoxFuture<'static, Result<()>>,
}

impl Scenario {
    /// Tries it.
    ///
    /// # Errors
    /// When the promise is not kept, saying what was seen.
    pub async fn run(&self, client: &Client) -> Result<()> {
        (self.play)(client.clone()).await
    }
}

impl std::fmt::Debug for Scenario {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

macro_rules! scenarios {
    ($($module:ident :: $name:ident),* $(,)?) => {
        &[$(Scenario { name: stringify!($name), play: |client| Box::pin($module::$name(client)) }),*]
    };
}

/// All of them.
pub const SCENARIOS: &[Scenario] = scenarios![
    queues::a_queue_is_created_once_found_and_listed,
    queues::another_value_for_an_existing_queue_is_refused,
    queues::attributes_are_kept_and_counts_are_told,
    queues::a_purge_leaves_nothing,
    messages::a_message_arrives_whole,
    messages::attributes_come_when_asked_for,
    messages::a_second_delete_is_no_error,
    messages::a_handle_of_an_earlier_receive_is_no_error,
    batches::ten_are_sent_received_and_deleted_by_batch,
    batches::a_batch_deletes_what_it_can_and_names_the_rest,
    batches::a_batch_changes_what_it_can_and_names_the_rest,
    batches::a_wrong_batch_is_refused_as_a_whole,
    batches::a_batch_that_is_too_long_is_refused_as_a_whole,
    waiting::a_long_poll_ends_empty_after_its_time,
    waiting::a_long_poll_wakes_when_a_message_arrives,
    waiting::the_queue_says_how_long_to_wait_when_the_request_does_not,
    waiting::a_delayed_message_appears_when_its_delay_is_over,
    waiting::the_queue_says_how_long_to_delay_when_the_message_does_not,
    visibility::a_received_message_hides_and_comes_back_with_a_higher_count,
    visibility::a_handle_still_deletes_after_its_visibility_expired,
    visibility::a_visibility_of_nothing_brings_a_message_back_at_once,
    visibility::a_prolonged_message_stays_hidden,
    dead_letters::a_message_received_too_often_goes_to_the_dead_letters,
    dead_letters::a_deleted_message_never_becomes_a_dead_letter,
    refusals::an_unknown_queue_has_its_own_error,
    refusals::a_handle_that_is_none_has_its_own_error,
    refusals::the_visibility_of_a_deleted_message_cannot_be_changed,
    refusals::a_message_over_the_queues_limit_is_refused,
    refusals::characters_outside_xml_are_refused,
    refusals::numbers_out_of_range_are_refused,
];
