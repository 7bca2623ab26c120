-- What a start is measured against. Each count walks a partial index of live rows, whatever the history; left to
-- itself the planner reads an address's whole past, hence `indexed by`.
-- ?1 address_key, ?2 network_key, ?3 now, ?4 address as 16 bytes
with c as materialized (
    select
        -- A container that is being deleted keeps its place until it is gone.
        (select count(*) from session indexed by session_live_state
          where state <> 'ended' and state in ('offered', 'starting', 'running'))
      + (select count(*) from instance where state = 'deleting' and session_id is not null) as used,
        (select count(*) from session indexed by session_live_state
          where state <> 'ended' and state = 'queued') as waiting,
        (select count(*) from session indexed by session_live_address
          where state <> 'ended' and address_key = ?1) as mine,
        (select count(*) from session indexed by session_live_network
          where state <> 'ended' and network_key = ?2) as near,
        (select count(*) from session indexed by session_started
          where address_key = ?1 and created_at > ?3 - 3600000) as hour,
        -- IPv4 addresses stand among those of IPv6, as mapped ones: a wide network of IPv6 around them means none of them.
        exists (select 1 from ban
                 where ?4 between low and high and (until is null or until > ?3)
                   and (low >= x'00000000000000000000ffff00000000'
                        or ?4 not between x'00000000000000000000ffff00000000' and x'00000000000000000000ffffffffffff')
               ) as banned
)
