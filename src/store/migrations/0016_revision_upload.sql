-- Up Migration

-- A revision belongs to no delivery until all of it is stored: whoever uploads one must not hold the delivery's row so long.
alter table revision alter column delivery drop not null;

-- SHA-256 over whom the revision's sources leave out, a part of its name; null where no source does, and for revisions of before.
alter table revision add column excluded_hash text;
