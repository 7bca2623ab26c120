-- What visitors said: one row a session, changed in place.
create table feedback (
    -- The cursor of lists.
    seq           integer primary key autoincrement,
    session_id    text    not null unique references session (id),
    rating        integer not null check (rating between 1 and 5),
    message       text    check (length(message) between 1 and 4000),
    email         text    check (length(email) between 3 and 254),
    email_consent integer not null check (email_consent in (0, 1)),
    created_at    integer not null,
    updated_at    integer not null,
    -- Without consent no address is kept.
    check (email is null or email_consent = 1)
) strict;
