-- Up Migration

alter table revision
  -- When which messages leave, as it was sealed: src/delivery/waves.ts. Null where the definition names no schedule.
  add column schedule jsonb,
  -- Where the analysed target begins anew for each contact date that recipients have of their own: src/store/zone-order.ts.
  add column zone_starts jsonb;
