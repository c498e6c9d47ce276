//! The only SQL: claims, events, timers, domain tables, row-level security.
