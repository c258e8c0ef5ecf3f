import { lookup, type LookupAddress } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { types } from 'node:util';
import type { ContentLink } from '../delivery/control-rules/views.js';
import { cut, type QuotedFinding } from '../delivery/control-rules/rule.js';
import { isPublicAddress } from './public-address.js';

/** The network as links see it. */
export interface LinkNetwork {
  resolve: (hostname: string, done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void;
  /** Content of others must not make us ask servers of our own network. */
  mayAsk: (address: string) => boolean;
}

const internet: LinkNetwork = {
  resolve: (hostname, done) => lookup(hostname, { all: true }, done),
  mayAsk: isPublicAddress,
};

/** Times in ms. */
export interface LinkLimits {
  links: number;
  atOnce: number;
  redirects: number;
  /** For each link, its redirections included. */
  link: number;
  /** For all together. */
  all: number;
}

const defaultLimits: LinkLimits = { links: 100, atOnce: 5, redirects: 5, link: 10_000, all: 60_000 };

/** A link that cannot be followed; the message goes on after "The link …". */
class LinkFault extends Error {
  override readonly name = 'LinkFault';
}

/**
 * Asks the servers of the links that are the same for everybody: HEAD, and GET where that is refused. No more than the head
 * of an answer is read.
 *
 * @returns a finding of the rule `link-answer` for each that leads nowhere; each URL is asked for once
 */
export async function linkFindings(
  links: readonly ContentLink[],
  network: LinkNetwork = internet,
  limits: LinkLimits = defaultLimits,
): Promise<QuotedFinding[]> {
  // What holds Liquid may be a recipient's own, such as the way to unsubscribe.
  const fixed = links.filter(({ url, judged }) => url === judged && /^https?:\/\//i.test(url) && URL.canParse(url));
  const distinct = [...new Map(fixed.map((link) => [link.url, link])).values()];
  const waiting = distinct.slice(0, limits.links);
  const found = new Map<string, string>();
  const overall = AbortSignal.timeout(limits.all);
  // Nobody can tell of a link for which no time is left whether its server answers.
  const next = (): ContentLink | undefined => (overall.aborted ? undefined : waiting.shift());
  const work = async (): Promise<void> => {
    for (let link = next(); link; link = next()) {
      const fault = await faultOf(new URL(link.url), network, limits, overall);
      if (fault !== undefined) found.set(link.url, fault);
    }
  };
  await Promise.all(Array.from({ length: limits.atOnce }, work));
  const asked = Math.min(distinct.length, limits.links) - waiting.length;
  return [
    ...distinct.flatMap(({ part, url }): QuotedFinding[] => {
      const fault = found.get(url);
      const sentence = `The link "${cut(url)}" ${fault}.`;
      return fault === undefined ? [] : [{ rule: 'link-answer', level: 'warning', place: part, sentence, quote: url }];
    }),
    ...(asked < distinct.length ? [notAsked(asked, distinct.length, waiting.length > 0)] : []),
  ];
}

function notAsked(asked: number, all: number, isLate: boolean): QuotedFinding {
  const why = isLate ? 'before the time for all of them was over' : 'and no more are';
  return {
    rule: 'link-answer',
    level: 'info',
    place: 'html',
    sentence: `Of ${all} links the first ${asked} were asked, ${why}; ${all - asked} were not: open those yourself.`,
  };
}

/** @returns why a link leads nowhere, and what to do; undefined where a server answers */
async function faultOf(
  url: URL,
  network: LinkNetwork,
  limits: LinkLimits,
  overall: AbortSignal,
): Promise<string | undefined> {
  const own = AbortSignal.timeout(limits.link);
  const signal = AbortSignal.any([overall, own]);
  try {
    let { status, at } = await follow(url, 'HEAD', network, limits, signal);
    // Many servers know no HEAD.
    if (status >= 400) ({ status, at } = await follow(at, 'GET', network, limits, signal));
    return status >= 400 ? `is answered with ${status}: open it in a browser, and correct or remove it` : undefined;
  } catch (error) {
    if (error instanceof LinkFault) return error.message;
    if (own.aborted) return 'is not answered in time: open it in a browser, and see that its server is up';
    if (overall.aborted)
      return 'was still being asked when the time for all of them was over: open it in a browser, or check again';
    // Not `instanceof`: Node's own errors may be of another realm, as they are under jest.
    const code = types.isNativeError(error) && 'code' in error ? String(error.code) : 'an unknown error';
    return code === 'ENOTFOUND'
      ? 'leads to a host that is not there: correct it'
      : `cannot be opened (${code}): open it in a browser, and correct or remove it`;
  }
}

async function follow(
  from: URL,
  method: 'HEAD' | 'GET',
  network: LinkNetwork,
  { redirects }: LinkLimits,
  signal: AbortSignal,
): Promise<{ status: number; at: URL }> {
  let at = from;
  for (let followed = 0; followed <= redirects; followed += 1) {
    const { status, location } = await ask(at, method, network, signal);
    if (status < 300 || status > 399 || status === 304 || location === undefined) return { status, at };
    if (!URL.canParse(location, at.href))
      throw new LinkFault('is redirected to something that is no address: correct it');
    at = new URL(location, at);
    if (!/^https?:$/.test(at.protocol))
      throw new LinkFault(`is redirected to ${at.protocol}, which is no page: correct it`);
  }
  throw new LinkFault(`is redirected more than ${redirects} times: link to where it leads`);
}

async function ask(
  url: URL,
  method: 'HEAD' | 'GET',
  network: LinkNetwork,
  signal: AbortSignal,
): Promise<{ status: number; location: string | undefined }> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // Addresses are connected to without being looked up.
  if (isIP(host) && !network.mayAsk(host)) throw closedNetwork();
  const { request } = url.protocol === 'https:' ? https : http;
  return await new Promise((resolve, reject) => {
    const headers = { 'user-agent': 'sealpost-check', accept: '*/*' };
    request(url, { method, signal, headers, agent: false, lookup: lookupIn(network) })
      .on('response', (response) => {
        const { statusCode = 0 } = response;
        resolve({ status: statusCode, location: response.headers.location });
        response.destroy();
      })
      .on('error', reject)
      .end();
  });
}

/** What the socket itself connects to is judged: a name that resolves to something else the next time gains nothing. */
function lookupIn({ resolve, mayAsk }: LinkNetwork): LookupFunction {
  return (hostname, { all }, callback) => {
    resolve(hostname, (error, addresses) => {
      if (error) return callback(error, '');
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => mayAsk(address))) callback(closedNetwork(), '');
      else if (all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

const closedNetwork = (): LinkFault =>
  new LinkFault('leads to an address that is not on the public internet, and was not asked: recipients cannot open it');
