/** What a statement of the sending path does in the ledger. */
export type StatementRole = 'claim' | 'settle';

/** Prepared statements of the sending path, by name. */
const statements: ReadonlyMap<string, readonly StatementRole[]> = new Map([
  ['claim-messages', ['claim']],
  ['settle-messages', ['settle']],
  ['exchange-messages', ['settle', 'claim']],
]);

/** One run of such a statement. */
export interface LedgerStatement {
  roles: readonly StatementRole[];
  /** Numbers in its array parameters: sequence numbers of what it settles are among them. */
  numbers: ReadonlySet<number>;
}

/**
 * @param body - of a Bind message of Postgres' protocol (its type and length left out)
 * @returns undefined for a statement that is none of the sending path
 */
export function readBind(body: Buffer): LedgerStatement | undefined {
  const portalEnd = body.indexOf(0);
  const nameEnd = body.indexOf(0, portalEnd + 1);
  const roles = statements.get(body.toString('utf8', portalEnd + 1, nameEnd));
  if (!roles) return undefined;
  let at = nameEnd + 1;
  at += 2 + 2 * body.readUInt16BE(at);
  const count = body.readUInt16BE(at);
  at += 2;
  const numbers = new Set<number>();
  for (let parameter = 0; parameter < count; parameter += 1) {
    const length = body.readInt32BE(at);
    at += 4;
    if (length < 0) continue;
    const [, inner] = /^\{("?\d+"?(?:,"?\d+"?)*)\}$/.exec(body.toString('latin1', at, at + length)) ?? [];
    for (const number of inner?.split(',') ?? []) numbers.add(Number(number.replaceAll('"', '')));
    at += length;
  }
  return { roles, numbers };
}
