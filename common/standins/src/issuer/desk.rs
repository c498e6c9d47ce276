//! What the routes share.

use super::claims::SignInFlaw;
use super::codes::Codes;
use super::mint::Mint;
use super::people::People;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The issuer's desk.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) mint: Mint,
    /// What clients must show at the token endpoint; none takes public clients only.
    pub(super) client_secret: Option<String>,
    pub(super) codes: Codes,
    pub(super) people: RwLock<Arc<dyn People>>,
    pub(super) flaws: Mutex<VecDeque<SignInFlaw>>,
}

impl Desk {
    pub(super) fn people(&self) -> Arc<dyn People> {
        Arc::clone(&self.people.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn next_flaw(&self) -> Option<SignInFlaw> {
        self.flaws.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}
