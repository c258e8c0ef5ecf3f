-- Up Migration

-- Who an operator is at the organisation's provider. By issuer and subject, which the provider gives to nobody else; the name
-- by which somebody came in first may belong to another person next year.
create table operator_identity (
  issuer text not null,
  subject text not null,
  operator text not null unique references operator on delete cascade,
  bound_at timestamptz not null,
  primary key (issuer, subject)
);

-- Sign-ins that are under way at the provider. The key is the SHA-256 of what only the browser can make that began it.
create table provider_sign_in (
  secret_hash bytea primary key check (octet_length(secret_hash) = 32),
  -- A path of ours, to go on to.
  next text not null,
  -- Whose session asks for a fresh sign-in; null otherwise.
  operator text references operator on delete cascade,
  -- Which link is to connect its operator; null otherwise.
  invitation bytea references console_invitation on delete cascade,
  begun_at timestamptz not null,
  expires_at timestamptz not null
);
create index provider_sign_in_expires on provider_sign_in (expires_at);

-- When its operator signed in afresh at the provider, for one act that asks for it.
alter table console_session add column confirmed_at timestamptz;

alter table access_event drop constraint access_event_kind_check, add constraint access_event_kind_check check (kind in
  ('signed-in', 'sign-in-failed', 'locked', 'signed-out', 'session-ended', 'invited', 'password-set', 'identity-bound',
   'token-made', 'token-revoked'));
