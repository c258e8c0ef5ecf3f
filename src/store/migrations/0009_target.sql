-- Up Migration

-- What draws at random go by where the settings name no seed: drawn once for a delivery, so that a later revision draws
-- the same recipients.
alter table revision add column draw_seed text;

-- Where an analysis let in who was on the denylist or in quarantine, claims leave out who came there later.
alter table delivery
  add column denied_since timestamptz not null default '-infinity',
  add column quarantined_since timestamptz not null default '-infinity';
