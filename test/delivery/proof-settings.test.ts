import { deliverySettingsSchema, type DeliverySettingsInput } from '../../src/delivery/definition.js';
import { isChosenBy, profilesMissing, proofParts, proofSize } from '../../src/delivery/proof-settings.js';

function proofs(own: DeliverySettingsInput['proofs']) {
  const target = { seeds: ['seed@reviewers.example', { address: 'other@reviewers.example', fields: { n: 1 } }] };
  const base = { name: 'N', sender: { address: 'a@b.example' }, subject: 'S', target };
  return deliverySettingsSchema.parse({ ...base, proofs: own });
}

const recipients = ['one@reviewers.example', 'two@reviewers.example'];
const to = ['qa@reviewers.example'];

test.each<[string, DeliverySettingsInput['proofs'], number]>([
  ['nobody', {}, 0],
  ['a list', { recipients }, 2],
  ['a list beside an idle substitution', { recipients, substitution: { profiles: { random: 3 }, to } }, 2],
  ['a list in two formats', { recipients, formats: ['html', 'text'] }, 4],
  ['a draw', { mode: 'substitution', recipients, substitution: { profiles: { random: 3 }, to } }, 3],
  ['rows, each once', { mode: 'substitution', substitution: { profiles: { rows: [2, 5, 2] }, to } }, 2],
  [
    'addresses, each once whatever its case',
    { mode: 'substitution', substitution: { profiles: { addresses: ['A@b.example', 'a@B.example'] }, to } },
    1,
  ],
  ['no test address', { mode: 'substitution', substitution: { profiles: { random: 3 } } }, 0],
  ['both', { mode: 'list-and-substitution', recipients, substitution: { profiles: { random: 3 }, to } }, 5],
  ['the seeds', { mode: 'seeds', recipients }, 2],
  ['a list and the seeds, in two formats', { mode: 'list-and-seeds', recipients, formats: ['html', 'text'] }, 8],
  ['a substitution that is not there', { mode: 'substitution', recipients }, 0],
])('the size of a proof to %s', (_name, own, size) => {
  expect(proofSize(proofs(own))).toBe(size);
});

test('a list makes no use of the substitution', () => {
  expect(proofParts(proofs({ recipients, substitution: { profiles: { random: 3 }, to } }))).toEqual({
    recipients,
    seeds: [],
  });
});

test('what the target lacks of the profiles that are named is told by its place', () => {
  const target = [
    { row: 2, address: 'Ann@shop.example' },
    { row: 3, address: 'ben@shop.example' },
  ];
  const missing = (profiles: Parameters<typeof isChosenBy>[0]) =>
    profilesMissing(profiles, target.filter(isChosenBy(profiles)));
  expect(missing({ rows: [3, 4, 2] })).toEqual(['proofs.substitution.profiles.rows[1]']);
  expect(missing({ addresses: ['ann@SHOP.example', 'cleo@shop.example'] })).toEqual([
    'proofs.substitution.profiles.addresses[1]',
  ]);
});
