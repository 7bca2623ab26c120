-- Goes on after counts.sql: writes the session if every limit allows it, and says where it begins.
-- ?5 max, ?6 per_address, ?7 per_network, ?8 per_hour, ?9 queue_max, ?10 … the session
insert into session (
    id, token_hash, state, address, address_key, network_key, visitor, terms_hash, terms_lang, terms_at,
    tutorial, lang, ref, campaign, source, page, created_at, last_seen_at, ip, previous_at
)
select ?10, ?11, case when used < ?5 and waiting = 0 then 'starting' else 'queued' end, ?12, ?1, ?2, ?13, ?14, ?15, ?3,
       ?16, ?17, ?18, ?19, ?20, ?21, ?3, ?3,
       ?4,
       -- When this visitor was here last: that is looked up by other means among those that live.
       nullif(max(
           coalesce((select max(created_at) from session indexed by session_visitor
                      where state = 'ended' and visitor = ?13), 0),
           coalesce((select max(created_at) from session indexed by session_live_address
                      where state <> 'ended' and address_key = ?1), 0)), 0)
  from c
 where not banned and mine < ?6 and near < ?7 and hour < ?8
   and (used < ?5 and waiting = 0 or waiting < ?9)
returning state
