-- Visitors' sessions. Every change of `state` names the state it comes from, so that of two writers one wins.
create table session (
    -- The order of the queue, and the cursor of lists; never used twice.
    seq               integer primary key autoincrement,
    id                text    not null unique check (length(id) = 36),
    -- SHA-256 of the token; unique, so that a derived token stands for one session.
    token_hash        blob    not null unique check (length(token_hash) = 32),
    state             text    not null check (state in ('queued', 'offered', 'starting', 'running', 'ended')),
    ended_reason      text    check (ended_reason in (
                                  'expired', 'ended_by_visitor', 'ended_by_operator', 'start_failed', 'abandoned',
                                  'idle', 'container_stopped', 'left_queue', 'offer_lapsed', 'abuse')),

    -- Who: the address is truncated, later forgotten; its keys go when it is truncated, the pseudonym stays.
    address           text    check (length(address) <= 64),
    address_key       text    check (length(address_key) <= 64),
    network_key       text    check (length(network_key) <= 64),
    visitor           blob    not null check (length(visitor) = 32),

    -- The terms that were accepted: SHA-256 of the text, its language, and when.
    terms_hash        blob    not null check (length(terms_hash) = 32),
    terms_lang        text    not null check (length(terms_lang) <= 35),
    terms_at          integer not null,

    -- What was asked for.
    tutorial          text    check (length(tutorial) <= 200),
    lang              text    check (length(lang) <= 35),
    ref               text    check (length(ref) <= 200),
    campaign          text    check (length(campaign) <= 200),
    source            text    not null check (length(source) <= 64),

    -- Where the visitor is: a page (`intro`, a number, `finish`), and JSON of what was done on each.
    page              text    not null check (page in ('intro', 'finish') or page glob '[1-9]*'),
    progress          text    not null default '{}' check (json_valid(progress) and length(progress) <= 131072),
    facts             text    not null default '{}' check (json_valid(facts) and length(facts) <= 65536),
    -- JSON: how far a start is.
    phase             text    check (json_valid(phase) and length(phase) <= 4096),
    setup             text    not null default 'pending' check (setup in ('pending', 'running', 'done', 'failed')),
    extensions        integer not null default 0 check (extensions >= 0),

    created_at        integer not null,
    offer_until       integer,
    running_at        integer,
    first_attached_at integer,
    last_input_at     integer,
    expires_at        integer,
    last_seen_at      integer not null,
    ended_at          integer,

    check ((state = 'ended') = (ended_at is not null)),
    check ((state = 'ended') = (ended_reason is not null)),
    check (state <> 'offered' or offer_until is not null),
    check (state <> 'running' or (running_at is not null and expires_at is not null)),
    check (state = 'starting' or phase is null),
    -- A live session counts against its address and network.
    check (state = 'ended' or (address_key is not null and network_key is not null)),
    check ((address_key is null) = (network_key is null))
) strict;

-- These keep admission independent of how many sessions there ever were.
create index session_live_state   on session (state, seq)  where state <> 'ended';
create index session_live_address on session (address_key) where state <> 'ended';
create index session_live_network on session (network_key) where state <> 'ended';
create index session_started      on session (address_key, created_at) where address_key is not null;

-- Two sessions of one visitor that may reach each other; goes with either.
create table link (
    low        text    not null references session (id) on delete cascade,
    high       text    not null references session (id) on delete cascade,
    created_at integer not null,
    primary key (low, high),
    check (low < high)
) strict, without rowid;

create index link_high on link (high);
