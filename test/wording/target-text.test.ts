import { targetFields } from '../../src/wording/target-text.js';
import { deliverySettingsSchema, type DeliverySettingsInput } from '../../src/delivery/definition.js';

const fields = (target: DeliverySettingsInput['target'], drawSeed?: string) =>
  targetFields({
    settings: deliverySettingsSchema.parse({ name: 'N', sender: { address: 'a@b.example' }, subject: 'S', target }),
    queries: [],
    ...(drawSeed === undefined ? {} : { drawSeed }),
  });

test.each<[DeliverySettingsInput['target'], unknown[]]>([
  [undefined, []],
  [{}, []],
  [{ limit: { count: 1_000 } }, [['at most', '1,000, the first']]],
  [{ limit: { count: 5, order: 'random', seed: 'own' } }, [['at most', '5, drawn by the seed own']]],
  [{ limit: { count: 5, order: 'random' } }, [['at most', '5, drawn by the seed recorded']]],
  [{ control: { percent: 2.5 } }, [['control group', '2.5 %, drawn by the seed recorded']]],
  [{ control: { count: 1_200, seed: 'own' } }, [['control group', '1,200, drawn by the seed own']]],
  [
    { exclude: { denylisted: false, quarantined: false, doubles: false } },
    [['let in', 'who is denylisted, who is in quarantine, doubles']],
  ],
])('%j', (target, told) => {
  expect(fields(target, 'recorded')).toEqual(told);
});

test('several sources, each with how its rows are numbered', () => {
  const settings = deliverySettingsSchema.parse({ name: 'N', sender: { address: 'a@b.example' }, subject: 'S' });
  const origins = [
    { source: 'a.csv', rowsBefore: 0 },
    { source: 'b.csv', rowsBefore: 1_500 },
  ];
  expect(targetFields({ settings, origins, queries: [{ database: 'crm', query: 'select *\n  from people' }] })).toEqual(
    [
      ['sources', 'a.csv, b.csv (row 1 is row 1,501)'],
      ['asked of', 'crm: select * from people'],
    ],
  );
});
