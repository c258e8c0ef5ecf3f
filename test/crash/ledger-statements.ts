import { z } from 'zod';

/** One run of a statement of the sending path. */
export interface LedgerStatement {
  /** Which batch it concerns. */
  batch: string;
  /** How many messages it claims at the most; 0 where it only settles. */
  claims: number;
  /** Sequence numbers of what it settles. */
  settles: readonly number[];
}

/** Where the parameters of a statement are; $1 is 1. The first three name the batch. */
interface Places {
  claimLimit: number;
  /** Results as JSON. */
  settlements: number;
}

/** Prepared statements of the sending path, by name. */
const exchange = { claimLimit: 8, settlements: 9 };
const statements: ReadonlyMap<string, Places> = new Map([
  ['exchange-messages', exchange],
  ['exchange-messages-and-attempts', exchange],
]);

const settlementsSchema = z.array(z.looseObject({ seq: z.int() }));

/**
 * @param body - of a Bind message of Postgres' protocol (its type and length left out)
 * @returns undefined for a statement that is none of the sending path
 */
export function readBind(body: Buffer): LedgerStatement | undefined {
  const portalEnd = body.indexOf(0);
  const nameEnd = body.indexOf(0, portalEnd + 1);
  const places = statements.get(body.toString('utf8', portalEnd + 1, nameEnd));
  if (!places) return undefined;
  const parameters = readParameters(body, nameEnd + 1);
  const results = settlementsSchema.parse(JSON.parse(parameters[places.settlements - 1] ?? ''));
  return {
    batch: parameters.slice(0, 3).join(' '),
    claims: Number(parameters[places.claimLimit - 1]),
    settles: results.map(({ seq }) => seq),
  };
}

/** @returns parameters as text; empty for null */
function readParameters(body: Buffer, start: number): string[] {
  let at = start + 2 + 2 * body.readUInt16BE(start);
  const count = body.readUInt16BE(at);
  at += 2;
  return Array.from({ length: count }, () => {
    const length = Math.max(0, body.readInt32BE(at));
    const text = body.toString('utf8', at + 4, at + 4 + length);
    at += 4 + length;
    return text;
  });
}
