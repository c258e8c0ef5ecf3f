import type { Cell, Fault, Moment, Reply, Victim } from './cell.js';

type Row = readonly [Victim, Fault, Moment, ...Reply[]];

/**
 * The cells that are reachable and differ: a relay that is killed while it holds a message gives no reply, and one that
 * has replied is no longer before it.
 */
const rows: readonly Row[] = [
  ['worker', 'kill', 'before claim', '250', '451'],
  ['worker', 'kill', 'after claim', '250', '421'],
  ['worker', 'kill', 'before 354', '250', '550'],
  ['worker', 'kill', 'in the body', '250'],
  ['worker', 'kill', 'after the dot', '250', '421', '451', '550', 'drop', 'hang'],
  ['worker', 'kill', 'before commit', '250', '451', '550', 'drop'],
  ['worker', 'kill', 'after commit', '250', '550'],
  ['worker', 'freeze', 'before claim', '250'],
  ['worker', 'freeze', 'after claim', '250'],
  ['worker', 'freeze', 'before 354', '250', 'drop'],
  ['worker', 'freeze', 'in the body', '250'],
  ['worker', 'freeze', 'after the dot', '250', '451', 'hang'],
  ['worker', 'freeze', 'before commit', '250', '550'],
  ['worker', 'cut', 'before claim', '250'],
  ['worker', 'cut', 'after claim', '250'],
  ['worker', 'cut', 'before 354', '250'],
  ['worker', 'cut', 'in the body', '250'],
  ['worker', 'cut', 'after the dot', '250', '550'],
  ['worker', 'cut', 'before commit', '451'],
  ['temporal', 'kill', 'after claim', '250'],
  ['temporal', 'kill', 'after the dot', '250', 'drop'],
  ['temporal', 'kill', 'before commit', '421'],
  ['temporal', 'freeze', 'before 354', '451'],
  ['temporal', 'freeze', 'after the dot', '250'],
  ['temporal', 'cut', 'before claim', '250'],
  ['temporal', 'cut', 'after claim', '250'],
  ['temporal', 'cut', 'before 354', '250', '550'],
  ['temporal', 'cut', 'after the dot', '250', 'hang'],
  ['temporal', 'cut', 'before commit', '250'],
  ['postgres', 'kill', 'before claim', '250'],
  ['postgres', 'kill', 'after claim', '250'],
  ['postgres', 'kill', 'after the dot', '250', '550'],
  ['postgres', 'kill', 'before commit', '250', '451'],
  ['postgres', 'kill', 'after commit', '250'],
  ['postgres', 'freeze', 'after claim', '250'],
  ['postgres', 'freeze', 'after the dot', '250'],
  ['postgres', 'freeze', 'before commit', '421'],
  ['postgres', 'cut', 'before claim', '250'],
  ['postgres', 'cut', 'after claim', '250'],
  ['postgres', 'cut', 'before commit', '250', '550', 'drop'],
  ['postgres', 'cut', 'after commit', '250', '451'],
  ['postgres', 'overtake', 'before claim', '250'],
  ['postgres', 'overtake', 'before commit', '250', '451'],
  ['relay', 'kill', 'before 354', '250'],
  ['relay', 'kill', 'in the body', '250'],
  ['relay', 'kill', 'after the dot', '250'],
  ['relay', 'kill', 'before commit', '250', '550'],
  ['relay', 'freeze', 'before 354', '250', '421'],
  ['relay', 'freeze', 'in the body', '250'],
  ['relay', 'freeze', 'after the dot', '250', 'hang'],
  ['relay', 'cut', 'before 354', '250'],
  ['relay', 'cut', 'in the body', '250'],
  ['relay', 'cut', 'after the dot', '250', '451'],
];

/** Where messages in doubt are sent again. */
const resendRows: readonly Row[] = [
  ['worker', 'kill', 'after claim', '250'],
  ['worker', 'kill', 'before 354', '250'],
  ['worker', 'kill', 'after the dot', '250', 'drop'],
  ['worker', 'kill', 'before commit', '250'],
  ['worker', 'freeze', 'after the dot', '250'],
  ['worker', 'freeze', 'before commit', '250'],
  ['temporal', 'cut', 'after the dot', '250'],
  ['postgres', 'cut', 'after claim', '250'],
  ['relay', 'kill', 'after the dot', '250'],
  ['relay', 'cut', 'in the body', '250'],
];

function expand(some: readonly Row[], inDoubt: 'hold' | 'resend'): Cell[] {
  return some.flatMap(([victim, fault, moment, ...replies]) =>
    replies.map((reply) => ({ victim, fault, moment, reply, inDoubt })),
  );
}

export const cells: readonly Cell[] = [...expand(rows, 'hold'), ...expand(resendRows, 'resend')];

/** A few for every run of the tests: each victim, each fault, each moment. */
export const quickCells: readonly Cell[] = [
  ...expand(
    [
      ['worker', 'kill', 'in the body', '250'],
      ['worker', 'freeze', 'after the dot', '250'],
      ['worker', 'cut', 'before commit', '451'],
      ['temporal', 'cut', 'before 354', '250'],
      ['postgres', 'cut', 'after claim', '250'],
      ['postgres', 'cut', 'after commit', '550'],
      ['relay', 'kill', 'before commit', '250'],
    ],
    'hold',
  ),
  ...expand([['worker', 'kill', 'after the dot', 'drop']], 'resend'),
];
