import { isCollective } from '../approver.js';
import type { DeliverySettings } from '../definition.js';
import type { Rule } from './rule.js';

/** Whether anybody could ever confirm, and whether who confirmed can be proved. */
export const approvalRules: readonly Rule<{ settings: Pick<DeliverySettings, 'approval'> }>[] = [
  {
    id: 'decisions-unsigned',
    level: 'warning',
    explanation:
      'Whoever reaches the Temporal namespace can decide under any name, and nobody can prove later who it was.',
    check: ({ settings: { approval } }) =>
      approval.requireSignature
        ? []
        : [
            {
              place: 'approval.requireSignature',
              sentence:
                'Decisions count without a signature: take this out, and add operators with "sealpost operator add".',
            },
          ],
  },
  {
    id: 'approver-unprovable',
    level: 'error',
    fixed: true,
    explanation: 'Only a signature tells which roles and groups somebody has.',
    check: ({ settings: { approval } }) => {
      const { approvers, gates = [], breakGlass = [], requireSignature } = approval;
      const lists: [place: string, named: readonly string[]][] = [
        ['approval.approvers', approvers],
        ...gates.map((gate, index): [string, readonly string[]] => [
          `approval.gates[${index}].approvers`,
          gate.approvers,
        ]),
        ['approval.breakGlass', breakGlass],
      ];
      if (requireSignature) return [];
      return lists.flatMap(([place, named]) =>
        named.some(isCollective)
          ? [{ place, sentence: 'Roles and groups need signed decisions: name people, or take requireSignature out.' }]
          : [],
      );
    },
  },
];
