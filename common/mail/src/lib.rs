#![doc = include_str!("../README.md")]

mod bounce;
mod category;
mod domain;
mod domain_consumer;
mod domain_name;
mod draft;
mod portal_name;
mod preference;
pub mod reputation;
mod route;
mod unsubscribe;

pub use bounce::{
    BOUNCE_WINDOW_DAYS, Bounce, BounceKind, ListChange, SOFT_BOUNCE_DAYS, SOFT_BOUNCES, on_bounce, on_complaint,
};
pub use category::{Category, CategoryKind, WordError};
pub use domain::{from_pattern, may_be_claimed, platform_base, subdomain_pattern};
pub use domain_consumer::is_consumer;
pub use domain_name::{NameRefusal, NameRules, is_apex, registered, unicode_name};
pub use draft::{Attachment, Draft, Limits, Mailbox, MailboxError, Problem, check, check_headers, check_tags};
pub use portal_name::{PortalName, PortalNameRefusal};
pub use preference::{
    LeftOut, Preference, Preferences, RecipientFacts, Sifted, Suppression, SuppressionReason, Verdict, decide, sift,
};
pub use reputation::{Counts, Standing, standing};
pub use route::{
    Again, Asked, Available, Capabilities, CustomDomain, Decision, DomainTier, ProviderView, Reason, Route, Sender,
    TenantStatus, Tier, may_send_as, route,
};
pub use unsubscribe::{UnsubscribeError, UnsubscribeToken, unsubscribe_headers};
