//! Mail in rows: what was accepted from whom, what a provider has accepted, and what stands around it.

mod accept;
mod address;
mod batch;
mod content;
mod lane;
mod provider;
mod read;
mod send;
mod sender;
mod stats;
mod told;
mod wanted;

pub use accept::{Handled, NewMessage, accept, record_handled};
pub use address::addresses;
pub use batch::{batch_members, make_batch};
pub use content::{MessageFacts, erase_old, facts};
pub use lane::{LaneRow, lane};
pub use provider::{ProviderRow, account_room, lock_health, providers, spend_account, write_health};
pub use read::{MessageFilter, MessageRow, SentRow, message, messages};
pub use send::{NewSend, record_sends};
pub use sender::{SenderRow, senders};
pub use stats::{StatsRow, stats};
pub use told::{ToldRow, told_of};
pub use wanted::{ChoiceRow, SuppressionRow, choices, suppressed};
