import { definition, recipients, type Values } from '../system/definition.js';
import type { Cell } from './cell.js';

/** Of each worker to the relay. Half of them are one batch's share, and so much is a claim. */
export const connections = 4;

export const messages = 120;

/** The message at which the fault comes: within the second batch of an activity, when others are under way. */
export const marked = 15;

/** Others that get the cell's reply: one beside it, some in other batches. */
export const beside = [16, 58, 95] as const;

/** More bytes than a connection carries in a cell, but for the one of a long body. */
export const shortBodies = 250_000;
const longBody = { repeated: 10, characters: 60_000 };

/** The sending of a cell; the marked message is long where the fault comes in its body. */
export function definitionOf(id: string, cell: Cell): Values {
  const padding = cell.moment === 'in the body' ? `${'long '.repeat(14)}\n`.repeat(longBody.characters / 71) : '';
  return definition({
    id,
    approval: { mode: 'automatic' },
    content: {
      text: `Dear {{ first_name }}\n${"{{ padding | default: '' }}\n".repeat(padding ? longBody.repeated : 1)}`,
    },
    recipients: recipients(messages).map((one, index) => (index + 1 === marked ? { ...one, padding } : one)),
    sending: {
      batchSize: 10,
      // Shorter than the minute after which a message that met a fault alone is tried again: then the timetable holds.
      ...(meetsFaults(cell) && { validity: '58s' }),
      retries: { inFirstDay: 24, interval: '1s' },
      inDoubt: cell.inDoubt ?? 'hold',
    },
  });
}

/** Whether the relay, or the way to it, fails somebody without a word on the message. */
function meetsFaults({ victim, fault, reply }: Cell): boolean {
  return victim === 'relay' || (victim === 'worker' && fault === 'cut') || reply === '421' || reply === 'drop';
}
