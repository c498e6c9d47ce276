//! Sends mail.
