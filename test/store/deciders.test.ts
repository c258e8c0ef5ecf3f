import { decidersAmong } from '../../src/store/deciders.js';
import type { OperatorRecord } from '../../src/store/operators.js';

function operator(id: string, own: Partial<OperatorRecord> = {}): OperatorRecord {
  return { id, name: id, roles: [], groups: [], active: true, addedAt: '', keys: [], ...own };
}

const operators = [
  operator('anna', { roles: ['approver'] }),
  operator('ben', { groups: ['finance'] }),
  operator('cleo', { roles: ['approver'], groups: ['finance'] }),
  operator('dora'),
  operator('gone', { roles: ['approver'], active: false }),
];
const delegations = [
  { delegator: 'ben', delegate: 'dora' },
  { delegator: 'ben', delegate: 'gone' },
];

test.each<[string[], string[]]>([
  [['ben'], ['ben', 'dora']],
  [
    ['role:approver', 'ben'],
    ['ben', 'dora', 'anna', 'cleo'],
  ],
  [['group:finance'], ['ben', 'cleo']],
  [['gone'], []],
  [
    ['unknown', 'anna'],
    ['unknown', 'anna'],
  ],
  [['role:nobody'], []],
  [[], []],
])('%j are %j', (approvers, people) => {
  expect(decidersAmong(approvers, operators, delegations).map((one) => one.operator)).toEqual(people);
});

test('each has what a signature would add', () => {
  expect(decidersAmong(['dora', 'cleo'], operators, delegations)).toEqual([
    { operator: 'dora', as: ['for:ben'] },
    { operator: 'cleo', as: ['role:approver', 'group:finance'] },
  ]);
});
