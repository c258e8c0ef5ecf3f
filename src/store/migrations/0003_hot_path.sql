-- Up Migration

-- A message changes its status at least three times. Without an index over status, and with room on its page, each
-- change is a heap-only update: no index is written.
drop index message_status_of_delivery;
alter table message set (fillfactor = 50);
create index message_next_attempt on message (delivery, next_attempt_at) where next_attempt_at is not null;

create table quarantine (
  -- The address with its domain in lower-case A-labels.
  address text primary key,
  added_at timestamptz not null
);
