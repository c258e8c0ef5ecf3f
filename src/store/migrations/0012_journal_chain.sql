-- Up Migration

-- Each entry's hash covers the one before it: src/audit/journal-chain.ts. Its canonical JSON is JavaScript's, so entries that
-- are there already get theirs in src/store/chain-old-entries.ts, which then forbids null.
alter table journal add column hash bytea check (octet_length(hash) = 32);

-- Who deletes a delivery must not delete what happened to it.
alter table journal
  drop constraint journal_delivery_fkey,
  add constraint journal_delivery_fkey foreign key (delivery) references delivery on delete restrict;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'The table "%" is append-only: its rows are neither changed nor deleted, so % is refused.', tg_table_name, tg_op
    using errcode = 'restrict_violation';
end $$;
create trigger journal_append_only before update or delete or truncate on journal
  for each statement execute function refuse_change();
create trigger operator_event_append_only before update or delete or truncate on operator_event
  for each statement execute function refuse_change();
create trigger decision_nonce_append_only before update or delete or truncate on decision_nonce
  for each statement execute function refuse_change();

-- ANALYZE is for a table's owner, and the application need not be that: src/store/application-role.ts.
create function renew_statistics(of_table text) returns void language plpgsql
  security definer set search_path from current as $$
begin
  execute format('analyze %I', of_table);
end $$;
revoke execute on function renew_statistics(text) from public;
