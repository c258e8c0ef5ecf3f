import { outages } from './failure-translation.js';

/** What a driver throws. */
interface AudienceError {
  code: string;
  message: string;
  /** Of the query, from 1. */
  line?: number;
}

/** What is told of an error, by its code in Postgres or in the system; the first that fits. */
const sentences: readonly (readonly [code: RegExp, sentence: (error: AudienceError) => string | undefined])[] = [
  [/^57014$/, ({ message }) => `ended the query (${message}): make it faster, for each page of rows has ten minutes`],
  [/^25006$/, () => 'refuses the query, which would change something: it may only read'],
  [/^42501$/, ({ message }) => `refuses the query (${message}): let its user read this, or name another user`],
  // What it says of a query's text; of other errors it may quote values of recipients.
  [/^(?:42|0A)/, ({ message, line }) => `refuses the query: ${message}${line ? ` (line ${line} of the query)` : ''}`],
  [
    /./,
    ({ code }) => (Object.hasOwn(outages, code) ? `cannot be used: ${outages[code]}; ${whenItIsThere}` : undefined),
  ],
  [/^08/, () => `cannot be used: the connection was lost; ${whenItIsThere}`],
  [
    /^(?=.*\d)[0-9A-Z]{5}$/,
    ({ code }) => `gave the query up, with the code ${code}: run it there by hand, which tells why`,
  ],
];

const whenItIsThere = 'see that it can be reached, and try again';
const lost = /connection terminated|connection error|timeout expired/i;

/**
 * @param error - what was thrown while recipients were read from a database
 * @param database - how the sentence names it
 * @param url - where it is; nothing of it is told
 * @returns what is wrong, and what to do
 */
export function audienceFault(error: unknown, database: string, url: string): string {
  const { code, message, line } = Object(error) as Record<string, unknown>;
  const known: AudienceError = {
    code: typeof code === 'string' ? code : '',
    message: withoutUrl(String(message), url),
    ...(typeof line === 'number' && { line }),
  };
  for (const [codes, sentenceOf] of sentences) {
    const sentence = codes.test(known.code) ? sentenceOf(known) : undefined;
    if (sentence !== undefined) return `${database} ${sentence}`;
  }
  if (lost.test(known.message)) return `${database} cannot be used: the connection was lost; ${whenItIsThere}`;
  const said = [known.message, known.code].filter((part) => part !== '').join(', ');
  return `${database} cannot be used (${said}): see that its URL is right and that it can be reached, and try again`;
}

/** Names of hosts, users and databases are nobody's business who reads a fault, and passwords least of all. */
function withoutUrl(message: string, url: string): string {
  const { username, password, host, hostname, pathname, searchParams } = new URL(url);
  const written = [url, username, password, host, hostname, pathname.slice(1), ...searchParams.values()];
  const values = new Set(written.flatMap((value) => [value, decoded(value)]).filter((value) => value !== ''));
  // The longest first: one may be a part of another.
  const patterns = [...values].toSorted((a, b) => b.length - a.length).map(literal);
  // Whole words: a user or a database of one letter would else be found in each of them.
  return message.replace(new RegExp(`(?<![\\w-])(?:${patterns.join('|')})(?![\\w-])`, 'gi'), '…');
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
