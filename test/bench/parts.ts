import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Sealpost } from '../../src/client/index.js';
import type { DataFolder } from '../../src/local/data-folder.js';
import { ChildProgram } from './child-program.js';
import type { Cleanup } from './cleanup.js';
import { writeNewsletter } from './newsletter.js';
import type { NodemailerReply, NodemailerRequest } from './nodemailer-pool.js';
import type { BenchOptions } from './options.js';
import { findPostfixPrograms, startSmtpSink, type PostfixPrograms } from './postfix-programs.js';
import { foreignServer, ownSink, postfixSink, type Receiver } from './receivers.js';
import { startServers, type Servers } from './servers.js';
import { makeSigningKey, type SigningKey } from './signing-key.js';
import type { SinkReport, SinkRequest } from './sink.js';
import { startWorker, type BenchWorker } from './worker.js';

/** Where all sides send, and the deliveries that go there. */
export interface Stage {
  receiver: Receiver;
  /** Folders. */
  newsletter: string;
  warmUp: string;
}

/** Everything that takes part, running. */
export interface Parts {
  options: BenchOptions;
  /** Of this run alone, and removed after it. */
  home: string;
  report: (text: string) => void;
  /** No turn begins any more when it is aborted. */
  signal: AbortSignal;
  servers: Servers;
  main: Stage;
  /** The same receiver, with all parameters on. */
  parameters: Stage | undefined;
  postfix: (Stage & { programs: PostfixPrograms }) | undefined;
  key: SigningKey | undefined;
  nodemailer: ChildProgram<NodemailerRequest, NodemailerReply>;
  sealpost: Sealpost;
  temporal: Client;
  /** @param profile - folder for CPU profiles */
  startWorker(profile?: string): Promise<BenchWorker>;
}

/** Enough for the engine to have compiled what is called for each message. */
const warmUpMessages = 500;
export const warmUpFor = ({ messages }: BenchOptions): number => Math.min(warmUpMessages, messages);

export async function startParts(
  options: BenchOptions,
  folder: DataFolder,
  cleanup: Cleanup,
  report: (text: string) => void,
  signal: AbortSignal,
): Promise<Parts> {
  const programs = options.smtpSource ? findPostfixPrograms() : undefined;
  const servers = await startServers(folder, cleanup, report, signal);
  const main = await stage(options, folder, 'default', await mainReceiver(options, cleanup));
  const parameters = options.parameters ? await stage(options, folder, 'default', main.receiver, true) : undefined;
  const postfix = programs && (await postfixStage(programs, options, folder, cleanup));
  const key = options.dkim && makeSigningKey(options.dkim);
  const env = {
    SMTP_URL: relayUrl(main, options),
    ...(postfix && { SMTP_URL_POSTFIX: relayUrl(postfix, options) }),
    ...(key && { DKIM_KEY: environmentKey(key) }),
  };
  const nodemailer = added(cleanup, new ChildProgram<NodemailerRequest, NodemailerReply>('./nodemailer-pool.js'));
  // Not closed at the end: the SDK would throw for a call that it is about to repeat, and this process ends anyway.
  const { databaseUrl, temporalAddress } = servers;
  const sealpost = Sealpost.connect({ databaseUrl, temporalAddress, temporalNamespace: 'default', env: {} });
  const temporal = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
  const { path: home, workerLog: log } = folder;
  const { processes } = options;
  return {
    options,
    home,
    report,
    signal,
    servers,
    main,
    parameters,
    postfix,
    key,
    nodemailer,
    sealpost,
    temporal,
    startWorker: (profile) =>
      cleanup.started(startWorker(servers, { home, log, processes, env, ...(profile !== undefined && { profile }) })),
  };
}

async function mainReceiver(options: BenchOptions, cleanup: Cleanup): Promise<Receiver> {
  if (options.sink) return foreignServer(options.sink);
  return await ownSink(added(cleanup, new ChildProgram<SinkRequest, SinkReport>('./sink.js')), options.delay);
}

async function postfixStage(programs: PostfixPrograms, options: BenchOptions, folder: DataFolder, cleanup: Cleanup) {
  const sink = await cleanup.started(startSmtpSink(programs.sink, join(folder.path, 'smtp-sink.log')));
  return { ...(await stage(options, folder, 'postfix', postfixSink(sink))), programs };
}

async function stage(
  options: BenchOptions,
  folder: DataFolder,
  relay: string,
  receiver: Receiver,
  parameters = false,
): Promise<Stage> {
  const newsletter = join(folder.path, `newsletter-${relay}${parameters ? '-parameters' : ''}`);
  const { size } = options;
  await writeNewsletter(newsletter, { recipients: options.messages, size, relay, parameters });
  await writeNewsletter(`${newsletter}-warm-up`, { recipients: warmUpFor(options), size, relay, parameters });
  return { receiver, newsletter, warmUp: `${newsletter}-warm-up` };
}

function relayUrl({ receiver: { host, port } }: Stage, { connections, processes }: BenchOptions): string {
  return `smtp://${host.includes(':') ? `[${host}]` : host}:${port}?connections=${connections / processes}&tls=none`;
}

function environmentKey({ domain, selector, pem }: SigningKey): string {
  return `domain=${domain}; selector=${selector}; key=${Buffer.from(pem).toString('base64')}`;
}

function added<Part extends { stop(): Promise<void> }>(cleanup: Cleanup, part: Part): Part {
  cleanup.add(() => part.stop());
  return part;
}
