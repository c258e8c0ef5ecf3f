-- Up Migration

-- Version of the ICU in the Node that sealed the revision: another one may write numbers and dates otherwise.
alter table revision add column sealed_icu text;
