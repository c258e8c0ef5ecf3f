-- Up Migration

-- Names of the revision's sources that were to leave people out and named nobody; null where there are none.
alter table revision add column empty_exclusions jsonb;
