-- Up Migration

-- How an operator signs in to the console; who has none cannot. Failures are counted here, so that a lock outlives restarts.
create table operator_password (
  operator text primary key references operator on delete cascade,
  -- Argon2id, in the PHC string format.
  hash text not null,
  set_at timestamptz not null,
  failures int not null default 0,
  locked_until timestamptz
);

-- Links by which somebody sets a password; each opens once. Secrets are kept as their SHA-256 alone, here and below.
create table console_invitation (
  secret_hash bytea primary key check (octet_length(secret_hash) = 32),
  -- Null: for the first administrator, whom nobody has added yet.
  operator text references operator on delete cascade,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

create table console_session (
  key int generated always as identity primary key,
  secret_hash bytea not null unique check (octet_length(secret_hash) = 32),
  operator text not null references operator on delete cascade,
  -- Program and system, such as "Firefox on Linux".
  browser text not null,
  began_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index console_session_operator on console_session (operator) where ended_at is null;

create table api_token (
  key int generated always as identity primary key,
  secret_hash bytea not null unique check (octet_length(secret_hash) = 32),
  operator text not null references operator on delete cascade,
  label text not null,
  scopes text[] not null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  seen_at timestamptz,
  revoked_at timestamptz
);
create index api_token_operator on api_token (operator) where revoked_at is null;

-- Who came in, and who did not. Names that are no operator's are not kept: people type passwords there.
create table access_event (
  n bigint generated always as identity primary key,
  at timestamptz not null,
  operator text,
  kind text not null check (kind in
    ('signed-in', 'sign-in-failed', 'locked', 'signed-out', 'session-ended', 'invited', 'password-set', 'token-made', 'token-revoked')),
  by text,
  data jsonb not null default '{}'
);
create index access_event_operator on access_event (operator, n desc);
create trigger access_event_append_only before update or delete or truncate on access_event
  for each statement execute function refuse_change();

-- A list of thousands of deliveries is filtered and searched by these; journal and revisions remain the truth.
alter table delivery add column phase text not null default 'checking', add column name text not null default '';
create index delivery_phase on delivery (phase, key desc);

create function note_phase() returns trigger language plpgsql as $$
begin
  update delivery set phase = new.data->>'phase' where key = new.delivery;
  return null;
end $$;
create trigger journal_phase_noted after insert on journal
  for each row when (new.kind = 'phase') execute function note_phase();

create function note_name() returns trigger language plpgsql as $$
begin
  update delivery d set name = coalesce(
    (select r.settings->>'name' from revision r where r.delivery = d.key order by r.key desc limit 1), '')
  where d.key = coalesce(new.delivery, old.delivery);
  return null;
end $$;
create trigger revision_name_noted after insert or delete or update of delivery on revision
  for each row execute function note_name();

update delivery d set
  phase = coalesce((select j.data->>'phase' from journal j where j.delivery = d.key and j.kind = 'phase'
                    order by j.n desc limit 1), 'checking'),
  name = coalesce((select r.settings->>'name' from revision r where r.delivery = d.key order by r.key desc limit 1), '');
