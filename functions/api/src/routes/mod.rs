//! Every route. One file answers one kind of question.
#![allow(unused_qualifications, reason = "what utoipa generates for its params")]

pub(crate) mod audit;
pub(crate) mod credential;
pub(crate) mod dns_page;
pub(crate) mod drills;
pub(crate) mod email_domains;
pub(crate) mod email_settings;
pub(crate) mod email_settings_change;
pub(crate) mod health;
pub(crate) mod invitations;
pub(crate) mod keys;
mod life;
mod look;
pub(crate) mod me;
pub(crate) mod messages;
pub(crate) mod onboard;
pub(crate) mod portal_domains;
pub(crate) mod preferences;
pub(crate) mod provider_events;
pub(crate) mod providers;
pub(crate) mod retry;
pub(crate) mod revoke;
mod run;
pub(crate) mod runs;
mod schema;
pub(crate) mod sending;
pub(crate) mod signals;
pub(crate) mod suppressions;
pub(crate) mod task_answer;
pub(crate) mod tasks;
pub(crate) mod templates;
pub(crate) mod tenants;
pub(crate) mod timeline;
pub(crate) mod unsubscribe;
