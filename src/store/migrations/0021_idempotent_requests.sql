-- Up Migration

-- What was asked of the API under a key of its caller's, and what it answered: the same once more gets the same answer.
create table idempotent_request (
  operator text not null references operator on delete cascade,
  key text not null,
  -- SHA-256 of what was asked: another request under the same key is refused.
  digest bytea not null check (octet_length(digest) = 32),
  -- Names the command that the request gives, however often it is given.
  command uuid not null default gen_random_uuid(),
  made_at timestamptz not null,
  -- Until then it is taken to be under way.
  busy_until timestamptz not null,
  -- Null until it is answered.
  status int,
  answer text,
  primary key (operator, key)
);
create index idempotent_request_made on idempotent_request (made_at);
