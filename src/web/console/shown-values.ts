import type { Phase } from '../../delivery/phase.js';
import { grouped, timeText } from '../../delivery/plain-words.js';
import { html, type Html } from './html.js';

/** An instant: in UTC as it is served, which the reader's own script turns into the reader's time. */
export function instant(iso: string): Html {
  return html`<time datetime="${iso}">${timeText(iso).replace(/:\d\d UTC$/, ' UTC')}</time>`;
}

/** A count with its noun: `1,240 messages`. */
export const number = (count: number): Html => html`<span class="number">${grouped(count)}</span>`;

/** How a phase looks at a glance. */
const tones: Readonly<Record<Phase, 'busy' | 'wanted' | 'held' | 'good' | 'over' | 'bad'>> = {
  checking: 'busy',
  proofing: 'busy',
  analysing: 'busy',
  'awaiting-decision': 'wanted',
  'awaiting-revision': 'wanted',
  scheduled: 'busy',
  sending: 'busy',
  paused: 'held',
  finished: 'good',
  stopped: 'over',
  expired: 'over',
  failed: 'bad',
};

/** As people read a reason's name. */
export const reasonLabel = (reason: string): string => reason.replaceAll('-', ' ');

export const phaseLabel = (phase: Phase): string => phase.replace('-', ' ');

export function phaseBadge(phase: Phase): Html {
  return html`<span class="phase ${tones[phase]}">${phaseLabel(phase)}</span>`;
}

/** The first characters of a hash or a seal, which people compare by them; the whole of it is told to who points at it. */
export const shortHash = (hash: string, characters = 12): Html =>
  html`<code title="${hash}">${hash.slice(0, characters)}</code>`;
