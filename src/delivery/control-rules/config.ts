import { z } from 'zod';
import type { DeliverySettings } from '../definition.js';
import { typologyName, typologyNameWords } from '../definition.js';
import { findingLevels, type FindingLevel } from '../finding.js';
import { didYouMean } from '../nearest-name.js';
import type { RuleDescription } from './index.js';
import { type Found, type RuleStep, type Typology, unchanged } from './rule.js';
import type { AnalysisView, ContentLink, FileView } from './views.js';

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** What an own rule of step 1 sees: a revision. All of it is frozen. */
export type ParametersRuleView = DeepReadonly<{
  settings: DeliverySettings;
  /** Liquid templates, as they are filled for each recipient. */
  content: { html?: string; text: string };
  /** Names of the fields that the target has. */
  fields: string[];
  links: Pick<ContentLink, 'part' | 'line' | 'url' | 'label'>[];
  files: FileView[];
}>;

/** What an own rule of the analysis sees: counts, and no recipient. All of it is frozen. */
export type AnalysisRuleView = DeepReadonly<Omit<AnalysisView, 'typologies'>>;

/** Where a rule found something, with a sentence that says what is wrong and what to do. */
export type RuleFinding = Found;

interface OwnRuleAbout<View> {
  /** Small letters, digits and "-"; none of those that `sealpost rules` lists. */
  id: string;
  level: FindingLevel;
  /** Why it matters. */
  explanation: string;
  /** @returns what it found; an empty list where all is well */
  check: (view: View) => readonly RuleFinding[] | Promise<readonly RuleFinding[]>;
}

/** A rule of the user's own. It belongs to step 1 unless it says that it judges the analysis. */
export type OwnRule =
  | (OwnRuleAbout<ParametersRuleView> & { step?: 'parameters' })
  | (OwnRuleAbout<AnalysisRuleView> & { step: 'analysis' });

/** What `sealpost.config.mjs` (or `.js`, `.ts`) exports by default. */
export interface SealpostConfig {
  /** By name, which a definition's `typology` names. */
  typologies?: Readonly<Record<string, { levels?: Readonly<Record<string, FindingLevel>>; off?: readonly string[] }>>;
  rules?: readonly OwnRule[];
}

/** Gives a configuration its type. */
export const defineConfig = (config: SealpostConfig): SealpostConfig => config;

/** A configuration that was found in order. */
export interface RuleConfig {
  /** Absolute path of the file that it was read from; absent where there is none. */
  file?: string;
  typologies: ReadonlyMap<string, Typology>;
  rules: readonly RuleDescription[];
}

const ruleId = /^[a-z][a-z0-9-]{0,59}$/;
const levelSchema = z.enum(findingLevels, `a level is one of ${findingLevels.join(', ')}`);

const configSchema = z.strictObject(
  {
    typologies: z
      .record(
        z.string().regex(typologyName, `a typology's name is ${typologyNameWords}`),
        z.strictObject({ levels: z.record(z.string(), levelSchema).default({}), off: z.array(z.string()).default([]) }),
      )
      .default({}),
    rules: z
      .array(
        z.strictObject({
          id: z.string('is missing').regex(ruleId, 'an id is 1–60 of a–z, 0–9 and "-", beginning with a letter'),
          level: levelSchema,
          explanation: z.string('is missing').min(1, 'is empty').max(500, 'is longer than 500 characters'),
          step: z.enum(['parameters', 'analysis'], 'a step is parameters or analysis').default('parameters'),
          check: z.literal('function', 'check must be a function'),
        }),
      )
      .max(100, 'there are more than 100 rules')
      .default([]),
  },
  'it must export a configuration by default',
);

/**
 * Judges a configuration, with all its faults at once.
 *
 * @param written - what the file exports, with the word "function" in place of each function
 * @param ours - the rules that there are without it
 */
export function judgeConfig(
  written: unknown,
  ours: readonly RuleDescription[],
): { config: RuleConfig } | { faults: string[] } {
  const parsed = configSchema.safeParse(written);
  if (!parsed.success)
    return {
      faults: parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')),
    };
  const rules = parsed.data.rules.map(({ id, level, explanation, step }) => ({
    id,
    level,
    explanation,
    step,
    fixed: false,
  }));
  const typologies = Object.entries(parsed.data.typologies);
  const faults = [
    ...doubleIds(rules, ours),
    ...typologies.flatMap(([name, changes]) => changeFaults(`typologies.${name}`, changes, [...ours, ...rules])),
  ];
  if (faults.length > 0) return { faults };
  return {
    config: {
      rules,
      typologies: new Map(
        typologies.map(([name, { levels, off }]) => [
          name,
          { levels: new Map(Object.entries(levels)), off: new Set(off) },
        ]),
      ),
    },
  };
}

function doubleIds(rules: readonly RuleDescription[], ours: readonly RuleDescription[]): string[] {
  return rules.flatMap(({ id }, index) => {
    if (ours.some((one) => one.id === id))
      return [`rules.${index}: sealpost has a rule "${id}": give yours another id`];
    const first = rules.findIndex((one) => one.id === id);
    return first < index
      ? [`rules.${index}: the id "${id}" is that of rules.${first} too: give one of them another`]
      : [];
  });
}

function changeFaults(
  place: string,
  { levels, off }: { levels: Readonly<Record<string, FindingLevel>>; off: readonly string[] },
  all: readonly RuleDescription[],
): string[] {
  const judge = (where: string, id: string, level: FindingLevel | undefined): string[] => {
    const rule = all.find((one) => one.id === id);
    if (!rule) {
      const ids = all.map((one) => one.id);
      const advice = didYouMean(id, ids, '"sealpost rules" lists those that there are');
      return [`${where}: there is no rule "${id}"; ${advice}`];
    }
    if (!rule.fixed) return [];
    if (level === undefined)
      return [`${where}: "${id}" keeps unsafe deliveries from being sent: it cannot be switched off`];
    return findingLevels.indexOf(level) > findingLevels.indexOf(rule.level)
      ? [`${where}: "${id}" keeps unsafe deliveries from being sent: it cannot be less than ${rule.level}`]
      : [];
  };
  return [
    ...Object.entries(levels).flatMap(([id, level]) => judge(`${place}.levels`, id, level)),
    ...off.flatMap((id) => judge(`${place}.off`, id, undefined)),
  ];
}

export const noConfig: RuleConfig = { typologies: new Map(), rules: [] };

/** @returns the changes that a delivery asks for; none where it asks for none or, which a rule tells, for unknown ones */
export function typologyOf({ typologies }: RuleConfig, { typology }: Pick<DeliverySettings, 'typology'>): Typology {
  return (typology === undefined ? undefined : typologies.get(typology)) ?? unchanged;
}

/** What a finding is allowed to be, whoever wrote the rule. */
const foundSchema = z.array(
  z.strictObject({
    place: z.string().min(1).max(200),
    sentence: z.string().min(1).max(1_000),
    quote: z.string().max(1_000).optional(),
  }),
);

/** @returns what an own rule found, undefined for anything that is no list of findings */
export function readFound(written: unknown): Found[] | undefined {
  const parsed = foundSchema.safeParse(written);
  return parsed.success
    ? parsed.data.map(({ place, sentence, quote }) => ({
        place: plain(place),
        sentence: plain(sentence),
        ...(quote !== undefined && { quote }),
      }))
    : undefined;
}

// The database takes neither NUL nor half of a surrogate pair.
const plain = (text: string): string => text.toWellFormed().replace(/\p{Cc}+/gu, ' ');

/** Of a step, those that are not switched off. */
export function ownRulesOf({ rules }: RuleConfig, step: RuleStep, { off }: Typology): readonly RuleDescription[] {
  return rules.filter((rule) => rule.step === step && !off.has(rule.id));
}
