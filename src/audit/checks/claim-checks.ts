import { z } from 'zod';
import { claimsOf } from '../../store/operators.js';
import type { PartRow } from '../bundle-format.js';
import type { ChainedEntry } from '../journal-chain.js';
import { keyIdIn } from '../operator-signature.js';
import { clocksMs, faultsOf, type Check } from './check.js';
import { signedAs } from './signature-judgement.js';

const given = z.object({
  operator: z.string(),
  signature: z.string().optional(),
  as: z.array(z.string()).default([]),
});
const particulars = z.object({ roles: z.array(z.string()), groups: z.array(z.string()) });
const delegated = z.object({ delegate: z.string(), from: z.iso.datetime(), until: z.iso.datetime() });
const keyed = z.object({ kid: z.string() });

type OperatorEvent = Pick<PartRow<'operator-events'>, 'at' | 'operator' | 'kind'> & { data?: unknown };

/** What an entry says of its operator, held against what was done to operators before it. */
export const claimChecks: readonly Check[] = [
  {
    name: 'claims',
    title: 'keys, roles, groups and delegations of those whose word counted were given to them before',
    judge: ({ journal, operatorEvents, pseudonymised, approval: { confirmation, pending } }) => {
      if (pseudonymised) return { faults: [], skipped: 'a pseudonymised bundle leaves out what was done to operators' };
      const { submission } = confirmation ?? pending ?? {};
      return { faults: faultsOf('journal', faultsOfClaims(journal, operatorEvents, submission)) };
    },
  },
];

/**
 * @param events - in order
 * @param submission - number of the entry by which the revision was submitted that may be sent
 * @returns sentences, each with the entry's number
 */
export function faultsOfClaims(
  journal: readonly ChainedEntry[],
  events: readonly OperatorEvent[],
  submission: number | undefined,
): string[] {
  return journal.flatMap((entry) => {
    const { n, kind, data } = entry;
    const counted = n === submission || (signedAs[kind] !== 'submission' && data['accepted'] === true);
    // Who gave what is unsigned is claimed, be it a decision.
    const claims = kind === 'decide' || data['signature'] !== undefined;
    return Object.hasOwn(signedAs, kind) && counted && claims ? faultsOfEntry(entry, events) : [];
  });
}

function faultsOfEntry({ n, at, kind, data }: ChainedEntry, events: readonly OperatorEvent[]): string[] {
  const said = given.safeParse(data).data;
  const statement = signedAs[kind];
  if (!said || !statement) return [];
  const { operator, signature, as } = said;
  const before = events.filter((event) => Date.parse(event.at) <= Date.parse(at) + clocksMs);
  const own = before.filter((event) => event.operator === operator);
  const kid = signature === undefined ? undefined : keyIdIn(statement, signature);
  const wasGiven = (key: string): boolean =>
    own.some(({ kind, data: about }) => kind === 'key-added' && keyed.safeParse(about).data?.kid === key);
  return [
    ...(isDisabled(own, at) ? [`entry ${n}: "${operator}" was disabled then`] : []),
    ...(kid !== undefined && !wasGiven(kid) ? [`entry ${n}: nobody gave "${operator}" the key that signed it`] : []),
    ...as
      .filter(
        (claim) =>
          !(claim.startsWith('for:') ? isDelegated(claim.slice(4), operator, before, at) : isHeld(claim, own, at)),
      )
      .map((claim) => `entry ${n}: "${operator}" was not "${claim}" then`),
  ];
}

function isDisabled(own: readonly OperatorEvent[], at: string): boolean {
  const changes = own.filter(({ kind }) => kind === 'disabled' || kind === 'enabled');
  const since = changes.filter((event) => Date.parse(event.at) > Date.parse(at) - clocksMs);
  const last = changes.findLast((event) => !since.includes(event));
  return last?.kind === 'disabled' && since.length === 0;
}

/** By what was last said of the operator, or is said within the clocks' difference. */
function isHeld(claim: string, own: readonly OperatorEvent[], at: string): boolean {
  const changes = own.filter(({ kind }) => kind === 'added' || kind === 'changed');
  const last = changes.findLastIndex((event) => Date.parse(event.at) <= Date.parse(at) - clocksMs);
  return changes.slice(Math.max(0, last)).some(({ data }) => {
    const { roles, groups } = particulars.safeParse(data).data ?? { roles: [], groups: [] };
    return claimsOf({ roles, groups }).includes(claim);
  });
}

function isDelegated(delegator: string, operator: string, events: readonly OperatorEvent[], at: string): boolean {
  const instant = Date.parse(at);
  const own = events.filter(({ operator: whose }) => whose === delegator);
  const ended = own.findLastIndex((event) => {
    return event.kind === 'delegation-ended' && Date.parse(event.at) <= instant - clocksMs;
  });
  return own.slice(ended + 1).some(({ kind, data }) => {
    const delegation = kind === 'delegated' ? delegated.safeParse(data).data : undefined;
    return (
      delegation?.delegate === operator &&
      Date.parse(delegation.from) <= instant + clocksMs &&
      instant - clocksMs < Date.parse(delegation.until)
    );
  });
}
