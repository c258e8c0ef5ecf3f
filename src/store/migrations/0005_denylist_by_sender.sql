-- Up Migration

-- An entry of the denylist is for one sender, or for all of them.
alter table denylist
  -- Address of the sender in lower case, domain in A-labels; empty for all senders.
  add column sender text not null default '',
  add column source text not null default 'operator' check (source in ('operator', 'unsubscribed')),
  drop constraint denylist_pkey,
  add primary key (address, sender);

-- As the denylist names it, so that a claim compares it without reading the settings.
alter table revision add column sender text;
update revision set sender = lower(settings #>> '{sender,address}');
alter table revision alter column sender set not null;
