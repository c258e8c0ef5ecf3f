import { z } from 'zod';
import { parseDomain } from '../../delivery/address.js';
import { duration } from '../../delivery/definition-text.js';
import { durationMs } from '../../delivery/duration.js';

/** A host or a domain, or all of those below one: `*.shop.example`; `*` is every one. As a lower-case A-label. */
const hostPattern = z.string('must be text').transform((text, context) => {
  const below = text.startsWith('*.') ? '*.' : '';
  const domain = text === '*' ? '*' : parseDomain(text.slice(below.length));
  if (domain !== undefined) return below + domain;
  context.addIssue('must be a domain such as shop.example, *.shop.example for all below it, or * for every one');
  return z.NEVER;
});

const boundedDuration = (what: string, shortestMs: number, longest: string) =>
  duration(what)
    .transform(durationMs)
    .refine(
      (ms) => ms >= shortestMs && ms <= durationMs(longest),
      `${what} must be ${shortestMs / 1_000}s to ${longest}`,
    );

const ruleSchema = z
  .strictObject({
    /** What its permits and connections are counted under, all workers together. */
    name: z.string('name must be text').regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be 1–40 of a–z, 0–9 and "-"'),
    /** It is for mail to these domains… */
    domains: z.array(hostPattern).min(1).max(1_000).optional(),
    /** …and to those whose mail one of these hosts takes (MX). */
    mx: z.array(hostPattern).min(1).max(1_000).optional(),
    /** Most that are open at a time, all workers together. */
    connections: z.int().min(1).max(1_000).optional(),
    messagesPerConnection: z.int().min(1).max(1_000_000).optional(),
    messagesPerHour: z.int().min(1).max(100_000_000).optional(),
    /** Longest waits, in milliseconds; see `PoolOptions` and RFC 5321 §4.5.3.2. */
    timeouts: z
      .strictObject({
        open: boundedDuration('rules.timeouts.open', 1_000, '10m').optional(),
        envelope: boundedDuration('rules.timeouts.envelope', 1_000, '1h').optional(),
        message: boundedDuration('rules.timeouts.message', 1_000, '1h').optional(),
      })
      .optional(),
    tls: z.enum(['none', 'opportunistic', 'required']).optional(),
    /** Name of the relay that takes this mail in place of the delivery's own. */
    relay: z
      .string('relay must be text')
      .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be a relay name: 1–40 of a–z, 0–9 and "-"')
      .optional(),
  })
  .refine(
    ({ domains, mx }) => domains !== undefined || mx !== undefined,
    'a rule needs "domains" or "mx", or nothing is it for',
  );

/** The table as it stands in a file: the first rule that matches holds; mail that none matches goes as its relay says. */
export const mxRulesSchema = z.strictObject({
  /** The shipped rules come behind those of the file, without those that have a name of the file's. */
  extends: z.literal('shipped').optional(),
  /** Permits are counted in periods of this length. */
  period: boundedDuration('period', 1_000, '1h').prefault('5m'),
  rules: z
    .array(ruleSchema)
    .max(1_000)
    .default([])
    .check(({ value, issues }) => {
      value.forEach(({ name }, index) => {
        if (value.findIndex((rule) => rule.name === name) === index) return;
        const message = `another rule is called "${name}" too; give each a name of its own`;
        issues.push({ code: 'custom', message, input: name, path: [index, 'name'] });
      });
    }),
});

export type MxRule = z.output<typeof ruleSchema>;
/** As they are written. */
export type MxRuleInput = z.input<typeof ruleSchema>;

/** How fast mail may leave, by where it goes. */
export interface MxRules {
  rules: readonly MxRule[];
  periodMs: number;
}

/**
 * The first rule for a domain.
 *
 * @param domain - of the recipient, a lower-case A-label
 * @param mxHosts - that take mail for it, lower-case; not given where nobody has asked yet
 * @returns `ask-mx` where the answer needs them
 */
export function ruleFor(
  rules: readonly MxRule[],
  domain: string,
  mxHosts?: readonly string[],
): MxRule | 'ask-mx' | undefined {
  for (const rule of rules) {
    if (rule.domains?.some((pattern) => matches(pattern, domain))) return rule;
    if (!rule.mx) continue;
    if (!mxHosts) return 'ask-mx';
    if (rule.mx.some((pattern) => mxHosts.some((host) => matches(pattern, host)))) return rule;
  }
  return undefined;
}

function matches(pattern: string, host: string): boolean {
  if (pattern === '*' || pattern === host) return true;
  return pattern.startsWith('*.') && host.endsWith(pattern.slice(1));
}
