import formbody from '@fastify/formbody';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import { fastify, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { SystemKey } from '../../audit/system-key.js';
import { Sealpost, SealpostError } from '../../client/index.js';
import { openDatabase } from '../../store/database.js';
import type { Access } from '../access/access.js';
import { demandOwnHost, RefusedError, securityHeaders, type Refusal } from '../access/guard.js';
import { IdentityProvider } from '../access/identity-provider.js';
import { inviteFirst } from '../access/invitations.js';
import type { ProviderSettings } from '../access/provider-settings.js';
import { isLoopback, loopbackAddress, publicAddress, type PublicAddress } from '../access/public-url.js';
import { ApiError, sendProblem } from '../api/problem.js';
import { progressFeeds } from '../api/routes/events.js';
import { addApi, isApi } from '../api/server.js';
import { statusOfClientError } from '../error-status.js';
import { recordRequests, type RequestRecord } from '../request-record.js';
import { LedgerView } from './ledger-view.js';
import { addPages, sendError } from './register.js';
import type { ConsoleParts } from './route.js';
import { Watches } from '../watches.js';
import { pageNews } from './pages/news.js';
import { WaitingDeliveries } from './waiting.js';

export interface ConsoleOptions {
  sealpost: Sealpost;
  /** Over connections of its own: counts of large ledgers take long, and no page is to wait for a connection behind them. */
  counting?: Sealpost;
  access: Access;
  /** Not asked for before the first request. */
  address: () => PublicAddress;
  /** Addresses of proxies whose word counts for where a request comes from and which host it names. */
  trustProxy?: readonly string[];
  /** Where the embedded stack's inbox keeps mail. */
  inboxFolder?: string | undefined;
  record: (request: RequestRecord) => void;
  /** Signs what auditors get. */
  systemKey?: (() => Promise<SystemKey>) | undefined;
  /** So many requests a minute one token may make. @default 600 */
  requestsPerMinute?: number;
  /** How long a request may take to arrive. @default {@link arrival} */
  arrival?: typeof arrival;
}

/** Whoever sends slowly holds a connection so long at most; Node looks for them only so often. */
const arrival = {
  headersMs: 10_000,
  /** Files over a slow line; what comes without them is small. */
  wholeMs: 120_000,
  lookMs: 5_000,
};

const statusOfRefusal: Readonly<Record<Refusal, number>> = {
  'sign-in': 401,
  forbidden: 403,
  'stale-form': 419,
  'too-many': 429,
  'wrong-host': 421,
};

/** The operators' console and its API, not listening yet. */
export async function createConsole(options: ConsoleOptions): Promise<FastifyInstance> {
  const { sealpost, access, address, trustProxy = [], record, requestsPerMinute } = options;
  const { systemKey = noSystemKey, inboxFolder, arrival: limits = arrival } = options;
  const server = fastify({
    logger: false,
    // What is not in the table of routes does not answer.
    exposeHeadRoutes: false,
    bodyLimit: 32_768,
    requestTimeout: limits.wholeMs,
    connectionTimeout: 0,
    keepAliveTimeout: 10_000,
    http: {
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.lookMs,
      maxHeaderSize: 16_384,
    },
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: (_error, request, reply) => void fail(request, reply.headers(securityHeaders), 404),
  });
  server.server.maxConnections = 1_000;
  const wentWrong = recordRequests(server, record);
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    const { secure } = address();
    if (secure) reply.header('strict-transport-security', 'max-age=31536000');
    demandOwnHost(request, address());
  });
  server.setNotFoundHandler((request, reply) => fail(request, reply, 404));
  server.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = statusOf(error);
    if (status >= 500) wentWrong(request, error);
    return fail(request, reply, status, error);
  });
  await server.register(rateLimit, { global: false });
  await server.register(formbody);
  // How large all of it may be is the form's own matter.
  await server.register(multipart, { throwFileSizeLimit: false });
  const ledger = new LedgerView(options.counting ?? sealpost);
  const feeds = progressFeeds({ ledger });
  const news = pageNews({ sealpost, ledger });
  const watches = new Watches(access);
  const waiting = new WaitingDeliveries(sealpost);
  const parts = (): ConsoleParts => ({
    sealpost,
    ledger,
    access,
    address: address(),
    feeds,
    news,
    watches,
    systemKey,
    inboxFolder,
    waiting,
  });
  addPages(server, parts);
  await addApi(server, parts, { requestsPerMinute });
  server.addHook('preClose', async () => {
    feeds.close();
    news.close();
  });
  return server;

  function fail(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    error?: Error,
  ): FastifyReply | Promise<FastifyReply> {
    if (status === 503) reply.header('retry-after', '30');
    // Only errors that were made for people are told to people.
    const told = statusOfClientError(error) === undefined ? undefined : error?.message;
    return isApi(request)
      ? sendProblem(reply, error, status)
      : sendError(request, reply, parts(), status, { error, told });
  }
}

const noSystemKey = (): Promise<SystemKey> =>
  Promise.reject(
    new SealpostError('NOT_CONFIGURED', 'This console has no system key: name one in SEALPOST_SYSTEM_KEY.'),
  );

function statusOf(error: FastifyError): number {
  if (error instanceof RefusedError) return statusOfRefusal[error.refusal];
  if (error instanceof ApiError) return error.status;
  const status = statusOfClientError(error) ?? error.statusCode ?? 500;
  // What a driver throws because its server is away, where no client stood between.
  return status === 500 && isOutage(error) ? 503 : status;
}

const isOutage = ({ code }: FastifyError): boolean =>
  typeof code === 'string' && /^(ECONN|ETIMEDOUT|ENOTFOUND|57P|08)/.test(code);

/** The console while it is served. */
export interface RunningConsole {
  /** Where people find it; without a slash at its end. */
  readonly url: string;
  /** Where the first administrator is set up, within the hour; absent where there is one. */
  readonly firstLink?: string;
  /** Answers what is under way, then ends. */
  stop(): Promise<void>;
}

export interface StartConsoleOptions {
  /** Names the database and the Temporal server. */
  env: Readonly<Record<string, string | undefined>>;
  databaseUrl: string;
  host: string;
  /** 0 for any. */
  port: number;
  /** What it is called from outside; needed where it listens on more than this machine. */
  publicUrl?: string | undefined;
  trustProxy?: readonly string[];
  systemKey?: ConsoleOptions['systemKey'];
  inboxFolder?: ConsoleOptions['inboxFolder'];
  /** Where people of the organisation sign in. */
  provider?: ProviderSettings | undefined;
  record: ConsoleOptions['record'];
}

/**
 * Serves the console. A kill loses requests that are under way: whoever asked gets no answer, and sees on the next page
 * whether it was done.
 *
 * @throws RangeError, for a person, for an address that cannot be the console's; errors as of `startWebServer`
 */
export async function startConsole(options: StartConsoleOptions): Promise<RunningConsole> {
  const {
    env,
    databaseUrl,
    host,
    port,
    publicUrl,
    trustProxy = [],
    systemKey,
    inboxFolder,
    provider,
    record,
  } = options;
  if (publicUrl === undefined && !isLoopback(host))
    throw new RangeError('a console that other machines can reach needs its address: name it with --public-url');
  let address = publicUrl === undefined ? undefined : publicAddress(publicUrl);
  const database = openDatabase(databaseUrl, 4);
  // Who has signed in to a console signs decisions nowhere but in their own browser: keys that lie here are not for it.
  const keyless = { ...env, SEALPOST_KEYS: undefined, SEALPOST_KEY: undefined, SEALPOST_KEY_PASSPHRASE: undefined };
  const connected = { env: { ...keyless, DATABASE_URL: databaseUrl } };
  const sealpost = Sealpost.connect(connected);
  // Few, and each on one of the server's CPUs, so that the database has time for pages, too.
  const databaseSettings = '-c max_parallel_workers_per_gather=0';
  const counting = Sealpost.connect({ ...connected, connections: 2, databaseSettings });
  const access = { database, now: Date.now, provider: provider && new IdentityProvider(provider) };
  const server = await createConsole({
    sealpost,
    counting,
    access,
    address: () => (address ??= loopbackAddress(port)),
    trustProxy,
    systemKey,
    inboxFolder,
    record,
  });
  const stop = async (): Promise<void> => {
    await server.close();
    await Promise.all([sealpost.close(), counting.close()]);
    await database.end();
  };
  try {
    // Before it listens: one that cannot work says so at once.
    const link = await inviteFirst(access);
    const listening = new URL(await server.listen({ host, port }));
    address ??= loopbackAddress(Number(listening.port));
    const { url } = address;
    return { url, ...(link !== undefined && { firstLink: `${url}${link}` }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
