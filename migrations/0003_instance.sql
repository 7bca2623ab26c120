-- Containers. A row is written before the container is asked for and lives until its deletion is confirmed.
create table instance (
    name       text    not null primary key check (length(name) between 1 and 63),
    project    text    not null check (length(project) between 1 and 64),
    source     text    not null check (length(source) between 1 and 64),
    -- What the container is made of; another generation means that a warm one is out of date.
    generation text    not null,
    state      text    not null check (state in ('creating', 'warm', 'claimed', 'deleting')),
    -- Kept while deleting: the place is free only when the container is gone.
    session_id text    references session (id),
    -- The cluster member.
    location   text,
    created_at integer not null,
    -- The last change of the row: what was seen of the container before it counts for nothing.
    changed_at integer not null,
    ready_at   integer,
    -- When the container was first seen stopped.
    stopped_at integer,
    -- Failures since the last change of state, and not before when to try again.
    attempts   integer not null default 0 check (attempts >= 0),
    retry_at   integer,
    last_error text    check (length(last_error) <= 2000),

    check (state <> 'warm' or (session_id is null and ready_at is not null)),
    check (state <> 'claimed' or (session_id is not null and ready_at is not null))
) strict, without rowid;

-- A session has at most one container that is not on its way out.
create unique index instance_of_session on instance (session_id) where state in ('creating', 'claimed');
create index instance_session on instance (session_id) where session_id is not null;
create index instance_state on instance (state, ready_at);
