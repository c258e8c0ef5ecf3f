import type { MessageStatus } from '../../src/delivery/message-status.js';
import type { Cell } from './cell.js';

/** What may become of the marked message: by the table of RFC 1047's consequences, and not less exactly. */
export function expectedStatuses(cell: Cell): readonly MessageStatus[] {
  const statuses = underHold(cell);
  // What is in doubt is sent again, and the marked message gets its reply once only.
  return cell.inDoubt === 'resend' ? statuses.map((one) => (one === 'in-doubt' ? 'sent' : one)) : statuses;
}

function underHold(cell: Cell): readonly MessageStatus[] {
  const { victim, fault, moment } = cell;
  switch (moment) {
    case 'before claim':
    case 'after claim':
      // It is beside the claim that is held, and may be under way or not.
      return [byReply(cell), 'in-doubt'];
    case 'after commit':
      return [byReply(cell)];
    case 'before 354':
      if (losesBatch(cell)) return ['in-doubt'];
      return [victim === 'relay' && fault !== 'freeze' ? 'sent' : byReply(cell)];
    case 'in the body':
    case 'after the dot':
      return [losesBatch(cell) || (victim === 'relay' && fault !== 'freeze') ? 'in-doubt' : byReply(cell)];
    case 'before commit':
      return [losesBatch(cell) ? 'in-doubt' : byReply(cell)];
  }
}

/** Whether another attempt takes the batch over from a worker that has not settled the message. */
function losesBatch({ victim, fault }: Cell): boolean {
  return victim === 'worker' || (victim === 'temporal' && fault === 'cut');
}

function byReply({ reply, moment }: Cell): MessageStatus {
  switch (reply) {
    case '250':
    case '421':
    case '451':
      return 'sent';
    case '550':
      return 'failed';
    case 'drop':
    case 'hang':
      return moment === 'before 354' ? 'sent' : 'in-doubt';
  }
}
