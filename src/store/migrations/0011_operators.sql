-- Up Migration

-- People and programs that act. They appear by id everywhere else.
create table operator (
  id text primary key,
  name text not null,
  email text,
  roles text[] not null default '{}',
  groups text[] not null default '{}',
  active boolean not null default true,
  added_at timestamptz not null default now()
);

-- Public keys, one a device; the private ones never come here.
create table operator_key (
  -- RFC 7638 thumbprint, base64url.
  kid text primary key,
  operator text not null references operator on delete restrict,
  public_key jsonb not null,
  label text not null,
  added_at timestamptz not null default now(),
  revoked_at timestamptz
);
create index operator_key_operator on operator_key (operator);

-- Whose decisions somebody else may take for a while.
create table delegation (
  key int generated always as identity primary key,
  delegator text not null references operator on delete restrict,
  delegate text not null references operator on delete restrict,
  reason text not null,
  from_at timestamptz not null,
  until_at timestamptz not null,
  ended_at timestamptz,
  check (delegator <> delegate and from_at < until_at)
);

-- What was done to operators, their keys and delegations, by whom.
create table operator_event (
  n bigint generated always as identity primary key,
  at timestamptz not null default now(),
  operator text not null,
  kind text not null check (kind in
    ('added', 'changed', 'disabled', 'enabled', 'key-added', 'key-revoked', 'delegated', 'delegation-ended')),
  by text not null,
  data jsonb not null default '{}'
);

-- A signed decision counts once, wherever it is sent again.
create table decision_nonce (
  nonce text primary key,
  delivery int not null references delivery on delete restrict,
  -- Number of the decision among those that the delivery received: a check that is repeated finds its own.
  received int not null
);
