-- Up Migration

-- Who put an entry there, and why: an operator's id and own words; null where the recipient did.
alter table denylist
  add column operator text,
  add column reason text,
  drop constraint denylist_source_check,
  add constraint denylist_source_check check (source in ('operator', 'import', 'unsubscribed'));

alter table quarantine
  add column source text not null default 'operator' check (source in ('operator', 'import')),
  add column operator text,
  add column reason text;
