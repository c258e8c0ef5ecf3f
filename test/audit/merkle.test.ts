import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { computeSeal, MerkleTree } from '../../src/audit/merkle.js';

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

describe('computeSeal', () => {
  const revision = 'ab'.repeat(32);
  const root = sha256();

  test('is SHA-256(0x02 ‖ revision ‖ count ‖ root)', () => {
    const count = Buffer.from('0000000100000002', 'hex');
    expect(computeSeal({ revision, count: 2 ** 32 + 2, root })).toBe(
      sha256(Buffer.of(2), Buffer.from(revision, 'hex'), count, root).toString('hex'),
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
    ['a root of another length', { revision, count: 1, root: Buffer.alloc(20) }],
    ['a negative count', { revision, count: -1, root }],
  ])('refuses %s', (_, wrong) => {
    expect(() => computeSeal(wrong)).toThrow();
  });
});
