//! What all batches have in common: the checks of the whole, and an answer per entry.

use super::error::Fault;
use super::wire::{BatchAnswer, Done, Entry, Failed};
use std::collections::HashSet;

/// The refusals that concern the whole batch.
pub(super) fn check<E>(entries: &[Entry<E>]) -> Result<(), Fault> {
    if entries.is_empty() {
        return Err(Fault::empty_batch());
    }
    if entries.len() > 10 {
        return Err(Fault::too_many(entries.len()));
    }
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if entries.iter().any(|entry| entry.id.is_empty() || entry.id.len() > 80 || !entry.id.chars().all(fits)) {
        return Err(Fault::bad_entry_id());
    }
    let mut seen = HashSet::new();
    match entries.iter().find(|entry| !seen.insert(entry.id.as_str())) {
        Some(entry) => Err(Fault::same_ids(&entry.id)),
        None => Ok(()),
    }
}

/// Does each entry by itself.
pub(super) fn each<E, T>(entries: Vec<Entry<E>>, mut work: impl FnMut(E) -> Result<T, Fault>) -> BatchAnswer<T> {
    let mut answer = BatchAnswer { successful: Vec::with_capacity(entries.len()), failed: Vec::new() };
    for entry in entries {
        match work(entry.of) {
            Ok(of) => answer.successful.push(Done { id: entry.id, of }),
            Err(Fault { name, query, message, .. }) => {
                tracing::debug!(name, "an entry of a batch was refused");
                answer.failed.push(Failed { id: entry.id, sender_fault: true, code: query, message });
            }
        }
    }
    answer
}
