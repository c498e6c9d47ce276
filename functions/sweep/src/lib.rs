//! Fires what is due and sends lost hints again.
