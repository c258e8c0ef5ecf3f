import { domainOf } from '../delivery/address.js';
import type { DeliverySettings } from '../delivery/definition.js';
import type { Finding } from '../delivery/finding.js';
import type { Answer, Resolver } from './resolver.js';

/** A DKIM key that signs the delivery's mail, as DNS should have it. */
export interface ExpectedKey {
  /** `d=` */
  domain: string;
  /** The name of its record, e.g. `s1._domainkey.shop.example`. */
  name: string;
  /** The text of its record. */
  record: string;
}

type Sender = DeliverySettings['sender'];

/**
 * Looks up what receivers will look up: SPF, the DKIM keys, DMARC, and whether answers and bounces can arrive.
 *
 * @param keys - those that sign for the sender's domain; none where the relay signs
 * @returns findings; what cannot be looked up is one of them, so nothing is thrown
 */
export async function preflight(sender: Sender, keys: readonly ExpectedKey[], dns: Resolver): Promise<Finding[]> {
  const returnPath = placed(sender.errorAddress, 'sender.errorAddress') ?? placed(sender.address, 'sender.address');
  const answers = placed(sender.replyTo?.address, 'sender.replyTo.address') ?? placed(sender.address, 'sender.address');
  const takers = new Map([returnPath, answers].flatMap((one) => (one ? [[one.domain, one.place] as const] : [])));
  const found = await Promise.all([
    ...(returnPath ? [spf(returnPath, dns)] : []),
    ...keys.map((key) => dkim(key, dns)),
    dmarc(domainOf(sender.address), returnPath?.domain ?? '', keys, dns),
    ...[...takers].map(([domain, place]) => mailHost({ domain, place }, dns)),
  ]);
  return found.flat();
}

interface Place {
  domain: string;
  place: string;
}

function placed(address: string | undefined, place: string): Place | undefined {
  return address === undefined ? undefined : { domain: domainOf(address), place };
}

const finding = (rule: string, level: Finding['level'], place: string, sentence: string): Finding[] => [
  { rule, level, place, sentence },
];

const notAnswered = (what: string, { failed }: { failed: string }, place: string): Finding[] =>
  finding(
    'dns-lookup',
    'warning',
    place,
    `${what} could not be looked up (${failed}): try again, or ask who runs DNS.`,
  );

/** Receivers ask the return path's domain (RFC 7208 §2.4), and two records are an error to them (§4.5). */
async function spf({ domain, place }: Place, dns: Resolver): Promise<Finding[]> {
  const answer = await dns.txt(domain);
  if ('failed' in answer) return notAnswered(`The SPF record of ${domain}`, answer, place);
  const records = answer.found.filter((text) => /^v=spf1(?: |$)/i.test(text));
  if (records.length === 1) return [];
  return records.length === 0
    ? finding('spf-missing', 'warning', place, `${domain} has no SPF record: add one that names the relay.`)
    : finding('spf-twice', 'error', place, `${domain} has ${records.length} SPF records, so none counts: keep one.`);
}

async function dkim({ name, record }: ExpectedKey, dns: Resolver): Promise<Finding[]> {
  const place = 'sender.address';
  const answer = await dns.txt(name);
  if ('failed' in answer) return notAnswered(`The DKIM key ${name}`, answer, place);
  const [text, ...others] = answer.found;
  const advice = 'set what "sealpost dkim" shows';
  if (text === undefined) return finding('dkim-record-missing', 'error', place, `${name} has no record: ${advice}.`);
  // RFC 6376 §3.6.2.2: what verifiers do with several is undefined.
  if (others.length > 0) return finding('dkim-record-twice', 'error', place, `${name} has several records: keep one.`);
  const key = tagsOf(text).get('p');
  if (key === '') return finding('dkim-record-other', 'error', place, `${name} says the key is revoked: ${advice}.`);
  return key === tagsOf(record).get('p')
    ? []
    : finding('dkim-record-other', 'error', place, `${name} holds another key than the one that signs: ${advice}.`);
}

interface Policy {
  /** Where the record stands. */
  domain: string;
  tags: Map<string, string>;
}

/** RFC 7489 §6.6.3: several records count as none. */
async function dmarc(
  from: string,
  returnPath: string,
  keys: readonly ExpectedKey[],
  dns: Resolver,
): Promise<Finding[]> {
  const place = 'sender.address';
  const policies: Policy[] = [];
  for (const domain of [from, ...parents(from)]) {
    const answer = await dns.txt(`_dmarc.${domain}`);
    if ('failed' in answer) return notAnswered(`The DMARC record of ${domain}`, answer, place);
    const records = answer.found.filter((text) => /^v=DMARC1\s*(?:;|$)/.test(text));
    if (records.length > 1)
      return finding('dmarc-twice', 'error', place, `_dmarc.${domain} has several DMARC records: keep one.`);
    if (records[0] !== undefined) policies.push({ domain, tags: tagsOf(records[0]) });
  }
  const [policy] = policies;
  if (!policy) {
    return finding(
      'dmarc-missing',
      'warning',
      place,
      `${from} has no DMARC record: add one, such as "v=DMARC1; p=none".`,
    );
  }
  // The organisational domain, without a list of public suffixes: the highest that has a policy.
  const organisation = policies.at(-1)?.domain ?? from;
  const aligned = (domain: string, mode: string | undefined) =>
    domain === from || (mode !== 's' && (isWithin(from, domain) || isWithin(domain, organisation)));
  if (aligned(returnPath, policy.tags.get('aspf'))) return [];
  const signed = keys.some(({ domain }) => aligned(domain, policy.tags.get('adkim')));
  return signed
    ? finding(
        'dmarc-spf-unaligned',
        'info',
        place,
        `The return path ${returnPath} does not align with ${from}: DMARC rests on DKIM alone.`,
      )
    : finding(
        'dmarc-unaligned',
        'warning',
        place,
        `Neither the return path ${returnPath} nor a DKIM key that is configured aligns with ${from}: DMARC fails, unless the relay signs for ${from}.`,
      );
}

const isWithin = (domain: string, above: string) => domain === above || domain.endsWith(`.${above}`);

/** Domains above one, nearest first, without top-level ones. */
function parents(domain: string): string[] {
  const labels = domain.split('.');
  // RFC 1035 §2.3.4 lets a hostile name have 127 labels; no policy stands so deep.
  return labels
    .slice(1, -1)
    .map((_, i) => labels.slice(i + 1).join('.'))
    .slice(-6);
}

/** RFC 5321 §5.1: without MX the host of that name itself. */
async function mailHost({ domain, place }: Place, dns: Resolver): Promise<Finding[]> {
  const what = `The mail host of ${domain}`;
  const mx = await dns.mx(domain);
  if ('failed' in mx) return notAnswered(what, mx, place);
  if (mx.found.some(({ exchange }) => exchange === ''))
    return finding(
      'mail-refused',
      'error',
      place,
      `${domain} says that it takes no mail (null MX): use another domain.`,
    );
  if (mx.found.length > 0) return [];
  const host: Answer<string> = await dns.address(domain);
  if ('failed' in host) return notAnswered(what, host, place);
  return host.found.length > 0
    ? []
    : finding('mail-host-missing', 'error', place, `${domain} has neither MX nor address: nothing sent to it arrives.`);
}

/** RFC 6376 §3.2, which DMARC shares. White space within a value has no meaning. */
function tagsOf(record: string): Map<string, string> {
  const tags = record.split(';').map((tag) => {
    const at = tag.indexOf('=');
    return [tag.slice(0, Math.max(at, 0)).trim(), tag.slice(at + 1).replace(/\s/g, '')] as const;
  });
  return new Map(tags);
}
