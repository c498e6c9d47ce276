//! Mail in rows: what was accepted from whom, what a provider has accepted, and what stands around it.

mod accept;
mod batch;
mod content;
mod provider;
mod send;
mod sender;
mod wanted;

pub use accept::{Handled, NewMessage, accept, record_handled};
pub use batch::{batch_members, make_batch};
pub use content::{MessageFacts, erase_old, facts};
pub use provider::{ProviderRow, account_room, lock_health, providers, spend_account, write_health};
pub use send::{NewSend, record_sends};
pub use sender::{SenderRow, senders};
pub use wanted::{ChoiceRow, SuppressionRow, choices, suppressed};
