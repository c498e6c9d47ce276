//! Sending domains that tenants bring, from added to gone, by real protocols: Postgres, the queue, DNS, the provider's API, mail.

mod life;
