-- Up Migration

-- Apart from a revision's content, which is read far more often than what its messages carry.
create table attached_file (
  revision bigint not null references revision on delete cascade,
  n int not null,
  name text not null,
  type text not null,
  -- Of an image that the HTML shows; null for an attachment.
  content_id text,
  content bytea not null,
  primary key (revision, n)
);
-- Compressed files do not get smaller, and a length is known without the rest.
alter table attached_file alter column content set storage external;
