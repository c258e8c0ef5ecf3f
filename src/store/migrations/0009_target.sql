-- Up Migration

-- What draws at random go by where the settings name no seed: drawn once for a delivery, so that a later revision draws
-- the same recipients.
alter table revision add column draw_seed text;

-- Where an analysis let in who was on the denylist or in quarantine, claims leave out who came there later.
alter table delivery
  add column denied_since timestamptz not null default '-infinity',
  add column quarantined_since timestamptz not null default '-infinity';

-- Where the rows of each source begin; null where there is one source.
alter table revision add column origins jsonb;

-- Whom the revision's sources leave out, with the domain in lower-case A-labels.
create table excluded_address (
  revision bigint not null references revision on delete cascade deferrable initially deferred,
  address text not null
);
create index excluded_address_revision on excluded_address (revision);

-- What was asked of databases for the profiles; null where nothing was.
alter table revision add column queries jsonb;
