import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/**
 * What a name server says of one name: its records; or that there is no such name (`NXDOMAIN`), that it cannot tell
 * (`SERVFAIL`), or nothing at all.
 */
export type ScriptedName =
  | { mx?: readonly (readonly [priority: number, exchange: string])[]; a?: readonly string[]; ttl?: number }
  | 'NXDOMAIN'
  | 'SERVFAIL'
  | 'silent';

export interface ScriptedDns {
  /** As `SEALPOST_DNS` has it. */
  server: string;
  /** Questions so far, such as `MX shop.example`. */
  asked: string[];
  close(): Promise<void>;
}

const types: Readonly<Record<number, string>> = { 1: 'A', 2: 'NS', 15: 'MX', 28: 'AAAA' };
const codes = { SERVFAIL: 2, NXDOMAIN: 3 } as const;

/**
 * Starts a name server (RFC 1035) on an ephemeral UDP port of 127.0.0.1.
 *
 * @param names - asked at each question, so they may change; a name that is not there is `NXDOMAIN`
 */
export async function startScriptedDns(names: ReadonlyMap<string, ScriptedName>): Promise<ScriptedDns> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (question, { port, address }) => {
    const { name, type, end } = readQuestion(question);
    asked.push(`${types[type] ?? type} ${name}`);
    const said = names.get(name) ?? (name === '' ? {} : 'NXDOMAIN');
    if (said === 'silent') return;
    const answers = typeof said === 'string' ? [] : answersOf(type, said);
    const head = Buffer.from(question.subarray(0, 12));
    // It is an answer, recursion is available.
    head.writeUInt16BE(0x8180 | (typeof said === 'string' ? codes[said] : 0), 2);
    head.writeUInt16BE(answers.length, 6);
    head.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([head, question.subarray(12, end), ...answers]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    server: `127.0.0.1:${socket.address().port}`,
    asked,
    async close() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

function readQuestion(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

function answersOf(type: number, { mx = [], a = [], ttl = 60 }: Exclude<ScriptedName, string>): Buffer[] {
  const record = (data: Buffer): Buffer => {
    const head = Buffer.alloc(12);
    // The name of the question.
    head.writeUInt16BE(0xc00c, 0);
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt32BE(ttl, 6);
    head.writeUInt16BE(data.length, 10);
    return Buffer.concat([head, data]);
  };
  if (types[type] === 'A') return a.map((address) => record(Buffer.from(address.split('.').map(Number))));
  if (types[type] !== 'MX') return [];
  return mx.map(([priority, exchange]) =>
    record(Buffer.concat([Buffer.from([priority >> 8, priority]), named(exchange)])),
  );
}

function named(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.of(0)]);
}
