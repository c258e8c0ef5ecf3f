import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { delivery } from '../../workflows/delivery.js';
import { deliveryWorkflowId, taskQueues, type DeliveryInput } from '../../workflows/messages.js';
import type { Phase } from '../delivery/phase.js';
import {
  countPhases,
  listDeliveries,
  removeLeftovers,
  removeUnstarted,
  type DeliveryFilter,
  type DeliverySummary,
} from '../store/deliveries.js';
import type { Database } from '../store/database.js';
import { listLanes, type LaneDescription } from '../store/lanes.js';
import { DeliveryIdUsedError, insertRevision, type InsertedRevision } from '../store/revisions.js';
import { AddressList, type OfAllSenders, type OfSender } from './address-list.js';
import { openConnections, type ConnectOptions, type Connections } from './connection.js';
import type { LocatedFinding } from './definition-faults.js';
import type { DefinitionFiles } from './definition-files.js';
import type { DefinitionSource } from './definition-source.js';
import type { GivenFile } from './recipients-target.js';
import { Delivery } from './delivery.js';
import { Operators } from './operators.js';
import { translated } from './failure-translation.js';
import type { SubmissionToSign } from './operator-signatures.js';
import type { Preview } from './preview.js';

export interface StartOptions {
  /** Operator id of who submits it: the author, whom four-eyes keeps from confirming. */
  operator: string;
  /** In place of the definition's own id. */
  id?: string;
  /** A file of recipients in place of the one that a definition on disk names; it may stand anywhere. */
  recipients?: GivenFile;
  /** The author's, made elsewhere of what {@link Sealpost.startToSign} gave. */
  signature?: string;
}

/**
 * The typed client for engineers: starts deliveries and steers them.
 *
 * @example
 * ```ts
 * const sealpost = Sealpost.connect();
 * const delivery = await sealpost.start('winter-news/delivery.yaml', { operator: 'ci' });
 * console.log((await delivery.outcome()).outcome);
 * await sealpost.close();
 * ```
 */
export class Sealpost {
  /** Who wants no mail: of one sender, or of all. */
  readonly denylist: AddressList<OfSender>;
  /** Addresses that take no mail. */
  readonly quarantine: AddressList<OfAllSenders>;
  /** Who acts, and the keys that their decisions are verified by. */
  readonly operators: Operators;

  private constructor(private readonly connections: Connections) {
    this.denylist = new AddressList('denylist', connections);
    this.quarantine = new AddressList('quarantine', connections);
    this.operators = new Operators(connections);
  }

  /**
   * Connections are opened when they are first used.
   *
   * @throws SealpostError `NOT_CONFIGURED`
   */
  static connect(options: ConnectOptions = {}): Sealpost {
    return new Sealpost(openConnections(options));
  }

  /**
   * Stores a delivery whole and starts it. Idempotent by delivery id: the same definition again gives the same delivery,
   * also after a kill between storing and starting. Where nothing but such a kill has used the id, another definition takes
   * its place; of several that come at once, one is started and the others are refused. It is signed with the author's key
   * (`SEALPOST_KEYS`, `SEALPOST_KEY`) where there is one and no signature is given.
   *
   * @param source - path of a definition file or its folder, or the definition's values
   * @throws DefinitionError with all faults at once; DeliveryIdUsedError when the id belongs to another definition;
   *   SealpostError `DATABASE_UNAVAILABLE`, `SCHEMA_MISSING`, `TEMPORAL_UNAVAILABLE`, `KEY_UNUSABLE`, `SIGNATURE_REFUSED` — nothing
   *   is left behind by any
   */
  async start(source: DefinitionSource, options: StartOptions): Promise<Delivery & { alreadyStarted: boolean }> {
    // Loaded here: compiling MJML is the heaviest part by far, and most callers only read or steer.
    const { partsOf, readDefinition } = await import('./definition-source.js');
    const { authorSigner } = await import('./operator-signatures.js');
    const definition = await readDefinition(source, { env: this.connections.env, ...options });
    return await translated(async () => {
      const { database, temporal, ensureTemporal } = this.connections;
      const { id, settings } = definition;
      const { operator } = options;
      const author = await authorSigner(this.connections, {
        delivery: id,
        author: operator,
        approval: settings.approval,
        signature: options.signature,
      });
      // Asked first: a delivery that is stored and cannot be started would hold its id.
      await ensureTemporal();
      const stored = await insertRevision(database, {
        purpose: 'start',
        deliveryId: id,
        author: operator,
        ...partsOf(definition),
        ...(author?.hash !== undefined && { hash: author.hash }),
      });
      const revision = stored.hash;
      const signature = await author?.sign(revision);
      const { owner = operator, approval } = settings;
      const origin = { operator, rules: { owner, settings: approval }, ...(signature !== undefined && { signature }) };
      const alreadyStarted =
        stored.begun || (await startWorkflow(temporal, database, stored, { deliveryId: id, revision, origin }));
      return Object.assign(this.delivery(id), { alreadyStarted });
    });
  }

  /**
   * What the author signs to {@link start} this very definition, where the key is on another machine than this code. All of
   * it is read, and nothing stored.
   *
   * @throws DefinitionError with all faults at once
   */
  async startToSign(source: DefinitionSource, options: Omit<StartOptions, 'signature'>): Promise<SubmissionToSign> {
    const { partsOf, readDefinition } = await import('./definition-source.js');
    const { submissionToSign } = await import('./operator-signatures.js');
    const definition = await readDefinition(source, { env: this.connections.env, ...options });
    return await translated(() => submissionToSign(definition.id, options.operator, partsOf(definition)));
  }

  /** What step 1 would find in a definition that is not started yet. Needs no server. */
  async checkDraft(draft: DefinitionFiles): Promise<LocatedFinding[]> {
    const { findingsOf } = await import('./definition-findings.js');
    return await findingsOf({}, draft, { audiences: this.connections.env });
  }

  /** One recipient's message as a definition makes it that is not started yet. @throws DefinitionError */
  async previewDraft(draft: DefinitionFiles, row?: number): Promise<Preview> {
    const { previewFiles } = await import('./preview.js');
    return await previewFiles(draft, row, { env: this.connections.env });
  }

  /** A delivery by its id; nothing is asked before one of its methods is called. */
  delivery(id: string): Delivery {
    return new Delivery(id, this.connections);
  }

  /** Deliveries, the newest first. What comes after the last one of a list: the same filter with its id as `after`. */
  async list(filter: DeliveryFilter = {}): Promise<DeliverySummary[]> {
    return await translated(() => listDeliveries(this.connections.database, filter));
  }

  /** How many deliveries stand in each phase. */
  async countPhases(): Promise<Partial<Record<Phase, number>>> {
    return await translated(() => countPhases(this.connections.database));
  }

  /** How mail leaves now under each MX rule that was used lately, over all workers. */
  async lanes(): Promise<LaneDescription[]> {
    return await translated(() => listLanes(this.connections.database));
  }

  async close(): Promise<void> {
    await this.connections.close();
  }
}

/**
 * Temporal decides: of several starts under one id, whatever they were stored as, it takes the first.
 *
 * @returns whether it was started before, with the same revision
 * @throws DeliveryIdUsedError where it was started with another one
 */
async function startWorkflow(
  temporal: Client,
  database: Database,
  { hash, key }: InsertedRevision,
  input: DeliveryInput,
): Promise<boolean> {
  const { deliveryId } = input;
  const workflowId = deliveryWorkflowId(deliveryId);
  try {
    await temporal.workflow.start<typeof delivery>('delivery', {
      workflowId,
      taskQueue: taskQueues.delivery,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: `Delivery ${deliveryId}`,
      // Told before any worker has come.
      memo: { revision: hash },
      args: [input],
    });
  } catch (error) {
    const isStarted = error instanceof WorkflowExecutionAlreadyStartedError;
    if (isStarted && (await temporal.workflow.getHandle(workflowId).describe()).memo?.['revision'] === hash)
      return true;
    await removeUnstarted(database, deliveryId, hash);
    throw isStarted ? new DeliveryIdUsedError(deliveryId) : error;
  }
  await removeLeftovers(database, deliveryId, hash, key);
  return false;
}
