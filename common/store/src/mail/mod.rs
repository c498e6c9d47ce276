//! Mail in rows: what was accepted from whom, what a provider has accepted, and what stands around it.

mod accept;
mod address;
mod batch;
mod content;
mod event;
mod lane;
mod pause;
mod preference;
mod provider;
mod pulse;
mod read;
mod send;
mod sender;
mod settings;
mod stats;
mod suppression;
mod template;
mod told;
mod wanted;

pub use accept::{Handled, NewMessage, accept, record_handled};
pub use address::addresses;
pub use batch::{batch_members, make_batch};
pub use content::{MessageFacts, erase_old, facts};
pub(crate) use event::MATCHED_FOR;
pub use event::{Happened, Heard, MailEvent, hear, match_events, sent_between};
pub use lane::{LaneRow, lane};
pub use pause::{Opened, guard, open_lane, pause, resume};
pub use preference::{Choice, has_tenant, has_user, set_choices, set_defaults};
pub use provider::{ProviderRow, account_room, lock_health, providers, spend_account, write_health};
pub use pulse::{EVENTS_TAKE, Pulse, SILENT_AFTER, pulse};
pub use read::{MessageFilter, MessageRow, SentRow, message, messages};
pub use send::{NewSend, record_sends};
pub use sender::{SenderRow, senders};
pub use settings::{SettingsRow, change_settings, limit_lane, settings};
pub use stats::{StatsRow, stats};
pub use suppression::{
    NewSuppression, SoftBounces, SuppressionEntry, SuppressionFilter, count_soft_bounce, suppress, suppressions,
    unsuppress,
};
pub use template::{
    Reset, TemplateLine, TemplatePlace, TemplateRow, TemplateVersion, other_templates, publish_template,
    published_locales, reset_template, template, template_versions, templates, write_draft,
};
pub use told::{ToldRow, told_of};
pub use wanted::{ChoiceRow, SuppressionRow, choices, suppressed};
