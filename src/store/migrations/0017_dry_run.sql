-- Up Migration

-- Number of a delivery's last dry run; results of an older one are refused.
alter table delivery add column dry_run int not null default 0;

-- What the relay said to each recipient of the sealed target in the last dry run. It counts for nothing, and a new analysis
-- takes it away. What stands here is as personal as the message beside it.
create table dry_run (
  delivery int not null references delivery on delete cascade,
  seq int not null,
  number int not null,
  at timestamptz not null,
  outcome text not null check (outcome in ('accepted', 'deferred', 'rejected', 'ignored')),
  reason text,
  reply text,
  primary key (delivery, seq)
);
