import type { Delivery, LedgerRow } from '../../src/client/index.js';
import { deliveryWorkflowId } from '../../workflows/messages.js';
import { eventually, ledgerOf, openEnvironment, type ServerAddresses } from '../system/environment.js';
import type { OwnServers } from '../system/own-servers.js';
import { nameOf, type Cell } from './cell.js';
import { connections, definitionOf, marked } from './delivery-under-test.js';
import { expectedStatuses } from './expected-status.js';
import { seqOf, type RelayRecord } from './relay-script.js';
import { setStage, workerNames, type Stage } from './stage.js';
import { playFault } from './strike.js';
import { judge, type Verdict } from './verdict.js';

export interface CellResult extends Verdict {
  cell: Cell;
  /** What became of the marked message. */
  marked: LedgerRow['status'] | undefined;
  seconds: number;
}

/** A cell that takes longer has failed; most end within 20 s on a machine that does nothing else. */
const limitMs = 240_000;

/** Plays one cell with a database, a namespace, a relay and workers of its own. It never rejects. */
export async function playCell(cell: Cell, servers: ServerAddresses & Partial<OwnServers>): Promise<CellResult> {
  const begun = Date.now();
  let timer: NodeJS.Timeout | undefined;
  let stage: Stage | undefined;
  const result = { cell, sent: 0, lost: 0, duplicated: 0, inDoubt: 0, marked: undefined, faults: [] };
  try {
    const own = isOwn(servers) ? servers : undefined;
    stage = await setStage(cell, await openEnvironment(servers), own);
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not over after ${limitMs / 1_000} s`)), limitMs);
    });
    const played = await Promise.race([play(stage), limit]);
    return { ...result, ...played, seconds: secondsSince(begun) };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { ...result, faults: [said], seconds: secondsSince(begun) };
  } finally {
    clearTimeout(timer);
    await stage?.close();
  }
}

function isOwn(servers: ServerAddresses & Partial<OwnServers>): servers is OwnServers {
  return servers.kill !== undefined;
}

const secondsSince = (begun: number) => Math.round((Date.now() - begun) / 1_000);

async function play(stage: Stage): Promise<Verdict & Pick<CellResult, 'marked'>> {
  const { cell, relay } = stage;
  const id = nameOf(cell).replaceAll(/[^a-z0-9]+/g, '-');
  const delivery = await stage.environment.sealpost.start(definitionOf(id, cell), { operator: 'author' });
  const ended = eventually(
    () => delivery.progress().catch(() => undefined),
    (seen) => seen?.ended === true,
  );
  const early = ended.then(() => Promise.reject(new Error('not hit: the delivery ended before its moment came')));
  await Promise.race([admit(stage, id).then(() => stage.reached), early]);

  let then: LedgerState | undefined;
  await playFault(stage, ended, async () => {
    then = await stateOf(delivery, relay.record);
  });
  const faults = then ? await watchLatecomer(stage, delivery, then) : [];
  const [{ rows, record }, progress] = await Promise.all([stateOf(delivery, relay.record), ended]);
  if (progress?.phase !== 'finished') faults.push(`the delivery is ${progress?.phase}`);
  if (isFaultInBody(cell) && (then?.record ?? record).some(isBodyWhole)) {
    faults.push('not hit: the whole body was under way before the fault came');
  }
  const status = rows.find(({ seq }) => seq === marked)?.status;
  const expected = expectedStatuses(cell);
  if (!status || !expected.includes(status))
    faults.push(`the marked message is ${status}, not ${expected.join(' or ')}`);
  const verdict = judge(rows, record, { policy: cell.inDoubt ?? 'hold', allowed: 3 * connections });
  return { ...verdict, faults: [...faults, ...verdict.faults], marked: status };
}

/**
 * Messages leave when the delivery's steps before have ended: one that is under way at the fault would be tried again
 * after its minute, which is not what the cell is about.
 */
async function admit({ relay, environment }: Stage, id: string): Promise<void> {
  await relay.knocked;
  await eventually(
    () => environment.temporal.workflow.getHandle(deliveryWorkflowId(id)).describe(),
    ({ raw }) => (raw.pendingActivities ?? []).length === 0,
  );
  relay.order({ kind: 'admit' });
}

interface LedgerState {
  rows: LedgerRow[];
  record: RelayRecord[];
}

async function stateOf(delivery: Delivery, readRecord: () => Promise<RelayRecord[]>): Promise<LedgerState> {
  return { rows: await ledgerOf(delivery), record: await readRecord() };
}

/** A worker that comes back to a delivery which another one has finished writes nothing, and begins nothing. */
async function watchLatecomer(
  { first, relay, wires }: Stage,
  delivery: Delivery,
  then: LedgerState,
): Promise<string[]> {
  // It lets go of a connection when it has had nothing to send for some time.
  await eventually(
    () => Promise.resolve(wires.relay.open()),
    (open) => open === 0,
  );
  await first.stop();
  const now = await stateOf(delivery, relay.record);
  const faults: string[] = [];
  if (JSON.stringify(now.rows) !== JSON.stringify(then.rows)) faults.push('the latecomer wrote to the ledger');
  const doubted = new Set(then.rows.filter(isDoubted).map(({ address }) => address));
  const begun = now.record.slice(then.record.length).filter(({ recipient }) => !doubted.has(recipient));
  if (begun.length > 0) faults.push(`the latecomer began ${begun.length} that are not in doubt`);
  return faults;
}

const isDoubted = ({ status, possibleDuplicate }: LedgerRow) => status === 'in-doubt' || possibleDuplicate;

/** The worker's process is what keeps the rest of a body from being sent. */
const isFaultInBody = ({ victim, moment }: Cell) => victim === 'worker' && moment === 'in the body';

const isBodyWhole = ({ kind, from, recipient }: RelayRecord) =>
  kind === 'dot' && from === workerNames.first && seqOf(recipient) === marked;
