-- Up Migration

-- The definition's file as it was written, comments and all, for whoever edits it next. Null for one that was given in code.
alter table revision add column definition text;
