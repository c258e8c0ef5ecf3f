-- Up Migration

create type message_status as enum
  ('pending', 'sending', 'retrying', 'sent', 'accepted-by-provider', 'failed', 'ignored', 'canceled', 'in-doubt');

create table delivery (
  key int generated always as identity primary key,
  id text not null unique,
  created_at timestamptz not null,
  -- Key of Message-IDs and envelope salts; it outlives every revision.
  secret bytea not null check (octet_length(secret) = 32),
  -- What may leave. Every claim locks this row, so a change of it holds from the next claim on.
  control text not null default 'stop' check (control in ('run', 'pause', 'stop')),
  -- The revision that the messages of the main target belong to.
  analysed_revision bigint,
  approved_seal text,
  -- The message that no longer matched its sealed leaf.
  broken_seq int
);

create table revision (
  key bigint generated always as identity primary key,
  delivery int not null references delivery on delete cascade,
  hash text not null,
  author text not null,
  created_at timestamptz not null,
  settings jsonb not null,
  content jsonb not null,
  profiles int not null,
  seal text,
  sealed_count int,
  unique (delivery, hash)
);

create table profile (
  revision bigint not null references revision on delete cascade deferrable initially deferred,
  "row" int not null,
  address text not null,
  fields jsonb not null,
  primary key (revision, "row")
);

-- The ledger. proof 0 is the main target, N the Nth proof.
create table message (
  delivery int not null references delivery on delete cascade,
  proof int not null,
  seq int not null,
  revision bigint not null,
  profile_row int not null,
  address text not null,
  status message_status not null,
  reason text,
  leaf bytea,
  -- The attempt of the batch that claimed it last; a result of an older one is refused.
  epoch int not null default 0,
  attempts int not null default 0,
  -- The message's Date, kept for every later attempt.
  first_claimed_at timestamptz,
  settled_at timestamptz,
  next_attempt_at timestamptz,
  possible_duplicate boolean not null default false,
  reply text,
  primary key (delivery, proof, seq)
);
create index message_status_of_delivery on message (delivery, proof, status, seq);

-- One row a batch that has been started: its epoch grows with every attempt of its activity.
create table batch (
  delivery int not null references delivery on delete cascade,
  proof int not null,
  number int not null,
  epoch int not null,
  primary key (delivery, proof, number)
);

create table finding (
  revision bigint not null references revision on delete cascade,
  step text not null check (step in ('parameters', 'analysis')),
  n int not null,
  rule text not null,
  level text not null check (level in ('info', 'warning', 'error')),
  sentence text not null,
  place text not null,
  primary key (revision, step, n)
);

create table journal (
  delivery int not null references delivery on delete cascade,
  n int not null,
  at timestamptz not null,
  kind text not null,
  data jsonb not null,
  primary key (delivery, n)
);
create index journal_phase on journal (delivery, n desc) where kind = 'phase';

create table denylist (
  -- The address with its domain in lower-case A-labels.
  address text primary key,
  added_at timestamptz not null
);
