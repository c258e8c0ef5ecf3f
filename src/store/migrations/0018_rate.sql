-- How many messages of the main target leave at the most, over all workers; null for as many as can. Beside `control`: every
-- worker looks at it before it claims.
alter table delivery
  add column rate_messages int check (rate_messages > 0),
  add column rate_per_ms int check (rate_per_ms > 0),
  add check ((rate_messages is null) = (rate_per_ms is null));
