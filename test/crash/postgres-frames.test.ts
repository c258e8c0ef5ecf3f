import fc from 'fast-check';
import { PostgresFrames, type Frame } from './postgres-frames.js';

function frame(type: string, body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type, 'latin1'), length, body]);
}

const wishForTls = frame('', Buffer.from([4, 210, 22, 47]));
const startUp = frame('', Buffer.from([0, 3, 0, 0, ...Buffer.from('user\0someone\0\0')]));
const typed = fc.tuple(fc.constantFrom('P', 'B', 'E', 'S', 'Q'), fc.uint8Array({ maxLength: 50 }));

/** Cuts a session into chunks and reads it. */
function read(from: 'client' | 'server', session: Buffer, cuts: readonly number[]): Frame[] {
  const frames = new PostgresFrames(from);
  const at = [0, ...cuts.map((cut) => cut % (session.length + 1)).sort((a, b) => a - b), session.length];
  return at.slice(1).flatMap((end, index) => [...frames.push(session.subarray(at[index], end))]);
}

test('frames come whole and in order, however a session is cut, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.array(typed), fc.array(fc.nat()), fc.boolean(), (messages, cuts, tls) => {
      const opening = tls ? [wishForTls, startUp] : [startUp];
      const session = Buffer.concat([...opening, ...messages.map(([type, body]) => frame(type, body))]);
      const frames = read('client', session, cuts);
      expect(Buffer.concat(frames.map(({ bytes }) => bytes))).toEqual(session);
      expect(frames.map(({ type }) => type)).toEqual([...opening.map(() => ''), ...messages.map(([type]) => type)]);
      expect(frames.slice(opening.length).map(({ body }) => [...body])).toEqual(messages.map(([, body]) => [...body]));
    }),
  );
});

test('a server begins with a message that has a type', () => {
  const [first] = read('server', frame('R', Buffer.alloc(4)), []);
  expect(first?.type).toBe('R');
});
