-- What operators count. A session is counted when it ends, in the same transaction, for the day that it was asked for on:
-- these figures cost the same to read after a million sessions, and outlive them. What they cannot answer (hours,
-- networks) is read from the sessions through indexes that hold all that is asked for. A start writes nothing of this, so
-- that it costs no visitor anything: the live sessions, which are few, are counted when somebody asks.

-- The address as 16 bytes, as bans have it, so that a network is a range. It goes when the address is truncated.
alter table session add column ip blob
    check (ip is null or (length(ip) = 16 and address_key is not null));
-- When this visitor started the session before: whoever did so before a moment, or never, is one visitor more since it.
alter table session add column previous_at integer;

-- Sessions of before this migration. Of IPv6 addresses only those that come from now on are found by their network.
update session
   set previous_at = earlier.at,
       ip = case when address_key is not null and address not like '%:%' then
                unhex('00000000000000000000ffff' || printf('%02x%02x%02x%02x',
                    earlier.octets ->> 0, earlier.octets ->> 1, earlier.octets ->> 2, earlier.octets ->> 3))
            end
  from (select seq, lag(created_at) over (partition by visitor order by seq) as at,
               '[' || replace(address, '.', ',') || ']' as octets
          from session) as earlier
 where earlier.seq = session.seq;

create index session_visitor on session (visitor, created_at) where state = 'ended';
create index session_time    on session (created_at, ip, previous_at, running_at) where state = 'ended';
create index session_ip      on session (ip, created_at, previous_at, running_at) where state = 'ended' and ip is not null;

-- What a session that has ended adds to the figures of its day. Visitors are counted by the first of their sessions of
-- the day, of the month, and of all, so that sums of these are numbers of different people.
create view session_figure as
select seq, strftime('%Y-%m-%d', created_at / 1000, 'unixepoch') as day, figure.key as figure, figure.value as value
  from session, json_each(json_object(
           'sessions', 1,
           'visitors_of_day', coalesce(previous_at < created_at - created_at % 86400000, 1),
           'visitors_of_month',
               coalesce(previous_at / 1000 < unixepoch(created_at / 1000, 'unixepoch', 'start of month'), 1),
           'visitors_ever', previous_at is null,
           -- Those that ran, and how long they did so together, in milliseconds.
           'started', running_at is not null,
           'run_ms', ended_at - running_at,
           'ended.' || ended_reason, 1
       )) as figure
 where state = 'ended' and figure.value > 0;

insert into daily (day, figure, value)
select day, figure, sum(value) from session_figure where true group by day, figure;

create trigger session_ended after update of state on session
    when old.state <> 'ended' and new.state = 'ended' begin
    insert into daily (day, figure, value) select day, figure, value from session_figure where seq = new.seq
        on conflict do update set value = value + excluded.value;
end;

-- One that comes with its end comes from elsewhere.
create trigger session_brought after insert on session when new.state = 'ended' begin
    insert into daily (day, figure, value) select day, figure, value from session_figure where seq = new.seq
        on conflict do update set value = value + excluded.value;
end;
