-- Up Migration

-- Closed workflow histories, kept beyond Temporal's retention: one row a run.
create table history (
  delivery int not null references delivery on delete cascade,
  workflow_id text not null,
  run_id text not null,
  started_at timestamptz not null,
  -- As Temporal's own tools write and read it.
  events jsonb not null,
  primary key (delivery, workflow_id, run_id)
);
