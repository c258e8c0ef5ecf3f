/** One place of the matrix: who is harmed, how, when, and what the relay says to the message that is there then. */
export const victims = ['worker', 'temporal', 'postgres', 'relay'] as const;
export type Victim = (typeof victims)[number];

/**
 * `kill`: SIGKILL. `freeze`: SIGSTOP, and SIGCONT when the lease has passed; a worker wakes up only when another one has
 * finished the delivery. `cut`: connections are torn; a worker, or a worker's way to Temporal, stays cut off until
 * another worker has finished. `overtake`: the connection to Postgres is cut while a statement is on its way, and the
 * server carries it out when the worker has gone on.
 */
export type Fault = 'kill' | 'freeze' | 'cut' | 'overtake';

/** Where the marked message, or the claim, stands when the fault comes. */
export type Moment =
  | 'before claim'
  | 'after claim'
  | 'before 354'
  | 'in the body'
  | 'after the dot'
  /** The relay has answered; its answer is on the way to the ledger. */
  | 'before commit'
  /** The ledger has it, and the worker does not know that yet. */
  | 'after commit';

/**
 * What the relay says to the marked message in place of 354 (`before 354`) or of 250. `drop` ends the connection without
 * a word; `hang` says nothing until the fault is over, and drops then.
 */
export type Reply = '250' | '421' | '451' | '550' | 'drop' | 'hang';

export interface Cell {
  victim: Victim;
  fault: Fault;
  moment: Moment;
  reply: Reply;
  /** What the definition says of messages in doubt. @default 'hold' */
  inDoubt?: 'hold' | 'resend';
}

export function nameOf({ victim, fault, moment, reply, inDoubt }: Cell): string {
  return `${victim}, ${fault}, ${moment}, ${reply}${inDoubt === 'resend' ? ', resend' : ''}`;
}

/** Whether the cell harms a server that other cells could not do without. */
export function needsOwnServers({ victim, fault }: Cell): boolean {
  return (victim === 'temporal' || victim === 'postgres') && (fault === 'kill' || fault === 'freeze');
}
