//! The durable-workflow kernel: a life is a table. Pure.
