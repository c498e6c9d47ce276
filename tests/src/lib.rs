//! The stack under test.
