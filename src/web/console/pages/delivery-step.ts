import type { DeliveryFigures, DeliveryStanding } from '../../../client/index.js';
import { html, type Html, type Piece } from '../html.js';
import type { Pace } from '../ledger-view.js';

/** What a delivery's steps are told from. Counts are absent while they take longer than a page waits. */
export interface Shown {
  delivery: DeliveryStanding;
  figures: DeliveryFigures | undefined;
  pace: Pace | undefined;
}

export type StepState = 'waiting' | 'current' | 'done' | 'wanted' | 'failed' | 'skipped';

/** One of the four steps. */
export interface Step {
  id: string;
  title: string;
  state: StepState;
  /** What it came to, in a line. */
  summary: Piece;
  body: Piece;
}

/** Names and values. */
export function facts(fields: readonly (readonly [name: string, value: Piece])[]): Html | undefined {
  if (fields.length === 0) return undefined;
  return html`<dl class="facts">
    ${fields.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd dir="auto">${value}</dd>
        </div>`,
    )}
  </dl>`;
}
