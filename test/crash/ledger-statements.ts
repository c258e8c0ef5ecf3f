/** One run of a statement of the sending path. */
export interface LedgerStatement {
  /** Which batch it concerns. */
  batch: string;
  /** How many messages it claims at the most; 0 where it only settles. */
  claims: number;
  /** Whether it writes results. */
  settles: boolean;
  /** Numbers in its array parameters: sequence numbers of what it settles are among them. */
  numbers: ReadonlySet<number>;
}

/**
 * Prepared statements of the sending path, by name, and which parameter ($1 is 1) says how many to claim. The first three
 * name the batch.
 */
const statements: ReadonlyMap<string, { claimLimit?: number; settles: boolean }> = new Map([
  ['exchange-messages', { claimLimit: 8, settles: true }],
]);

/**
 * @param body - of a Bind message of Postgres' protocol (its type and length left out)
 * @returns undefined for a statement that is none of the sending path
 */
export function readBind(body: Buffer): LedgerStatement | undefined {
  const portalEnd = body.indexOf(0);
  const nameEnd = body.indexOf(0, portalEnd + 1);
  const known = statements.get(body.toString('utf8', portalEnd + 1, nameEnd));
  if (!known) return undefined;
  const parameters = readParameters(body, nameEnd + 1);
  const numbers = parameters.flatMap((text) => {
    const [, inner = ''] = /^\{("?\d+"?(?:,"?\d+"?)*)\}$/.exec(text) ?? [];
    return inner === '' ? [] : inner.replaceAll('"', '').split(',').map(Number);
  });
  return {
    batch: parameters.slice(0, 3).join(' '),
    claims: known.claimLimit === undefined ? 0 : Number(parameters[known.claimLimit - 1]),
    settles: known.settles && numbers.length > 0,
    numbers: new Set(numbers),
  };
}

/** @returns parameters as text; empty for null */
function readParameters(body: Buffer, start: number): string[] {
  let at = start + 2 + 2 * body.readUInt16BE(start);
  const count = body.readUInt16BE(at);
  at += 2;
  return Array.from({ length: count }, () => {
    const length = Math.max(0, body.readInt32BE(at));
    const text = body.toString('latin1', at + 4, at + 4 + length);
    at += 4 + length;
    return text;
  });
}
