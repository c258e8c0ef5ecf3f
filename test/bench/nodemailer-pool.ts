import { createTransport, type SendMailOptions } from 'nodemailer';
import { readDefinition } from '../../src/client/definition-source.js';
import { compilePersonalisation } from '../../src/content/personalise.js';
import { answerParent } from './child-program.js';

/** `prepare` renders the messages, `send` sends what was prepared; only the second is measured. */
export type NodemailerRequest =
  | { kind: 'prepare'; folder: string; messages: number }
  | { kind: 'send'; host: string; port: number; connections: number };

export interface NodemailerReply {
  seconds: number;
  sent: number;
}

let prepared: SendMailOptions[] = [];

/** The texts that Sealpost would send, made before the clock runs: rendering is not nodemailer's work. */
async function prepare(folder: string, messages: number): Promise<void> {
  const { id, settings, content, recipients } = await readDefinition(folder, {});
  const personaliser = compilePersonalisation(settings, content);
  const delivery = { id, name: settings.name };
  const from = { name: settings.sender.name ?? '', address: settings.sender.address };
  prepared = [];
  for await (const profile of recipients.open()) {
    if (prepared.length === messages) return;
    const { subject, html, text } = personaliser.render({ profile, delivery });
    prepared.push({ from, to: profile.address, subject, text, html });
  }
}

/** As nodemailer's documentation has it for bulk mail: whenever the pool has room, the next messages go in. */
async function send(target: { host: string; port: number; connections: number }): Promise<NodemailerReply> {
  const transport = createTransport({
    pool: true,
    host: target.host,
    port: target.port,
    maxConnections: target.connections,
    maxMessages: Infinity,
    ignoreTLS: true,
  });
  const begun = performance.now();
  let next = 0;
  const sending: Promise<unknown>[] = [];
  await new Promise<void>((resolve, reject) => {
    const fill = (): void => {
      while (next < prepared.length && transport.isIdle()) {
        sending.push(transport.sendMail(prepared[next] ?? {}));
        next += 1;
      }
      if (next === prepared.length) Promise.all(sending).then(() => resolve(), reject);
    };
    transport.on('idle', fill);
    transport.on('error', reject);
    fill();
  });
  const seconds = (performance.now() - begun) / 1_000;
  transport.close();
  return { seconds, sent: sending.length };
}

answerParent(async (request: NodemailerRequest): Promise<NodemailerReply> => {
  if (request.kind === 'send') return await send(request);
  await prepare(request.folder, request.messages);
  return { seconds: 0, sent: 0 };
});
