-- Up Migration

-- What each attempt came to, of messages that were not sent at the first one: those have their whole story in their own
-- row, and there are millions of them. What stands here is as personal as the message beside it, and goes with it.
create table attempt (
  -- Not the message: when a target is computed anew, each deleted one would be looked for here.
  delivery int not null references delivery on delete cascade,
  proof int not null,
  seq int not null,
  -- From 1, as the message counts them.
  number int not null,
  at timestamptz not null,
  outcome text not null check (outcome in ('sent', 'deferred', 'rejected', 'in-doubt')),
  reason text,
  reply text,
  primary key (delivery, proof, seq, number)
);
