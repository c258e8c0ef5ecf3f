import { z } from 'zod';
import type { Queryable } from './database.js';

/** How many recipients, and the first of them. */
export interface TargetChange {
  count: number;
  first: { row: number; address: string }[];
}

/** How the targets of two revisions differ. Two rows with the same address are one recipient. */
export interface TargetDifference {
  /** Rows are those of the later revision. */
  gained: TargetChange;
  /** Rows are those of the earlier revision. */
  lost: TargetChange;
  /** In both, with other fields; rows are those of the later revision. */
  changed: TargetChange;
}

/** Compares two targets by set operations: of however many recipients, a few rows come back. */
export async function compareTargets(
  database: Queryable,
  before: number,
  after: number,
  shown: number,
): Promise<TargetDifference> {
  const { rows } = await database.query<TargetChange & { what: keyof TargetDifference }>(
    // Of each address the first row counts: its number stands above a hash of its fields in one integer, which takes a
    // third of the time of an array.
    `with compared as (
       select address,
         min(first) filter (where revision = $1) as was,
         min(first) filter (where revision = $2) as now
       from (
         -- A local part is told by its case, a domain is not.
         select revision, ("row"::bigint << 32) | (jsonb_hash(fields)::bigint & 4294967295) as first,
           substr(address, 1, strpos(address, '@')) || lower(substr(address, strpos(address, '@') + 1)) as address
         from profile where revision in ($1, $2) and "row" > 0 and address <> ''
       ) recipients
       group by address
     ), different as (
       select case when was is null then 'gained' when now is null then 'lost' else 'changed' end as what,
         coalesce(now, was) >> 32 as "row", address
       from compared where was is null or now is null or (was & 4294967295) <> (now & 4294967295)
     ), ranked as (select *, row_number() over (partition by what order by "row") as nth from different)
     select what, count(*)::int as count,
       json_agg(json_build_object('row', "row", 'address', address) order by "row") filter (where nth <= $3) as first
     from ranked group by what`,
    [before, after, shown],
  );
  const changeOf = (wanted: keyof TargetDifference): TargetChange => {
    const { count = 0, first = [] } = rows.find(({ what }) => what === wanted) ?? {};
    return { count, first };
  };
  return { gained: changeOf('gained'), lost: changeOf('lost'), changed: changeOf('changed') };
}

/** What a revision's messages carry, without the bytes. */
export interface FileDigest {
  name: string;
  bytes: number;
  /** SHA-256, hexadecimal. */
  hash: string;
}

/** What a revision was made from, for the comparison with another one. */
export interface RevisionSources {
  sources: Record<string, string>;
  files: FileDigest[];
}

const sourcesSchema = z.record(z.string(), z.string());

export async function readSources(database: Queryable, revisionKey: number): Promise<RevisionSources> {
  const { rows } = await database.query<{ sources: unknown; files: FileDigest[] }>(
    `select r.content->'sources' as sources,
       (select coalesce(json_agg(json_build_object('name', f.name, 'bytes', octet_length(f.content),
          'hash', encode(sha256(f.content), 'hex')) order by f.n), '[]')
        from attached_file f where f.revision = r.key) as files
     from revision r where r.key = $1`,
    [revisionKey],
  );
  return { sources: sourcesSchema.parse(rows[0]?.sources ?? {}), files: rows[0]?.files ?? [] };
}
