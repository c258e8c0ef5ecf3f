import { domainOf } from '../address.js';
import { isTemplate } from '../definition-text.js';
import type { Rule } from './rule.js';
import type { ParametersView } from './views.js';

type SenderView = Pick<ParametersView, 'settings' | 'relays' | 'dkim' | 'isAddress' | 'isSender'>;

/** What is personalised before its @ is judged by its domain. */
const sampleAddress = (address: string): string => (isTemplate(address) ? `sample@${domainOf(address)}` : address);

/** Addresses, and how messages leave. */
export const senderRules: readonly Rule<SenderView>[] = [
  {
    id: 'sender-domain',
    level: 'error',
    fixed: true,
    explanation:
      'Mail from an address that nobody can answer to is refused by many systems, and bounces, answers and unsubscriptions are lost.',
    check: ({ settings: { sender, unsubscribe }, isSender }) =>
      [
        { place: 'sender.address', address: sender.address },
        { place: 'sender.replyTo.address', address: sender.replyTo?.address },
        { place: 'sender.errorAddress', address: sender.errorAddress },
        { place: 'unsubscribe.mailto', address: unsubscribe.mailto },
      ]
        .filter(({ address }) => address !== undefined && !isSender(sampleAddress(address)))
        .map(({ place }) => ({
          place,
          sentence:
            'Nobody can answer to this address: use one in ASCII with a full domain, such as news@shop.example.',
        })),
  },
  {
    id: 'bcc-address',
    level: 'error',
    fixed: true,
    explanation:
      'The archive owes a copy of each message, and one that cannot be sent keeps a delivery from being whole.',
    // Copies of messages in ASCII must not need a relay that knows SMTPUTF8.
    check: ({ settings: { bcc }, isSender }) =>
      bcc === undefined || isSender(bcc)
        ? []
        : [
            {
              place: 'bcc',
              sentence:
                'No copy can be sent to this address: use one in ASCII with a full domain, such as archive@shop.example.',
            },
          ],
  },
  {
    id: 'hosted-local',
    level: 'warning',
    explanation: 'Pages under http:// are those of the machine on which sealpost runs: recipients cannot open them.',
    check: ({ settings: { unsubscribe, mirror } }) =>
      [
        { place: 'unsubscribe.hosted', hosted: unsubscribe.hosted },
        { place: 'mirror.hosted', hosted: mirror.hosted },
      ]
        .filter(({ hosted }) => hosted?.startsWith('http:'))
        .map(({ place }) => ({
          place,
          sentence: 'Only this machine can open the pages that messages link to: name an https:// address for all.',
        })),
  },
  {
    id: 'relay-unknown',
    level: 'error',
    fixed: true,
    explanation: 'Without its relay no message of the delivery can leave.',
    check: ({ settings: { relay }, relays }) =>
      relays === undefined || relays.includes(relay)
        ? []
        : [
            {
              place: 'relay',
              sentence: `No worker knows a relay "${relay}": configure it, or use one of ${relays.join(', ') || '(none)'}.`,
            },
          ],
  },
  {
    id: 'dkim-left-to-relay',
    level: 'info',
    explanation:
      'Gmail, Yahoo and Microsoft demand a DKIM signature of bulk mail; where no worker signs, the relay has to.',
    check: ({ dkim }) =>
      dkim?.domains.length === 0
        ? [{ place: 'sender.address', sentence: 'Messages leave without a DKIM signature: let the relay sign them.' }]
        : [],
  },
  {
    id: 'dkim-missing',
    level: 'warning',
    explanation:
      'DMARC asks that the domain of the signature is that of the From address or stands above it; a signature of another domain counts for nothing there.',
    check: ({ settings: { sender }, dkim }) =>
      dkim === undefined || dkim.domains.length === 0 || dkim.isSigned(sender.address)
        ? []
        : [
            {
              place: 'sender.address',
              sentence: `No DKIM key signs for this domain: configure one, or send from one of ${dkim.domains.join(', ')}.`,
            },
          ],
  },
];
