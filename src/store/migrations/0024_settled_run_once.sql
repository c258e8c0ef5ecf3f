-- Up Migration

-- Which run of which batch it was: a run that is counted again, after a worker was killed, replaces what it counted first.
alter table settled_run add column batch int;
alter table settled_run add column since timestamptz;
create unique index on settled_run (delivery, batch, since);
