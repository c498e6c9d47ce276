//! Webhooks: where tenants want to be told, what has happened, how each delivery went, and whether an endpoint is well.

mod attempt;
mod delivery;
mod endpoint;
mod erase;
mod health;
mod publish;

pub use attempt::{Attempt, DeliveryFacts, Marked, facts, gone, mark, probe};
pub use delivery::{AttemptRow, DeliveryFilter, DeliveryRow, attempts_of, deliveries, delivery};
pub use endpoint::{
    EndpointChange, EndpointFilter, EndpointRow, NewEndpoint, add_endpoint, change_endpoint, endpoint, endpoints,
    remove_endpoint, rotate_secret,
};
pub use erase::{erase_events, forget_deliveries};
pub use health::{DISABLED_AFTER, Health, WARNED_AFTER};
pub use publish::{LARGEST_BODY, NewEvent, Once, deliver_by_hand, missed, publish, put_event};
