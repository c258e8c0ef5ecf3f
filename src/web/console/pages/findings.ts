import type { DeliveryStanding, Finding } from '../../../client/index.js';
import { ruleDescriptions } from '../../../delivery/control-rules/index.js';
import { findingLevels } from '../../../delivery/finding.js';
import { grouped, plural } from '../../../delivery/plain-words.js';
import { html, type Html } from '../html.js';

const rules = new Map(ruleDescriptions.map((rule) => [rule.id, rule]));

/** Findings of a step, the gravest first; own rules that nobody described here are the analysis's. */
export function findingsOf(
  { findings }: Pick<DeliveryStanding, 'findings'>,
  step: 'parameters' | 'analysis',
): Finding[] {
  return findings.filter(({ rule }) => (rules.get(rule)?.step ?? 'analysis') === step);
}

/** `1 error, 2 warnings`. */
export function findingsSummary(findings: readonly Finding[]): string {
  const parts = findingLevels.flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [level === 'info' ? `${grouped(count)} for information` : plural(count, level)];
  });
  return parts.length === 0 ? 'nothing was found' : parts.join(', ');
}

/** Each says what is wrong and what to do; why it matters is there for who asks. */
export function findingsList(findings: readonly Finding[]): Html | undefined {
  if (findings.length === 0) return undefined;
  return html`<ul class="plain findings">
    ${findings.map(
      ({ level, sentence, place, rule }) =>
        html`<li class="finding ${level}">
          <span class="level">${level}</span>
          <div>
            <p dir="auto">${sentence}</p>
            <div class="where">
              <code>${place}</code> ${
                rules.has(rule)
                  ? html`<details class="why">
                      <summary>${rule}</summary>
                      <p>${rules.get(rule)?.explanation}</p>
                    </details>`
                  : html`<small>${rule}</small>`
              }
            </div>
          </div>
        </li>`,
    )}
  </ul>`;
}
