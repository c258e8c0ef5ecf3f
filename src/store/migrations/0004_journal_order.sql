-- Up Migration

-- The workflow numbers its own entries, so that one that is written again is recognised; others write to the journal
-- too. `n` is the order in which entries came in.
alter table journal add column entry int;
update journal set entry = n;
create unique index journal_entry on journal (delivery, entry);
