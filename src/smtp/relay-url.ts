import { z } from 'zod';
import { parseDomain } from '../delivery/address.js';

/** One relay, as its URL describes it. Holds a password: for connections only, never for logs, pages or history. */
export interface RelayOptions {
  host: string;
  port: number;
  /** TLS from the first byte (`smtps:`). */
  secure: boolean;
  /**
   * STARTTLS on an `smtp:` connection: never; where offered, whatever the certificate (RFC 7435); or always, with a
   * certificate that holds.
   */
  tls: 'none' | 'opportunistic' | 'required';
  auth?: { user: string; pass: string };
  /** What EHLO says we are; the machine's own name where absent. */
  ehloName?: string;
  /** Most connections open at a time, from one process. */
  connections: number;
  /** Messages after which a connection is replaced; unlimited where absent. */
  messagesPerConnection?: number;
  /** It tries again by itself what it could not deliver. */
  enhanced?: true;
  /** Of several addresses of a relay, so many messages for one of an address of weight 1. @default 1 */
  weight?: number;
  /** It gets messages only while all others fail. */
  backup?: true;
}

/** Delivery to the hosts that take recipients' mail (MX), as its URL describes it. */
export interface DirectOptions {
  /** What EHLO says we are: the name that our address has in DNS. */
  ehloName: string;
  /** As of a relay. */
  tls: RelayOptions['tls'];
  /** Most connections open at a time, from one process; and to one host. */
  connections: number;
  perHost: number;
  messagesPerConnection: number;
  port: number;
  /** Hosts may have addresses of our own network. */
  mayBePrivate: boolean;
}

/** Where a relay's messages go: to its addresses, one or more, or to the recipients' own hosts. */
export type RelayRoute = readonly RelayOptions[] | DirectOptions;

export const isDirect = (route: RelayRoute): route is DirectOptions => !Array.isArray(route);

/** Whether a relay tries again by itself what it could not deliver. */
export function isEnhanced(route: RelayRoute | undefined): boolean {
  return route !== undefined && !isDirect(route) && route.some(({ enhanced }) => enhanced);
}

/** Most connections that a process opens for a relay, those of backups left out. */
export function connectionsOf(route: RelayRoute): number {
  if (isDirect(route)) return route.connections;
  return route.reduce((sum, { backup, connections }) => sum + (backup ? 0 : connections), 0);
}

/** A relay's URL is not usable. The message names what is wrong, and never the password. */
export class RelayUrlError extends Error {
  override readonly name = 'RelayUrlError';
}

const wholeNumber = (what: string, max: number) =>
  z
    .string()
    .regex(/^[1-9]\d*$/, `${what} must be a whole number from 1`)
    .transform(Number)
    .refine((n) => n <= max, `${what} must be at most ${max}`);

const tls = z.enum(['none', 'opportunistic', 'required'], 'tls must be none, opportunistic or required');
const flag = (what: string) => z.literal('true', `${what} is true, or left out`).optional();

const querySchema = z.strictObject({
  connections: wholeNumber('connections', 1_000).default(20),
  messages: wholeNumber('messages', 1_000_000).optional(),
  tls: tls.optional(),
  // RFC 5321 §4.1.3: a domain or an address literal.
  name: z
    .string()
    .regex(
      /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.IPv]+\])$/,
      'name must be a host name such as mail.shop.example',
    )
    .optional(),
  enhanced: flag('enhanced'),
  weight: wholeNumber('weight', 1_000).optional(),
  backup: flag('backup'),
});

const directSchema = z.strictObject({
  // Hosts of others look it up and compare, so the machine's own name will not do.
  name: z
    .string(
      'name is missing: give the host name that this machine’s address has in DNS, as mx://?name=mail.shop.example',
    )
    .refine((name) => parseDomain(name) !== undefined, 'name must be a host name in DNS such as mail.shop.example'),
  connections: wholeNumber('connections', 1_000).default(100),
  perhost: wholeNumber('perhost', 1_000).default(10),
  messages: wholeNumber('messages', 1_000_000).default(100),
  tls: tls.default('opportunistic'),
  port: wholeNumber('port', 65_535).default(25),
  private: flag('private'),
});

/**
 * Parses `smtp://user:password@relay.example:587?connections=20&messages=1000&tls=required&name=mail.shop.example` or
 * the same with `smtps:`. Ports default to 587 and 465. Without `tls`, `smtp:` takes STARTTLS where it is offered, and
 * insists on it where a password is to be sent.
 *
 * @throws RelayUrlError
 */
export function parseRelayUrl(text: string): RelayOptions {
  // The parser's own error quotes the text, password and all.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || url.hostname === '') {
    throw new RelayUrlError(
      'a relay is given as smtp://host:port or smtps://host:port, with user:password@ before the host if it asks for a login (encode @, : and / in a password as %40, %3A and %2F)',
    );
  }
  if ((url.pathname !== '' && url.pathname !== '/') || url.hash !== '') {
    throw new RelayUrlError(
      'a relay URL ends after host, port and ?options: encode / # and ? in a password as %2F %23 and %3F',
    );
  }
  const query = parseQuery(querySchema, url.searchParams);
  const auth = parseAuth(url);
  const secure = url.protocol === 'smtps:';
  if (secure && query.tls !== undefined && query.tls !== 'required') {
    throw new RelayUrlError('smtps: is TLS from the start: use smtp: for a relay without it, or leave tls out');
  }
  return {
    // An IPv6 address stands in brackets in a URL only.
    host: decode(url.hostname, 'host').replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    tls: query.tls ?? (secure || auth ? 'required' : 'opportunistic'),
    ...(auth && { auth }),
    ...(query.name !== undefined && { ehloName: query.name }),
    connections: query.connections,
    ...(query.messages !== undefined && { messagesPerConnection: query.messages }),
    ...(query.enhanced && { enhanced: true }),
    ...(query.weight !== undefined && { weight: query.weight }),
    ...(query.backup && { backup: true }),
  };
}

/** @throws RelayUrlError */
function parseDirectUrl(text: string): DirectOptions {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.host !== '' || url.pathname !== '' || url.hash !== '') {
    throw new RelayUrlError(
      'delivery to recipients’ own hosts is given as mx://?name=mail.shop.example, without a host',
    );
  }
  const { name, perhost, messages, private: mayBePrivate, ...query } = parseQuery(directSchema, url.searchParams);
  return {
    ehloName: name,
    perHost: perhost,
    messagesPerConnection: messages,
    mayBePrivate: mayBePrivate !== undefined,
    ...query,
  };
}

function parseQuery<Schema extends typeof querySchema | typeof directSchema>(
  schema: Schema,
  params: URLSearchParams,
): z.output<Schema> {
  const parsed = schema.safeParse(Object.fromEntries(params));
  if (parsed.success) return parsed.data as z.output<Schema>;
  const optionNames = Object.keys(schema.shape)
    .join(', ')
    .replace(/, ([^,]*)$/, ' and $1');
  const sentences = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys' ? `the options are ${optionNames}: one given is none of them` : issue.message,
  );
  throw new RelayUrlError(sentences.join('; '));
}

function parseAuth(url: URL): RelayOptions['auth'] {
  if (url.username === '' && url.password === '') return undefined;
  if (url.username === '' || url.password === '') {
    throw new RelayUrlError('a login needs both a user and a password: smtp://user:password@host');
  }
  return { user: decode(url.username, 'user'), pass: decode(url.password, 'password') };
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RelayUrlError(`the ${what} has a % that begins no escape: write it as %25`);
  }
}

/** Several addresses of one relay stand with spaces between them, which no URL holds. */
function parseRoute(text: string): RelayRoute {
  const urls = text.trim().split(/\s+/);
  const direct = urls.find((url) => /^mx:/i.test(url));
  if (direct !== undefined) {
    if (urls.length === 1) return parseDirectUrl(direct);
    throw new RelayUrlError('mx: stands alone: give other addresses a variable of their own');
  }
  const relays = urls.map(parseRelayUrl);
  if (relays.every(({ backup }) => backup))
    throw new RelayUrlError('backup=true is for an address beside others: leave it out of one');
  return relays;
}

/** Where a process finds its relays: `SMTP_URL` is `default`, `SMTP_URL_BULK_EU` is `bulk-eu`. */
const variable = /^SMTP_URL(?:_(.+))?$/;

/**
 * @param env - such as `process.env`; empty values count as not set
 * @returns relays by the name that a delivery's settings give
 * @throws RelayUrlError naming the variable
 */
export function relaysFromEnvironment(env: Readonly<Record<string, string | undefined>>): Map<string, RelayRoute> {
  const relays = new Map<string, RelayRoute>();
  for (const [key, value] of Object.entries(env)) {
    const match = variable.exec(key);
    if (!match || value === undefined || value === '') continue;
    const name = (match[1] ?? 'default').toLowerCase().replaceAll('_', '-');
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) {
      throw new RelayUrlError(
        `${key}: what follows SMTP_URL_ must be 1–40 letters, digits or "_", beginning with no "_"`,
      );
    }
    if (relays.has(name)) throw new RelayUrlError(`${key}: another variable names the relay "${name}" too: remove one`);
    try {
      relays.set(name, parseRoute(value));
    } catch (error) {
      throw error instanceof RelayUrlError ? new RelayUrlError(`${key}: ${error.message}`) : error;
    }
  }
  return relays;
}
