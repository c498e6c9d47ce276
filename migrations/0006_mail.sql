-- Mail: what was accepted from whom, its place in the tenant's lane, who has carried it, and what may not be written to.
-- A message and its life share their id: what became of it is said by the run, and by nothing else.

-- What the first versions knew of mails has no life to belong to.
drop table messages;

create table messages (
    id             uuid primary key references runs,
    tenant_id      uuid        not null,
    user_id        uuid,
    -- The run that sends it, where it is not a caller: an onboarding its welcome.
    caused_by      uuid,
    category       text        not null check (category ~ '^[a-z0-9_-]{1,64}$'),
    subtype        text check (subtype ~ '^[a-z0-9_-]{1,64}$'),
    template       text,
    locale         text,
    subject        text        not null,
    -- The addresses of to, cc and bcc, in lower case, as they were asked for.
    recipients     text[]      not null check (cardinality(recipients) > 0),
    tags           jsonb       not null default '{}',
    -- Bytes of the content.
    size           int         not null check (size >= 0),
    -- May it go in a batch with others.
    attachments    int         not null default 0 check (attachments >= 0),
    created_at     timestamptz not null
);
create index messages_by_tenant on messages (tenant_id, id desc);
create index messages_by_category on messages (tenant_id, category, id desc) where category <> 'notifications';
create index messages_by_template on messages (tenant_id, template, id desc) where template is not null;

-- By what a message is found: `to:` and an address, `tag:` and `name=value`. Not by the columns above: what a tenant asks is
-- held to its own rows first, and only operators that leak nothing may use an index before that.
create table message_finds (
    what       text not null,
    tenant_id  uuid not null,
    message_id uuid not null,
    primary key (what, tenant_id, message_id)
);

-- Messages by what became of them.
-- Messages outnumber everything else, and have lists of their own.
drop index runs_by_tenant;
drop index runs_by_status;
create index runs_by_tenant on runs (tenant_id, id desc) where kind <> 'email_delivery';
create index runs_by_status on runs (status, id desc) where kind <> 'email_delivery';
create index runs_of_mail on runs (state, tenant_id, id desc) where kind = 'email_delivery';

-- The words and attachments, sealed. The row goes when its time is over; the message stays.
create table message_contents (
    message_id uuid primary key references messages,
    tenant_id  uuid        not null,
    sealed     bytea       not null,
    -- It holds a credential, and goes as soon as the message has left.
    sensitive  boolean     not null,
    erase_at   timestamptz not null
);
create index message_contents_old on message_contents (erase_at);

-- That a provider has accepted a message. Written once.
create table sends (
    message_id          uuid primary key references messages,
    tenant_id           uuid        not null,
    provider            text        not null,
    provider_message_id text,
    message_id_header   text        not null,
    sender              text        not null,
    response            text,
    attempts            int         not null check (attempts > 0),
    accepted_at         timestamptz not null
);
create unique index sends_by_provider on sends (provider_message_id, provider) where provider_message_id is not null;
create index sends_by_time on sends (provider, accepted_at);

-- Messages that are handed over together, in this order, under the batch's id as their idempotency key: told again after a
-- crash, it must be the very same batch.
create table mail_batches (
    id         uuid primary key,
    provider   text        not null,
    members    uuid[]      not null check (cardinality(members) between 2 and 100),
    -- How each of them goes, in the same order.
    plans      jsonb       not null check (jsonb_array_length(plans) = cardinality(members)),
    created_at timestamptz not null
);
create index mail_batches_old on mail_batches (created_at);

-- A timer may wait in its tenant's lane once it is due.
alter table timers add column in_lane boolean not null default false;
alter table timers add constraint a_lane_is_a_tenants check (not in_lane or tenant_id is not null);
drop index timers_due;
create index timers_due on timers (due_at) where not in_lane;
create index timers_in_lane on timers (tenant_id, due_at) where in_lane;

-- One lane for each tenant: turns go round between the lanes, and in a lane to whoever has waited longest.
create table lanes (
    tenant_id  uuid primary key references tenants,
    -- When the lane is to be looked at; none when nothing waits in it.
    ready_at   timestamptz,
    -- When it had its last turn, counted over all lanes.
    turn       bigint      not null default 0,
    -- GCRA: when the next one would be due, were they evenly spread over the minute.
    tat        timestamptz not null default '-infinity',
    -- How many left on which day (UTC).
    day        date        not null default '-infinity',
    day_count  int         not null default 0 check (day_count >= 0),
    -- The tenant's own limits; none: the usual ones.
    per_minute int check (per_minute > 0),
    per_day    int check (per_day >= 0),
    -- Why nothing leaves, for the operators.
    paused     text check (paused <> ''),
    -- The run that asks the operators about it, where the guard has paused it.
    pause_run  uuid,
    -- On this day (UTC) a person has let it go on: the guard counts from the next.
    forgiven   date
) with (fillfactor = 50);
create index lanes_ready on lanes (ready_at) where ready_at is not null and paused is null;
create sequence lane_turns;

-- The accounts mail is carried by, and how they are. Shared, so that a fault that one process has met is met by one process.
create table mail_providers (
    name            text primary key,
    -- GCRA of the account.
    tat             timestamptz not null default '-infinity',
    -- The circuit breaker and what it last saw; none: nothing was ever wrong.
    health          jsonb,
    -- When it last told us of an event; an alarm looks at providers that tell events and have fallen silent.
    last_event_at   timestamptz,
    updated_at      timestamptz not null
);

-- When a function is to look at the lanes again: however many know it, one hint is sent.
create table lane_looks (
    performer text primary key,
    at        timestamptz not null
);

-- What providers told us, each thing once.
create table provider_events (
    provider            text        not null,
    id                  text        not null,
    kind                text        not null,
    provider_message_id text,
    -- None while we do not know which message it is about.
    message_id          uuid,
    tenant_id           uuid,
    detail              jsonb       not null,
    occurred_at         timestamptz not null,
    received_at         timestamptz not null,
    primary key (provider, id)
);
create index provider_events_of_message on provider_events (message_id) where message_id is not null;
create index provider_events_unmatched on provider_events (provider, provider_message_id) where message_id is null;
create index provider_events_old on provider_events (received_at);
-- What harms everybody's mail: an alarm counts it.
create index provider_events_harm on provider_events (received_at) where kind in ('bounced', 'complained');

-- Addresses that a tenant must not write to.
create table suppressions (
    tenant_id  uuid        not null references tenants,
    -- In lower case.
    address    text        not null check (address = lower(address) and address like '%_@_%'),
    reason     text        not null check (reason in ('hard_bounce', 'soft_bounces', 'complaint', 'unsubscribe', 'manual')),
    -- The category that was unsubscribed; empty: all of them.
    category   text        not null default '',
    note       text,
    message_id uuid,
    created_by text        not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    -- Each reason stands by itself: a full mailbox that is forgiven one day does not take an unsubscription with it.
    primary key (tenant_id, address, reason, category),
    constraint one_unsubscribes_from_a_category_and_is_suppressed_for_all check (category = '' or reason = 'unsubscribe')
);
create index suppressions_expiring on suppressions (expires_at) where expires_at is not null;
create index suppressions_by_time on suppressions (tenant_id, created_at desc, address desc);

-- Soft bounces, until there are too many.
create table soft_bounces (
    tenant_id  uuid        not null references tenants,
    address    text        not null,
    message_id uuid        not null,
    at         timestamptz not null,
    primary key (tenant_id, address, message_id)
);
create index soft_bounces_old on soft_bounces (at);

-- What each tenant's mail came to, by day (UTC): the page of numbers, and the guard of its reputation.
create table mail_stats (
    tenant_id  uuid   not null,
    day        date   not null,
    provider   text   not null,
    sent       bigint not null default 0,
    delivered  bigint not null default 0,
    bounced    bigint not null default 0,
    -- Those of them whose mailbox does not exist: what the guard judges by.
    hard_bounced bigint not null default 0,
    complained bigint not null default 0,
    deferred   bigint not null default 0,
    failed     bigint not null default 0,
    suppressed bigint not null default 0,
    -- Milliseconds from accepted by us to accepted by the provider, summed over sent.
    latency_ms bigint not null default 0,
    primary key (tenant_id, day, provider)
) with (fillfactor = 50);
create index mail_stats_by_day on mail_stats (day);

-- Which address, which domain, by which tier.
alter table tenant_email_settings
    add column version            int     not null default 1 check (version > 0),
    -- The domain the tenant has brought, and the address it comes from there.
    add column custom_domain      text check (custom_domain = lower(custom_domain)),
    add column custom_from        text,
    add column domain_verified    boolean not null default false,
    add column dkim_enabled       boolean not null default false,
    -- The provider at which the domain is verified.
    add column domain_provider    text,
    add column from_name          text,
    add column headers            jsonb   not null default '{}' check (jsonb_typeof(headers) = 'object'),
    add column tags               jsonb   not null default '{}' check (jsonb_typeof(tags) = 'object'),
    -- Category to tier, for hybrid.
    add column routing            jsonb   not null default '{}' check (jsonb_typeof(routing) = 'object'),
    add column updated_by         text,
    add constraint only_a_domain_is_verified check (not domain_verified or (custom_domain is not null and domain_provider is not null)),
    add constraint an_address_is_at_its_domain check (custom_from is null or lower(split_part(custom_from, '@', 2)) = custom_domain);
-- Nobody sends from another's domain.
create unique index one_tenant_per_verified_domain on tenant_email_settings (custom_domain) where domain_verified;

-- Templates of tenants. A version is never changed once it was published.
create table templates (
    tenant_id  uuid        not null references tenants,
    name       text        not null check (name ~ '^[a-z0-9-]{1,64}$'),
    -- A BCP 47 tag, or `default`.
    locale     text        not null check (locale ~ '^[A-Za-z0-9-]{2,35}$'),
    version    int         not null check (version > 0),
    status     text        not null check (status in ('draft', 'published', 'retired')),
    -- As it was written: subject, html or mjml, text, variables.
    source     jsonb       not null,
    -- As it is rendered: subject, html, text.
    compiled   jsonb,
    created_by text        not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, name, locale, version),
    constraint what_is_published_is_compiled check (status = 'draft' or compiled is not null)
);
create unique index one_draft_of_a_template on templates (tenant_id, name, locale) where status = 'draft';
create unique index one_published_template on templates (tenant_id, name, locale) where status = 'published';

-- What a tenant's users want. No row: the tenant's own choice.
create table notification_choices (
    tenant_id  uuid        not null references tenants,
    user_id    uuid        not null,
    category   text        not null check (category ~ '^[a-z0-9_-]{1,64}$'),
    -- Empty: the whole category.
    subtype    text        not null default '' check (subtype ~ '^[a-z0-9_-]{0,64}$'),
    enabled    boolean     not null,
    updated_at timestamptz not null,
    primary key (tenant_id, user_id, category, subtype),
    foreign key (tenant_id, user_id) references users (tenant_id, id)
);
alter table notification_defaults add column subtype text not null default '' check (subtype ~ '^[a-z0-9_-]{0,64}$');
alter table notification_defaults drop constraint notification_defaults_pkey;
alter table notification_defaults add primary key (tenant_id, category, subtype);

grant select, insert, update, delete on
    messages, message_finds, message_contents, sends, mail_batches, lanes, lane_looks, mail_providers, provider_events, suppressions, soft_bounces, mail_stats,
    templates, notification_choices to tenantry_worker;
grant usage on sequence lane_turns to tenantry_worker;
grant select, insert on messages, message_finds, message_contents to tenantry_operator, tenantry_tenant;
grant select, insert, update on lanes to tenantry_operator;
grant select, insert (tenant_id, ready_at), update (ready_at) on lanes to tenantry_tenant;
grant select on sends, mail_stats to tenantry_operator, tenantry_tenant;
grant select, insert, update on provider_events, mail_providers, soft_bounces to tenantry_operator;
grant insert, update on mail_stats to tenantry_operator;
grant delete on message_contents to tenantry_operator;
-- Who takes an address off the list forgets what put it there.
grant select, delete on soft_bounces to tenantry_operator, tenantry_tenant;
grant select, insert, update, delete on suppressions, notification_choices, templates to tenantry_operator, tenantry_tenant;
grant select, insert, update, delete on notification_defaults to tenantry_operator, tenantry_tenant;
grant update on tenant_email_settings to tenantry_operator;
-- A tenant says how its mail looks; that a domain is its own is not for it to say.
grant update (tier, default_from_address, reply_to, custom_domain, custom_from, domain_verified, from_name, headers, tags, routing,
              version, updated_at, updated_by) on tenant_email_settings to tenantry_tenant;

do $$
declare
    t text;
begin
    foreach t in array array [
        'messages', 'message_finds', 'message_contents', 'sends', 'lanes', 'suppressions', 'soft_bounces', 'mail_stats', 'templates',
        'notification_choices'] loop
        execute format('alter table %I enable row level security', t);
        execute format('create policy everything on %I to tenantry_worker, tenantry_operator using (true) with check (true)', t);
        execute format('create policy own_tenant on %I to tenantry_tenant using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())', t);
    end loop;
    -- Those that are the platform's own affair.
    foreach t in array array ['mail_batches', 'mail_providers', 'provider_events'] loop
        execute format('alter table %I enable row level security', t);
        execute format('create policy everything on %I to tenantry_worker, tenantry_operator using (true) with check (true)', t);
    end loop;
end
$$;

-- A tenant may take its word back (another domain is not verified), and never give it.
create function a_tenant_verifies_nothing() returns trigger
    language plpgsql as
$$
begin
    if current_user = 'tenantry_tenant' and new.domain_verified and (not old.domain_verified or new.custom_domain is distinct from old.custom_domain) then
        raise exception 'a domain is verified by looking at it' using errcode = 'insufficient_privilege';
    end if;
    -- What was found out about a domain is not true of another.
    if new.custom_domain is distinct from old.custom_domain and not new.domain_verified then
        new.dkim_enabled := false;
        new.domain_provider := null;
    end if;
    return new;
end
$$;
create trigger a_tenant_verifies_nothing before update on tenant_email_settings
    for each row execute function a_tenant_verifies_nothing();
