import { durationMs, durationText } from '../duration.js';
import { firstDaySpanMs } from '../retry-timetable.js';
import { enhancedValidityMs, validityEnd } from '../validity.js';
import type { Rule } from './rule.js';
import type { ParametersView } from './views.js';

type View = Pick<ParametersView, 'settings' | 'enhancedRelay' | 'now'>;

/** How long messages are tried if sending starts now; undefined where that depends on a clock that is not known. */
function validityMs({ settings: { sending }, enhancedRelay, now }: View): number | undefined {
  if (sending.validUntil !== undefined && now === undefined) return undefined;
  return validityEnd({ sending, enhancedRelay }, now ?? 0) - (now ?? 0);
}

const placeOf = ({ settings: { sending } }: View): string =>
  sending.validUntil === undefined ? 'sending.validity' : 'sending.validUntil';

export const validityRules: readonly Rule<View>[] = [
  {
    id: 'validity-over',
    level: 'error',
    fixed: true,
    explanation: 'After the end of validity no message is tried, so all of them would fail.',
    check: (view) =>
      (validityMs(view) ?? 1) <= 0
        ? [{ place: placeOf(view), sentence: 'Validity is over before anything is sent: name a later end.' }]
        : [],
  },
  {
    id: 'validity-capped',
    level: 'warning',
    explanation:
      'A relay with retries of its own holds a message for some days: what would reach it after three and a half comes too late.',
    check: (view) => {
      const wanted = validityMs({ ...view, enhancedRelay: false });
      if (!view.enhancedRelay || wanted === undefined || wanted <= enhancedValidityMs) return [];
      const { relay } = view.settings;
      return [
        {
          place: placeOf(view),
          sentence: `The relay "${relay}" tries again by itself, so no message is tried later than 84h after sending starts: let validity end by then.`,
        },
      ];
    },
  },
  {
    id: 'validity-short',
    level: 'warning',
    explanation: 'What a server puts off and would take later fails where validity ends before the retries do.',
    check: (view) => {
      const { retries } = view.settings.sending;
      const valid = validityMs(view);
      const span = firstDaySpanMs(retries);
      if (valid === undefined || valid <= 0 || valid >= span) return [];
      return [
        {
          place: placeOf(view),
          sentence: `Validity ends before the last retry of the first day, ${durationText(span)} after the first attempt: let it end later, or take fewer retries or a shorter sending.retries.interval than ${durationText(durationMs(retries.interval))}.`,
        },
      ];
    },
  },
];
