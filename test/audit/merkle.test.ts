import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { computeSeal, MerkleTree, rootOfPath, scheduleHash } from '../../src/audit/merkle.js';

const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leafOf = (data: Buffer) => sha256(Buffer.of(0), data);

/** RFC 6962 §2.1, as it is written there. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (!only) return sha256();
  if (leaves.length === 1) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

function rootOf(leaves: readonly Buffer[]): Buffer {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
}

/** The test data of Certificate Transparency's reference implementation. */
const data = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const leafLists = fc.array(
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 70 },
);

describe('MerkleTree', () => {
  test.each(roots.map((root, count) => [count, root] as const))(
    'has the reference root over %i leaves',
    (count, root) => {
      expect(rootOf(data.slice(0, count).map((hex) => leafOf(Buffer.from(hex, 'hex')))).toString('hex')).toBe(root);
    },
  );

  test('agrees with the definition, whatever the leaves', () => {
    fc.assert(fc.property(leafLists, (leaves) => rootOf(leaves).equals(naiveRoot(leaves))));
  });

  test('a root asked for on the way changes nothing', () => {
    fc.assert(
      fc.property(leafLists, (leaves) => {
        const tree = new MerkleTree();
        leaves.forEach((leaf, i) => {
          tree.append(leaf);
          expect(tree.root().equals(naiveRoot(leaves.slice(0, i + 1)))).toBe(true);
        });
        expect(tree.count).toBe(leaves.length);
      }),
      { numRuns: 20 },
    );
  });

  test('repeating the last leaf changes the root', () => {
    fc.assert(
      fc.property(leafLists, (leaves) => {
        const last = leaves.at(-1);
        return last === undefined || !rootOf([...leaves, last]).equals(rootOf(leaves));
      }),
    );
  });

  test('refuses a leaf that is no SHA-256', () => {
    expect(() => new MerkleTree().append(Buffer.alloc(31))).toThrow('32 bytes, not 31');
  });
});

describe('the path of a leaf', () => {
  const leaves = Array.from({ length: 100 }, (_, n) => leafOf(Buffer.of(n)));
  const proven = (count: number, index: number) => {
    const tree = new MerkleTree();
    leaves.slice(0, count).forEach((leaf, n) => {
      if (n === index) tree.watchNext();
      tree.append(leaf);
    });
    return { root: tree.root(), count, ...(tree.watched() ?? { index: -1, path: [] }) };
  };

  const roots = new Map<string, Buffer>();

  function rootBetween(from: number, to: number): Buffer {
    const known = roots.get(`${from} ${to}`) ?? naiveRoot(leaves.slice(from, to));
    roots.set(`${from} ${to}`, known);
    return known;
  }

  /** RFC 6962 §2.1.1, word for word, of the leaves from one to before another. */
  function naivePath(index: number, from: number, to: number): Buffer[] {
    if (to - from <= 1) return [];
    let half = 1;
    while (half * 2 < to - from) half *= 2;
    const middle = from + half;
    return index < half
      ? [...naivePath(index, from, middle), rootBetween(middle, to)]
      : [...naivePath(index - half, middle, to), rootBetween(from, middle)];
  }

  const inHex = (hashes: readonly Buffer[]) => hashes.map((hash) => hash.toString('hex')).join();

  test('is that of the definition and leads to the root, for each leaf of trees of 1 to 100', () => {
    for (let count = 1; count <= 100; count += 1) {
      for (let index = 0; index < count; index += 1) {
        const { root, path, ...place } = proven(count, index);
        expect(place).toEqual({ index, count });
        expect(inHex(path)).toBe(inHex(naivePath(index, 0, count)));
        expect(rootOfPath(leaves[index] ?? root, { ...place, path })?.equals(root)).toBe(true);
      }
    }
  });

  test('with another leaf, place, length or hash it does not lead to the root', () => {
    const place = fc.integer({ min: 2, max: 100 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        index: fc.nat(count - 1),
        other: fc.nat(count - 1),
        at: fc.nat(),
        bit: fc.nat(255),
      }),
    );
    fc.assert(
      fc.property(place, ({ count, index, other, at, bit }) => {
        const { root, path } = proven(count, index);
        const leaf = leaves[index] ?? root;
        const leads = (from: Buffer, way: Parameters<typeof rootOfPath>[1]) =>
          rootOfPath(from, way)?.equals(root) === true;
        const changed = path.map((hash, n) => (n === at % path.length ? flipped(hash, bit) : hash));
        expect(leads(flipped(leaf, bit), { index, count, path })).toBe(false);
        expect(leads(leaf, { index: other, count, path })).toBe(other === index);
        expect(leads(leaf, { index, count, path: changed })).toBe(false);
        expect(leads(leaf, { index, count, path: path.slice(0, -1) })).toBe(false);
        expect(leads(leaf, { index, count, path: [...path, root] })).toBe(false);
        expect(leads(leaf, { index: count + index, count, path })).toBe(false);
      }),
    );
  });

  test('is not known before its leaf is there', () => {
    const tree = new MerkleTree();
    expect(tree.watched()).toBeUndefined();
    tree.watchNext();
    expect(tree.watched()).toBeUndefined();
  });
});

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

describe('computeSeal', () => {
  const revision = 'ab'.repeat(32);
  const root = sha256();

  test('is SHA-256(0x02 ‖ revision ‖ count ‖ root)', () => {
    const count = Buffer.from('0000000100000002', 'hex');
    expect(computeSeal({ revision, count: 2 ** 32 + 2, root })).toBe(
      sha256(Buffer.of(2), Buffer.from(revision, 'hex'), count, root).toString('hex'),
    );
  });

  test('under a schedule, is SHA-256(0x03 ‖ revision ‖ count ‖ root ‖ SHA-256 of the canonical JSON of the schedule)', () => {
    const schedule = { startsAt: '2026-12-01T08:00:00.000Z', waves: [{ lastSeq: 9, firstSeq: 1, afterMs: 0 }] };
    const json = '{"startsAt":"2026-12-01T08:00:00.000Z","waves":[{"afterMs":0,"firstSeq":1,"lastSeq":9}]}';
    const hash = scheduleHash(schedule);
    expect(hash).toBe(sha256(Buffer.from(json)).toString('hex'));
    const count = Buffer.from('0000000000000009', 'hex');
    expect(computeSeal({ revision, count: 9, root, schedule: hash })).toBe(
      sha256(Buffer.of(3), Buffer.from(revision, 'hex'), count, root, Buffer.from(hash, 'hex')).toString('hex'),
    );
  });

  test.each([
    ['another revision', { revision: 'ac'.repeat(32), count: 1, root }],
    ['another count', { revision, count: 2, root }],
    ['another root', { revision, count: 1, root: leafOf(root) }],
  ])('differs for %s', (_, other) => {
    expect(computeSeal(other)).not.toBe(computeSeal({ revision, count: 1, root }));
  });

  test.each([
    ['a short revision', { revision: 'ab', count: 1, root }],
    ['a short schedule', { revision, count: 1, root, schedule: 'ab' }],
    ['a root of another length', { revision, count: 1, root: Buffer.alloc(20) }],
    ['a negative count', { revision, count: -1, root }],
  ])('refuses %s', (_, wrong) => {
    expect(() => computeSeal(wrong)).toThrow();
  });
});
