import { deliverySettingsSchema } from '../delivery/definition.js';
import { archiveAddress } from '../mime/envelope-addresses.js';
import {
  auditDelivery,
  auditMessages,
  auditRevisions,
  findingCounts,
  storedTargetHash,
  type AuditDelivery,
  type AuditRevision,
} from '../store/audit-rows.js';
import type { Queryable } from '../store/database.js';
import type { StoredHistory } from '../store/histories.js';
import { readChainedJournal } from '../store/journal.js';
import { listOperators, operatorEvents, type OperatorEvent, type OperatorRecord } from '../store/operators.js';
import { eventSchema, partSchemas, type PartName, type PartRow } from './bundle-format.js';
import type { HistoryEvent } from './checks/run-summary.js';
import { historyCutter } from './cut-history.js';
import { messageRows, proofsOfPart, type MessageRows } from './message-rows.js';
import { pseudonyms, withoutAddresses, withoutPeople, type Pseudonym } from './pseudonyms.js';
import { hexSha256, namedFile } from './revision-hash.js';
import type { Part } from './write-bundle.js';

/** What a bundle is made from. */
export interface BundleSource {
  /** Of one transaction, or parts of a delivery that is under way do not agree. */
  database: Queryable;
  deliveryId: string;
  runs: AsyncIterable<StoredHistory> | Iterable<StoredHistory>;
  pseudonymise: boolean;
}

/** @returns the parts in their order; undefined where there is no such delivery */
export async function bundleParts(source: BundleSource): Promise<AsyncIterable<Part> | undefined> {
  const delivery = await auditDelivery(source.database, source.deliveryId);
  return delivery && partsOf(source, delivery);
}

async function* partsOf(source: BundleSource, delivery: AuditDelivery): AsyncGenerator<Part> {
  const readAt = Date.now();
  const { database, deliveryId, pseudonymise } = source;
  const pseudonym = pseudonymise ? pseudonyms(delivery.secret) : undefined;
  const makers = new Map<number, MessageRows>();
  const revisions: PartRow<'revisions'>[] = [];
  for await (const revision of auditRevisions(database, delivery.key)) {
    makers.set(revision.key, messageRows(delivery, revision));
    revisions.push(revisionRow(revision, await storedTargetHash(database, revision.key), pseudonymise));
  }
  const analysed = revisions.find(({ hash }) => hash === delivery.analysedRevision);
  yield { name: 'delivery', rows: each([deliveryRow(delivery, pseudonymise ? undefined : analysed)]) };
  yield { name: 'revisions', rows: each(revisions) };
  yield { name: 'findings', rows: each(await findingCounts(database, delivery.key)) };
  const [operators, events] = [await listOperators(database), await operatorEvents(database)];
  yield { name: 'operators', rows: each(operators.map((one) => operatorRow(one, pseudonymise))) };
  yield { name: 'operator-events', rows: each(events.map((event) => eventRow(event, pseudonymise))) };
  const journal = await readChainedJournal(database, deliveryId);
  yield { name: 'journal', rows: each(journal) };
  yield { name: 'histories', rows: historyRows(source.runs, historyCutter(journal, readAt)) };
  for (const name of ['messages', 'proofs', 'copies'] as const) {
    yield { name, rows: messagesOf(database, { deliveryKey: delivery.key, name, makers, pseudonym }) };
  }
}

function deliveryRow(
  { secret: _secret, createdAt, ...delivery }: AuditDelivery,
  revision: PartRow<'revisions'> | undefined,
): PartRow<'delivery'> {
  const archive = revision && archiveAddress(deliverySettingsSchema.parse(revision.settings));
  return { ...delivery, createdAt: createdAt.toISOString(), ...(archive !== undefined && { archive }) };
}

function revisionRow(
  {
    key: _key,
    content: _content,
    createdAt,
    settings,
    sources,
    files,
    queries,
    excludedHash,
    ...revision
  }: AuditRevision,
  target: string,
  pseudonymise: boolean,
): PartRow<'revisions'> {
  const sourceHashes = Object.fromEntries(Object.entries(sources).map(([name, text]) => [name, hexSha256(text)]));
  return {
    ...revision,
    createdAt: createdAt.toISOString(),
    settings: pseudonymise ? withoutPeople(settings) : settings,
    ...(!pseudonymise && { sources, target, excludedHash }),
    sourceHashes,
    files: files.map(namedFile),
    queries: pseudonymise ? withoutAddresses(queries) : queries,
  };
}

function operatorRow({ name, email, keys, ...operator }: OperatorRecord, pseudonymise: boolean): PartRow<'operators'> {
  // A key's label is whatever its owner wrote.
  const shown = keys.map(({ label, ...key }) => (pseudonymise ? key : { ...key, label }));
  return partSchemas.operators.parse({ ...operator, keys: shown, ...(!pseudonymise && { name, email }) });
}

function eventRow({ data, ...event }: OperatorEvent, pseudonymise: boolean): PartRow<'operator-events'> {
  return pseudonymise ? event : { ...event, data };
}

async function* historyRows(
  runs: BundleSource['runs'],
  cut: (events: readonly HistoryEvent[]) => readonly HistoryEvent[],
): AsyncGenerator<PartRow<'histories'>> {
  for await (const { workflowId, runId, startedAt, history } of runs) {
    yield { run: { workflowId, runId, startedAt } };
    for (const event of cut(history.events.map((event) => eventSchema.parse(event)))) yield { event };
  }
}

async function* messagesOf(
  database: Queryable,
  of: {
    deliveryKey: number;
    name: PartName & keyof typeof proofsOfPart;
    makers: ReadonlyMap<number, MessageRows>;
    pseudonym: Pseudonym | undefined;
  },
): AsyncGenerator<PartRow<'messages'>> {
  const { deliveryKey, name, makers, pseudonym } = of;
  const withFields = [...makers.values()].some(({ needsFields }) => needsFields);
  for await (const message of auditMessages(database, { deliveryKey, proofs: proofsOfPart[name], withFields })) {
    const maker = makers.get(message.revision);
    if (!maker) throw new Error(`message ${message.seq} belongs to no revision of its delivery`);
    yield maker.row(message, pseudonym);
  }
}

async function* each<Row>(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}
