//! The lives: one file is one workflow. Pure.
