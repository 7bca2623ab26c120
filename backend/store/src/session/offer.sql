-- Offers the places that are free to those who wait, first come first served. What counts as used is what counts.sql
-- says, which decides who may start at once.
-- ?1 max, ?2 offer_until
update session set state = 'offered', offer_until = ?2
 where seq in (
    select seq from session indexed by session_live_state
     where state <> 'ended' and state = 'queued'
     order by seq
     limit max(0, ?1
         - (select count(*) from session indexed by session_live_state
             where state <> 'ended' and state in ('offered', 'starting', 'running'))
         - (select count(*) from instance where state = 'deleting' and session_id is not null)))
returning id
