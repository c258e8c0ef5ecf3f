import type { DeliverySettings } from '../definition.js';
import { profilesWanted, proofParts, proofSize, usesPart } from '../proof-settings.js';
import type { Rule } from './rule.js';

/** What the rules of proofs see of a revision. */
export interface ProofView {
  settings: Pick<DeliverySettings, 'proofs' | 'approval' | 'target'>;
  /** Places of the profiles that proofs are to show and the target lacks; not judged where absent. */
  missingProfiles?: readonly string[];
  /** Of what is sent. */
  content: { htmlBytes: number };
  /** Whether mail can be sent to an address. */
  isAddress: (address: string) => boolean;
}

const maxProofMessages = 100;

/** What of the settings of proofs makes no sense. */
export const proofRules: readonly Rule<ProofView>[] = [
  {
    id: 'proof-target-size',
    level: 'error',
    fixed: true,
    explanation:
      'Proofs leave before anybody has confirmed: to more than a few people they are a delivery of their own.',
    check: ({ settings }) =>
      proofSize(settings) > maxProofMessages
        ? [
            {
              place: (settings.proofs.mode ?? 'list') === 'list' ? 'proofs.recipients' : 'proofs',
              sentence: `Each proof would be ${proofSize(settings).toLocaleString('en-US')} messages: name fewer, for ${maxProofMessages} is the most.`,
            },
          ]
        : [],
  },
  {
    id: 'proof-address',
    level: 'error',
    fixed: true,
    explanation: 'Whoever should look at a proof, or as a seed at the message, does not get it.',
    check: ({ settings: { proofs, target }, isAddress }) =>
      Object.entries({
        'target.seeds': target?.seeds?.map(({ address }) => address) ?? [],
        'proofs.recipients': proofs.recipients,
        'proofs.substitution.to': proofs.substitution?.to ?? [],
      }).flatMap(([list, addresses]) =>
        addresses.flatMap((address, index) =>
          isAddress(address)
            ? []
            : [{ place: `${list}[${index}]`, sentence: 'No mail can be sent to this address: correct it.' }],
        ),
      ),
  },
  {
    id: 'proof-substitution-missing',
    level: 'error',
    fixed: true,
    explanation: 'Proofs in place of profiles need both: whose data they show, and who gets them.',
    check: ({ settings: { proofs } }) => {
      const { mode = 'list', substitution } = proofs;
      if (!usesPart(mode, 'substitution')) return [];
      if (!substitution)
        return [{ place: 'proofs.mode', sentence: `Nothing says whose data goes where: set proofs.substitution.` }];
      return substitution.to.length === 0
        ? [{ place: 'proofs.substitution', sentence: 'No test address gets the proofs: name some in "to".' }]
        : [];
    },
  },
  {
    id: 'proof-list-missing',
    level: 'error',
    fixed: true,
    explanation: 'Proofs that the mode promises would go to nobody.',
    check: ({ settings: { proofs, target } }) => {
      const { mode = 'list', recipients } = proofs;
      const missing = [
        ...(mode !== 'list' && usesPart(mode, 'list') && recipients.length === 0 ? ['proofs.recipients'] : []),
        ...(usesPart(mode, 'seeds') && !target?.seeds?.length ? ['target.seeds'] : []),
      ];
      return missing.map((setting) => ({
        place: 'proofs.mode',
        sentence: `The mode ${mode} sends to those in ${setting}, and there are none: name some, or choose another mode.`,
      }));
    },
  },
  {
    id: 'proof-setting-unused',
    level: 'warning',
    explanation: 'Somebody expects proofs that are never sent.',
    check: ({ settings: { proofs } }) => {
      const { mode = 'list', recipients, substitution } = proofs;
      const unused = [
        ...(substitution && !usesPart(mode, 'substitution') ? (['substitution'] as const) : []),
        ...(recipients.length > 0 && !usesPart(mode, 'list') ? (['recipients'] as const) : []),
      ];
      return unused.map((setting) => ({
        place: `proofs.${setting}`,
        sentence: `The mode ${mode} makes no use of it: choose another proofs.mode, or take it out.`,
      }));
    },
  },
  {
    id: 'proof-address-idle',
    level: 'warning',
    explanation: 'Somebody waits for a proof that does not come.',
    check: ({ settings }) => {
      const { substitution } = proofParts(settings);
      const idle = substitution ? substitution.to.length - profilesWanted(substitution) : 0;
      return idle > 0
        ? [
            {
              place: 'proofs.substitution.to',
              sentence: `There are more test addresses than profiles, so the last ${idle} ${idle === 1 ? 'gets' : 'get'} nothing: choose more profiles.`,
            },
          ]
        : [];
    },
  },
  {
    id: 'proof-doubles-left-out',
    level: 'warning',
    explanation: 'Profiles that somebody chose would be seen by nobody.',
    check: ({ settings }) => {
      const { substitution } = proofParts(settings);
      return substitution &&
        settings.proofs.keep?.doubles === false &&
        profilesWanted(substitution) > substitution.to.length
        ? [
            {
              place: 'proofs.keep.doubles',
              sentence:
                'Test addresses get several profiles in turn, and all but the first are left out as doubles: keep doubles, or name as many addresses as profiles.',
            },
          ]
        : [];
    },
  },
  {
    id: 'proof-format-without-html',
    level: 'warning',
    explanation: 'Whoever looks at such a proof believes to have seen the HTML.',
    check: ({ settings: { proofs }, content }) =>
      proofs.formats?.includes('html') && content.htmlBytes === 0
        ? [
            {
              place: 'proofs.formats',
              sentence: 'The messages have no HTML, so these proofs would be text too: take html out.',
            },
          ]
        : [],
  },
  {
    id: 'proof-required-of-nobody',
    level: 'error',
    fixed: true,
    explanation: 'A delivery that needs an answered proof and sends none waits for ever.',
    check: ({ settings }) =>
      proofSize(settings) > 0
        ? []
        : [
            ...(settings.approval.requireProof ? ['requireProof'] : []),
            ...(settings.approval.contentApproval ? ['contentApproval'] : []),
          ].map((setting) => ({
            place: `approval.${setting}`,
            sentence: 'Nobody could ever confirm, for no proof goes to anybody: name proofs.recipients.',
          })),
  },
  {
    id: 'content-approval-quorum',
    level: 'error',
    fixed: true,
    explanation: 'A delivery that needs more reviewers than there are waits for ever.',
    check: ({ settings: { approval } }) => {
      const { reviewers = [], quorum = 0 } = approval.contentApproval ?? {};
      const people = new Set(reviewers).size;
      return quorum > people
        ? [
            {
              place: 'approval.contentApproval.quorum',
              sentence: `Nobody could ever confirm, for ${quorum} reviewers must approve and ${people} ${people === 1 ? 'is' : 'are'} named: name more, or lower it.`,
            },
          ]
        : [];
    },
  },
  {
    id: 'proof-profile-missing',
    level: 'error',
    fixed: true,
    explanation: 'The proof of a profile that is not there cannot be made.',
    check: ({ missingProfiles = [] }) =>
      missingProfiles.map((place) => ({
        place,
        sentence: 'The recipients have no such row or address: name one that is there.',
      })),
  },
];
