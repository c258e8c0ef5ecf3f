import type { MxRuleInput } from './mx-rules.js';

/** A rule, and where its numbers come from. */
interface ShippedRule extends MxRuleInput {
  /** What the provider has published; where it has published nothing, that the number is ours. */
  source: string;
}

/**
 * Rules for large mailbox providers. Providers publish little, and count by sending IP address and reputation: where
 * nothing is published, numbers are low ones, which an address with a good name can raise.
 */
export const shippedRules: readonly ShippedRule[] = [
  {
    name: 'yahoo',
    mx: ['*.yahoodns.net'],
    connections: 10,
    messagesPerConnection: 20,
    source:
      'Yahoo help, SLN3433 "Guidelines for establishing SMTP connections": 20 messages a connection, concurrent connections allowed without a number. AOL is served by the same hosts. The number of connections is ours.',
  },
  {
    name: 'comcast',
    domains: ['comcast.net'],
    mx: ['*.comcast.net'],
    connections: 25,
    source:
      'Comcast postmaster pages, "What do I need to know to avoid blocks": 25 simultaneous connections for each sending address.',
  },
  {
    name: 'outlook-com',
    mx: ['*.olc.protection.outlook.com'],
    connections: 20,
    source:
      'Outlook.com postmaster policies: at most 500 simultaneous connections without a prior arrangement. It defers new addresses that open far fewer (451 4.7.652), so the number is ours.',
  },
  {
    name: 'gmail',
    mx: [
      'gmail-smtp-in.l.google.com',
      '*.gmail-smtp-in.l.google.com',
      'aspmx.l.google.com',
      '*.aspmx.l.google.com',
      'smtp.google.com',
    ],
    connections: 20,
    messagesPerConnection: 100,
    source:
      'Gmail’s guidelines for senders publish no number: they ask to send at a steady rate and to slow down on deferrals. All numbers are ours.',
  },
  {
    name: 'orange-fr',
    domains: ['orange.fr', 'wanadoo.fr'],
    mx: ['smtp-in.orange.fr'],
    connections: 2,
    messagesPerConnection: 100,
    source:
      'Orange refuses too many connections (421 OFR004_104) and publishes no number of them that we know of. All numbers are ours.',
  },
  {
    name: 'icloud',
    mx: ['*.mail.icloud.com'],
    connections: 5,
    source: 'We know of no number that Apple has published. The number is ours.',
  },
  {
    name: 'gmx-web-de',
    mx: ['*.gmx.net', '*.web.de', '*.kundenserver.de'],
    connections: 5,
    source: 'We know of no number that the provider has published. The number is ours.',
  },
  {
    name: 't-online',
    domains: ['t-online.de', 'magenta.de'],
    mx: ['*.t-online.de'],
    connections: 3,
    source: 'We know of no number that the provider has published. The number is ours.',
  },
];
