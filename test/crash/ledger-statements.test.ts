import fc from 'fast-check';
import { readBind } from './ledger-statements.js';

/** A Bind message as `pg` writes it: unnamed portal, parameters as text. */
function bind(name: string, parameters: readonly (string | null)[]): Buffer {
  const int16 = (value: number) => Buffer.from([value >> 8, value & 255]);
  const int32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };
  const values = parameters.flatMap((one) =>
    one === null ? [int32(-1)] : [int32(Buffer.byteLength(one)), Buffer.from(one)],
  );
  const formats = [int16(parameters.length), ...parameters.map(() => int16(0))];
  return Buffer.concat([Buffer.from(`\0${name}\0`), ...formats, int16(parameters.length), ...values, int16(0)]);
}

const before = ['1', '0', '3', '2', '1', '30', '2026-11-01T00:00:00.000Z'];

test.each([
  ['claims only', [...before, '4', '[]'], { claims: 4, settles: [] }],
  [
    'settles only',
    [...before, '0', '[{"seq":15,"status":"sent","reply":"250 schön"},{"seq":16}]'],
    { claims: 0, settles: [15, 16] },
  ],
  ['does both, with a null beside', [...before.slice(0, 6), null, '2', '[{"seq":7}]'], { claims: 2, settles: [7] }],
])('an exchange that %s', (_, parameters, expected) => {
  for (const name of ['exchange-messages', 'exchange-messages-and-attempts'])
    expect(readBind(bind(name, parameters))).toEqual({ batch: '1 0 3', ...expected });
});

test('a statement of another name is none of the sending path, whatever its parameters', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z-]{0,20}$/), fc.array(fc.option(fc.string())), (name, parameters) => {
      fc.pre(!name.startsWith('exchange-messages'));
      expect(readBind(bind(name, parameters))).toBeUndefined();
    }),
  );
});
