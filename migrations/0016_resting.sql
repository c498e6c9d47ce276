-- An endpoint that lets whoever calls it wait takes the turns of everybody else's: it is left alone for a while, but for one try now and then.
alter table webhook_endpoints add column resting_until timestamptz;
