-- The service itself. Times in every table are unix milliseconds, UTC.

-- One row, written when the database is made.
create table server (
    id                  integer primary key check (id = 1),
    -- The mark on this database's containers, `user.tryit.server`.
    server_id           text    not null check (length(server_id) = 36),
    -- Derives tokens from idempotency keys and pseudonyms from addresses.
    secret              blob    not null check (length(secret) = 32),
    maintenance         integer not null default 0 check (maintenance in (0, 1)),
    maintenance_message text,
    created_at          integer not null
) strict;

-- Who did what through the operator's API.
create table audit (
    seq     integer primary key autoincrement,
    at      integer not null,
    -- The name of the operator token, or of the part of the service that acted by itself.
    actor   text    not null check (length(actor) between 1 and 200),
    action  text    not null check (length(action) between 1 and 100),
    -- What it was done to: an id, a network; absent where there is only one.
    subject text    check (length(subject) <= 200),
    detail  text    check (length(detail) <= 2000)
) strict;

-- Addresses that may not start a session. IPv4 stands as IPv4-mapped IPv6, so that one comparison serves both.
create table ban (
    id         integer primary key autoincrement,
    network    text    not null check (length(network) <= 64),
    low        blob    not null check (length(low) = 16),
    high       blob    not null check (length(high) = 16),
    reason     text    not null check (length(reason) <= 1000),
    -- Rows of the configuration are replaced each time it is loaded.
    origin     text    not null check (origin in ('configuration', 'operator', 'detector')),
    until      integer,
    created_at integer not null,
    check (low <= high)
) strict;

create index ban_range on ban (low, high);
