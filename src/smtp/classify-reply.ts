import { reasons, type Reason } from '../delivery/message-status.js';

/** Where in the SMTP dialogue a reply came: `body` is the one to the final dot. */
export type Stage = 'connect' | 'mail' | 'rcpt' | 'data' | 'body';

/** What a refusing reply means for one message. */
export interface Verdict {
  /** `deferred`: worth another attempt later; `rejected`: final. */
  outcome: 'deferred' | 'rejected';
  reason: Reason;
}

/**
 * Enhanced status codes (RFC 3463 and its registry), without the class: the first one that matches decides. Those that
 * say nothing exact (x.0.0, x.1.0, x.5.x …) are not here: the text may know better.
 */
const enhancedCodes: readonly [RegExp, Reason][] = [
  // x.1.1 no such mailbox, x.1.3 bad syntax, x.1.6 mailbox has moved.
  [/^1\.[136]$/, 'user-unknown'],
  // x.1.2 no such domain, x.4.4 unable to route, x.1.10 the domain takes no mail (RFC 7505).
  [/^(?:1\.2|1\.10|4\.4)$/, 'invalid-domain'],
  [/^2\.1$/, 'account-disabled'],
  [/^2\.2$/, 'mailbox-full'],
  // x.2.3 and x.3.4: this message is too big, whatever room there is.
  [/^(?:2\.3|3\.4)$/, 'refused'],
  // Security and policy, authentication of the sender's domain (RFC 7372) included.
  [/^7\.\d+$/, 'refused'],
  // x.3.1 system full, x.3.2 not accepting, x.4.x the network (x.4.1 is in the texts: some say it of unknown users).
  [/^(?:3\.[12]|4\.[02-9])$/, 'unreachable'],
];

const greylistWords = /gr[ae]y[- ]?list/i;

/** What servers write under codes that say nothing exact; the first that matches decides. */
const texts: readonly [RegExp, Reason][] = [
  [/message (?:size|too (?:large|big))|size limit|too (?:large|big)/i, 'refused'],
  [/quota|mailbox (?:is )?full|full mailbox|storage allocation|out of storage/i, 'mailbox-full'],
  [
    /(?:account|mailbox|user|recipient) (?:\S+ )?(?:is |has been )?(?:currently )?(?:disabled|inactive|suspended|deactivated|locked|closed)/i,
    'account-disabled',
  ],
  [/(?:disabled|inactive|suspended|deactivated) (?:account|mailbox|user|recipient)/i, 'account-disabled'],
  [
    /spam|blocked|black ?list|block ?list|denylist|policy|reputation|dmarc|dkim|\bspf\b|virus|rate limit|too many|relay(?:ing)? (?:access )?denied|not permitted/i,
    'refused',
  ],
  [greylistWords, 'refused'],
  [
    /(?:domain|host)(?: name)? (?:\S+ )?(?:not found|unknown|invalid|does ?n[o']t exist)|(?:unknown|invalid|bad) domain|no such domain|null ?mx/i,
    'invalid-domain',
  ],
  [
    /(?:user|mailbox|recipient|address|account)(?: address)? (?:\S+ )?(?:is )?(?:unknown|not found|unavailable|invalid|not exist)/i,
    'user-unknown',
  ],
  [
    /(?:unknown|no such|invalid|bad) (?:\S+ )?(?:user|mailbox|recipient|address|account|person)|does ?n[o']t (?:exist|have (?:an?|this)\b)/i,
    'user-unknown',
  ],
  // Exchange Online says 5.4.1 of a recipient that its directory does not know.
  [/^550[ -]5\.4\.1 .*access denied/i, 'user-unknown'],
  [/^\d{3}[ -][45]\.4\.1\b/, 'unreachable'],
];

/** Basic codes (RFC 5321 §4.2.3) that say something by themselves, where neither of the above did. */
const basicCodes: Readonly<Record<string, Reason>> = {
  '421': 'unreachable',
  // Of the system, RFC 5321 §4.2.3, not of the mailbox.
  '452': 'unreachable',
  '552': 'mailbox-full',
  '551': 'user-unknown',
  '553': 'user-unknown',
};

/** What a reply says without its addresses, which may have any words in them; a hostile one may have any length. */
export function saidIn(reply: string): string {
  return reply.slice(0, 2_000).replace(/[^\s<>@]{1,64}@[^\s<>@]+/g, '');
}

/** Whether a reply says that everybody is put off at the first contact (RFC 6647): nothing against us, nor against the recipient. */
export function greylists(reply: string): boolean {
  return reply.startsWith('4') && greylistWords.test(saidIn(reply));
}

/**
 * @param reply - a refusal (4xx or 5xx) as the relay gave it, of one or more lines
 * @param stage - what was being said; only a reply to RCPT or to the message can blame the recipient
 */
export function classifyReply(reply: string, stage: Stage): Verdict {
  const said = saidIn(reply);
  const [, basic = '', enhanced] = /^([45]\d\d)(?:[ -](?:[45]\.(\d{1,3}\.\d{1,3})\b)?|$)/.exec(said) ?? [];
  const reason = settle(findReason(said, basic, enhanced), stage);
  // Later may be better, RFC 5321 §4.2.1; without any code the other side has not spoken.
  if (!basic.startsWith('5')) return { outcome: 'deferred', reason: transient(reason) };
  return { outcome: isLasting(said, reason) ? 'rejected' : 'deferred', reason };
}

function findReason(reply: string, basic: string, enhanced: string | undefined): Reason | undefined {
  const byCode = enhanced === undefined ? undefined : enhancedCodes.find(([code]) => code.test(enhanced));
  if (byCode) return byCode[1];
  const byText = texts.find(([text]) => text.test(reply));
  return byText?.[1] ?? basicCodes[basic] ?? (basic === '' ? 'unreachable' : undefined);
}

/** Before RCPT nothing has been said of the recipient, so nothing can be wrong with it. */
function settle(reason: Reason | undefined, stage: Stage): Reason {
  if (reason === undefined) return 'refused';
  const ofRecipient = stage === 'rcpt' || stage === 'data' || stage === 'body';
  return ofRecipient || reason === 'unreachable' ? reason : 'refused';
}

/** A transient reply is no proof against an address: nothing that would put it in quarantine at once. */
function transient(reason: Reason): Reason {
  return reasons[reason].type === 'hard' ? 'unreachable' : reason;
}

/** A full mailbox can be emptied, a host can come back, a domain can be repaired: not final though the reply is 5xx. */
function isLasting(reply: string, reason: Reason): boolean {
  if (reason === 'invalid-domain') return /\b5\.1\.10\b/.test(reply);
  return reason !== 'mailbox-full' && reason !== 'unreachable';
}
