//! A tenant onboarded, and everything that may go wrong on the way.

mod crash;
mod happy;
mod mail;
mod messages;
mod rollback;
