-- Up Migration

-- What all workers share of a limit: of a rule for domains (rule:NAME) or of a delivery's rate (delivery:KEY). Whoever leases
-- from it locks its row first.
create table sending_bucket (
  bucket text primary key,
  -- How the destination has taken mail lately: src/smtp/rules/pace.ts.
  pace jsonb,
  -- The rule as the worker that came last has it, to be shown.
  rule jsonb,
  used_at timestamptz not null
);

-- A period's permits. Those of a worker that dies stay taken: a limit is never exceeded, and sometimes not reached.
create table sending_permit (
  bucket text not null references sending_bucket on delete cascade,
  starts_at timestamptz not null,
  taken int not null default 0,
  -- Messages that were put off to later periods.
  planned int not null default 0,
  primary key (bucket, starts_at)
);

-- Connections that a worker may have open, while it says so again and again.
create table connection_slot (
  bucket text not null references sending_bucket on delete cascade,
  holder text not null,
  connections int not null,
  wanted int not null,
  since timestamptz not null,
  expires_at timestamptz not null,
  primary key (bucket, holder)
);
