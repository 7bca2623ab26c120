-- The funnel: what happened on the way, one row each.
create table step_event (
    seq        integer primary key autoincrement,
    at         integer not null,
    kind       text    not null check (kind in (
                           'viewed', 'started', 'reached', 'passed', 'finished', 'feedback', 'call_to_action')),
    -- A view has no session.
    session_id text    references session (id) on delete cascade,
    tutorial   text    check (length(tutorial) <= 200),
    ref        text    check (length(ref) <= 200),
    campaign   text    check (length(campaign) <= 200),
    page       text    check (length(page) <= 16),
    check (kind not in ('reached', 'passed') or page is not null),
    check (kind = 'viewed' or session_id is not null)
) strict;

create index step_event_session on step_event (session_id) where session_id is not null;
create index step_event_at on step_event (at);

-- Figures of past days, which outlive the rows they were counted from.
create table daily (
    -- UTC, like 2026-05-04.
    day      text    not null check (day glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    figure   text    not null check (length(figure) between 1 and 100),
    -- Empty: of all tutorials, of all campaigns.
    tutorial text    not null default '' check (length(tutorial) <= 200),
    campaign text    not null default '' check (length(campaign) <= 200),
    value    integer not null,
    primary key (day, figure, tutorial, campaign)
) strict, without rowid;

-- Messages to be sent (webhooks, mail), each at least once.
create table outbox (
    seq        integer primary key autoincrement,
    kind       text    not null check (length(kind) between 1 and 100),
    payload    text    not null check (json_valid(payload)),
    created_at integer not null,
    attempts   integer not null default 0 check (attempts >= 0),
    retry_at   integer,
    last_error text    check (length(last_error) <= 2000),
    sent_at    integer
) strict;

create index outbox_due on outbox (retry_at) where sent_at is null;
