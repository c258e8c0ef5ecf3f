-- Up Migration

-- What each run of a batch has settled of the main target, by status. The latest of them decide whether the delivery pauses by
-- itself: src/delivery/breaker.ts.
create table settled_run (
  delivery int not null references delivery on delete cascade,
  ended_at timestamptz not null default clock_timestamp(),
  counts jsonb not null
);
create index on settled_run (delivery, ended_at);

-- Runs that ended before count no more: somebody has looked at them, and let the delivery go on.
alter table delivery add column counted_from timestamptz;
