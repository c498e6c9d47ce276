-- The durable state of workflows. One row per life, and what it waits for.

create table runs (
    id           uuid primary key,
    kind         text        not null check (kind <> ''),
    -- Chosen when the run starts, so it may name a tenant that does not exist yet, or no more.
    tenant_id    uuid,
    external_key text check (external_key <> ''),
    version      int         not null check (version > 0),
    epoch        int         not null check (epoch > 0),
    -- Counts the lines of history; whoever writes must have read this very number.
    seq          int         not null check (seq > 0),
    state        text        not null,
    status       text        not null check (status in ('running', 'waiting', 'completed', 'failed', 'rolled_back', 'cancelled')),
    step         text        not null,
    progress     smallint    not null check (progress between 0 and 100),
    error        jsonb,
    error_class  text        generated always as (error ->> 'class') stored,
    result       jsonb       not null,
    life         jsonb       not null,
    trace        text,
    started_by   text        not null,
    started_at   timestamptz not null,
    updated_at   timestamptz not null,
    ended_at     timestamptz,
    constraint an_ended_run_has_an_end check ((status in ('running', 'waiting')) = (ended_at is null))
) with (fillfactor = 80);

-- The caller's own key names one run, unless that run came to nothing.
create unique index runs_external_key on runs (kind, external_key)
    where external_key is not null and status in ('running', 'waiting', 'completed');
create index runs_by_tenant on runs (tenant_id, id desc);
create index runs_by_status on runs (status, id desc);

create table history (
    run_id     uuid        not null references runs,
    seq        int         not null check (seq > 0),
    tenant_id  uuid,
    at         timestamptz not null,
    -- What was told; the same thing told twice is written once.
    key        text,
    kind       text        not null check (kind in ('started', 'answer', 'signal', 'task_answer', 'timer', 'attempt', 'gave_up', 'unknown')),
    name       text        not null,
    from_state text        not null,
    to_state   text        not null,
    epoch      int         not null check (epoch > 0),
    outcome    text        not null check (outcome in ('moved', 'stayed', 'postponed', 'ignored', 'late', 'unexpected')),
    detail     jsonb       not null,
    primary key (run_id, seq)
);
create unique index history_key on history (run_id, key) where key is not null;
-- The alarm's question: did anything happen that should not be possible?
create index history_unexpected on history (at) where outcome = 'unexpected';

create table commands (
    id          uuid primary key,
    run_id      uuid        not null references runs,
    tenant_id   uuid,
    epoch       int         not null check (epoch > 0),
    role        text        not null check (role in ('command', 'notice')),
    name        text        not null,
    performer   text        not null,
    command     jsonb       not null,
    status      text        not null default 'open' check (status in ('open', 'done', 'gave_up', 'unknown', 'withdrawn')),
    attempt     int         not null default 0 check (attempt >= 0),
    due_at      timestamptz not null,
    -- When the sweeper must look at this row again, unless somebody answers first: a hint that was lost, a retry that is
    -- due, a lease that ran out are all one question.
    wake_at     timestamptz not null,
    lease_token uuid,
    lease_until timestamptz,
    last_error  jsonb,
    trace       text,
    created_at  timestamptz not null,
    ended_at    timestamptz,
    constraint a_lease_is_whole check ((lease_token is null) = (lease_until is null)),
    constraint only_an_open_command_is_leased check (status = 'open' or lease_token is null),
    constraint an_ended_command_has_an_end check ((status = 'open') = (ended_at is null)),
    constraint a_leased_command_was_tried check (lease_token is null or attempt > 0)
) with (fillfactor = 80);
-- Open is asked as `ended_at is null` here and by the sweeper, as `status = 'open'` everywhere else: so that no plan made
-- while the table was empty reads through all that is open to find one row.
create index commands_wake on commands (wake_at) where ended_at is null;
create index commands_of_run on commands (run_id);

create table timers (
    id         uuid primary key,
    run_id     uuid        not null references runs,
    tenant_id  uuid,
    epoch      int         not null check (epoch > 0),
    name       text        not null,
    timer      jsonb       not null,
    due_at     timestamptz not null,
    created_at timestamptz not null
);
create index timers_due on timers (due_at);
create index timers_of_run on timers (run_id);

create table tasks (
    id          uuid primary key,
    run_id      uuid        not null references runs,
    tenant_id   uuid,
    epoch       int         not null check (epoch > 0),
    name        text        not null,
    task        jsonb       not null,
    title       text        not null,
    text        text        not null,
    schema      jsonb       not null,
    context     jsonb       not null,
    status      text        not null default 'open' check (status in ('open', 'answered', 'withdrawn')),
    due_at      timestamptz,
    answer      jsonb,
    answered_by text,
    created_at  timestamptz not null,
    ended_at    timestamptz,
    constraint an_answer_has_an_author check (
        (status = 'answered') = (answer is not null) and (status = 'answered') = (answered_by is not null)),
    constraint an_ended_task_has_an_end check ((status = 'open') = (ended_at is null))
);
create index tasks_open on tasks (id desc) where status = 'open';
create index tasks_of_run on tasks (run_id);
create index tasks_by_tenant on tasks (tenant_id, id desc);
