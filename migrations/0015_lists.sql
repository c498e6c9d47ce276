-- Lists that people leaf through and search: what was slow with many tenants, messages and deliveries.

create index tenants_by_time on tenants (created_at desc, id desc);

-- What the log is searched by, in each chain, newest first.
create index audit_by_action on audit (chain, action, seq desc);
create index audit_by_actor on audit (chain, actor, seq desc);
create index audit_by_subject on audit (chain, subject, seq desc);

-- The platform's people look through all tenants' messages, too: what is looked for stands before whose it is.
drop index messages_by_template;
create index messages_by_template on messages (template, tenant_id, id desc) where template is not null;
drop index messages_by_category;
create index messages_by_category on messages (category, tenant_id, id desc) where category <> 'notifications';
-- Messages come in the order of time, so that a few words for each stretch of the table say which of them lies in a day.
create index messages_by_time on messages using brin (created_at) with (pages_per_range = 16, autosummarize = on);

-- The deliveries of a tenant's endpoint, newest first.
drop index webhook_deliveries_by_endpoint;
create index webhook_deliveries_by_endpoint on webhook_deliveries (endpoint_id, tenant_id, id desc);

-- A tenant's runs without its deliveries, which can be most of them: what its first page counts.
create index runs_of_tenant on runs (tenant_id, id desc) where kind not in ('email_delivery', 'webhook_delivery');
create index runs_by_kind_and_status on runs (kind, status, id desc) where kind <> 'email_delivery';
