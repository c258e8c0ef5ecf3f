import { makeSystemKey, parseSystemKey } from '../../src/audit/system-key.js';
import { readSigned, signText } from '../../src/audit/signed-text.js';

const key = await parseSystemKey(makeSystemKey());
const jws = await signText('what counts', 'sealpost-audit-bundle', key);
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

test('what was signed comes back with the key that signed it', async () => {
  const { publicJwk, thumbprint } = key;
  expect(await readSigned(jws, 'sealpost-audit-bundle')).toEqual({ text: 'what counts', publicJwk, thumbprint });
});

test('a signature of one kind does not pass for one of another', async () => {
  expect(await readSigned(jws, 'sealpost-message-proof')).toEqual(expect.any(String));
});

test('no other letter in any place gives a signature that holds', async () => {
  const held: string[] = [];
  for (const [place, letter] of jws.split('').entries()) {
    // In the last place of a part some letters differ in bits that no decoder looks at.
    const isLast = place === jws.length - 1 || jws[place + 1] === '.';
    const others = isLast ? letters.split('') : ['A', 'b', '.'];
    for (const other of others.filter((one) => one !== letter)) {
      const changed = jws.slice(0, place) + other + jws.slice(place + 1);
      if (typeof (await readSigned(changed, 'sealpost-audit-bundle')) !== 'string') held.push(`${other} at ${place}`);
    }
  }
  expect(held).toEqual([]);
});
