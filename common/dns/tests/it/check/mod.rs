//! The checks, against zones that have exactly one fault.

mod domain;
mod hosts;
mod mail;
mod portal;
mod random;
mod rules;
mod spf;
mod text;
mod world;
