import { createTransport, type SendMailOptions } from 'nodemailer';
import { readDefinition } from '../../src/client/definition-source.js';
import { compilePersonalisation } from '../../src/content/personalise.js';
import { answerParent } from './child-program.js';
import { addressOf } from './newsletter.js';
import type { SigningKey } from './signing-key.js';

/** `prepare` renders the messages, `send` sends what was prepared; only the second is measured. */
export type NodemailerRequest = { kind: 'prepare'; folder: string } | ({ kind: 'send' } & Sending);

interface Sending {
  host: string;
  port: number;
  connections: number;
  messages: number;
  /** RSA: nodemailer signs with nothing else. */
  key: SigningKey | undefined;
}

export interface NodemailerReply {
  seconds: number;
  sent: number;
}

/** More recipients than these get the same texts again: memory must not grow with them. */
const mostTexts = 2_000;

let prepared: SendMailOptions[] = [];

/** The texts that Sealpost would send, made before the clock runs: rendering is not nodemailer's work. */
async function prepare(folder: string): Promise<void> {
  const { id, settings, content, recipients } = await readDefinition(folder, {});
  const personaliser = compilePersonalisation(settings, content);
  const delivery = { id, name: settings.name };
  const from = { name: settings.sender.name ?? '', address: settings.sender.address };
  prepared = [];
  for await (const profile of recipients.open()) {
    if (prepared.length === mostTexts) return;
    const { subject, html, text } = personaliser.render({ profile, delivery });
    prepared.push({ from, subject, text, html });
  }
}

/** As nodemailer's documentation has it for bulk mail: whenever the pool has room, the next messages go in. */
async function send({ host, port, connections, messages, key }: Sending): Promise<NodemailerReply> {
  const transport = createTransport({
    pool: true,
    host,
    port,
    maxConnections: connections,
    maxMessages: Infinity,
    ignoreTLS: true,
    ...(key && { dkim: { domainName: key.domain, keySelector: key.selector, privateKey: key.pem } }),
  });
  const begun = performance.now();
  let next = 0;
  let sent = 0;
  await new Promise<void>((resolve, reject) => {
    const answered = (): void => {
      sent += 1;
      if (sent === messages) resolve();
    };
    const fill = (): void => {
      for (; next < messages && transport.isIdle(); next += 1) {
        transport.sendMail({ ...prepared[next % prepared.length], to: addressOf(next + 1) }).then(answered, reject);
      }
    };
    transport.on('idle', fill);
    transport.on('error', reject);
    fill();
  });
  const seconds = (performance.now() - begun) / 1_000;
  transport.close();
  return { seconds, sent };
}

answerParent(async (request: NodemailerRequest): Promise<NodemailerReply> => {
  if (request.kind === 'send') return await send(request);
  await prepare(request.folder);
  return { seconds: 0, sent: 0 };
});
