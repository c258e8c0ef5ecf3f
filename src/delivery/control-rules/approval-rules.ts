import { isCollective } from '../approver.js';
import type { DeliverySettings } from '../definition.js';
import type { Rule } from './rule.js';
import type { AuthorView } from './views.js';

/** Whether anybody could ever confirm, and whether who confirmed and who submitted can be proved. */
export const approvalRules: readonly Rule<{ settings: Pick<DeliverySettings, 'approval'>; author?: AuthorView }>[] = [
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
  {
    id: 'author-unproven',
    level: 'error',
    fixed: true,
    explanation:
      'Four eyes see nothing where an author can submit under the name of another one, and confirm under their own.',
    check: ({ author }) => {
      if (!author || author.signed || (author.fault === undefined && !author.demanded)) return [];
      const { operator, fault } = author;
      const again = 'then submit the same revision again, with "sealpost revise".';
      return [
        fault === undefined
          ? {
              place: 'approval.fourEyes',
              sentence: `Operator "${operator}" has not signed for this revision as its author: give "${operator}" a key with "sealpost operator add", ${again}`,
            }
          : {
              place: 'approval',
              sentence: `The signature by which operator "${operator}" submitted this revision does not hold, for ${fault}. Mend that, ${again}`,
            },
      ];
    },
  },
];
