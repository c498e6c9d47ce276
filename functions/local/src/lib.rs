//! Everything in one process: the one-command start.
