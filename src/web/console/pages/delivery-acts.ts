import { z } from 'zod';
import { CommandRefusedError, SealpostError, type CommandResult, type Delivery } from '../../../client/index.js';
import { isFinal, type Phase } from '../../../delivery/phase.js';
import { grouped } from '../../../delivery/plain-words.js';
import { html, type Html } from '../html.js';
import { csrfInput } from '../layout.js';
import type { Notice } from '../notice.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { commentSchema, reasonField } from './comment-field.js';
import { deliveryParams, deliveryPath } from './delivery-address.js';

/** A command that is given by one button. */
interface Act {
  /** In the address. */
  name: string;
  command: 'pause' | 'resume' | 'stop' | 'sendProof' | 'startAnalysis' | 'stopAnalysis';
  label: string;
  /** In which phases the button is there. The workflow judges all the same. */
  offered: (phase: Phase) => boolean;
  done: string;
  /** What has no way back is asked for twice. */
  asks?: string;
}

const during =
  (...phases: readonly Phase[]) =>
  (phase: Phase): boolean =>
    phases.includes(phase);

const acts = {
  pause: {
    name: 'pause',
    command: 'pause',
    label: 'Pause',
    offered: during('scheduled', 'sending'),
    done: 'It is paused: nothing more leaves until it is resumed. What a relay is taking right now is seen through.',
  },
  resume: {
    name: 'resume',
    command: 'resume',
    label: 'Resume',
    offered: during('paused'),
    done: 'It goes on.',
  },
  stop: {
    name: 'stop',
    command: 'stop',
    label: 'Stop for good…',
    offered: (phase) => !isFinal(phase),
    done: 'It is stopped for good: what had not left is canceled.',
    asks: 'Stop it for good',
  },
  proof: {
    name: 'proof',
    command: 'sendProof',
    label: 'Send a proof',
    offered: during('proofing', 'analysing', 'awaiting-decision', 'awaiting-revision'),
    done: 'Another proof goes out; it is listed here once all of its messages have an answer.',
  },
  'start-analysis': {
    name: 'start-analysis',
    command: 'startAnalysis',
    label: 'Analyse again',
    offered: during('awaiting-revision'),
    done: 'It is analysed again.',
  },
  'stop-analysis': {
    name: 'stop-analysis',
    command: 'stopAnalysis',
    label: 'Stop the analysis',
    offered: during('analysing'),
    done: 'The analysis is stopped, and nothing of it stays.',
  },
} as const satisfies Record<string, Act>;

export type ActName = keyof typeof acts;

/** Buttons of those acts that can be done now, for who may do them. */
export function actButtons(
  { csrf, visitor }: Pick<Visit, 'csrf' | 'visitor'>,
  { id, phase }: { id: string; phase: Phase },
  names: readonly ActName[],
): Html | undefined {
  const offered = names.map((name): Act => acts[name]).filter((act) => act.offered(phase));
  if (!visitor.may.has('steer') || offered.length === 0) return undefined;
  return html`<div class="acts">
    ${offered.map(({ name, label, asks }) =>
      asks === undefined
        ? html`<form method="post" action="${deliveryPath(id, name)}">
            ${csrfInput(csrf)}<button>${label}</button>
          </form>`
        : html`<a class="button danger" href="${deliveryPath(id, name)}">${label}</a>`,
    )}
  </div>`;
}

/**
 * The workflow's answer as it is told on the next page, a refusal too.
 *
 * @param done - told where the command was accepted
 * @throws what is no answer of a delivery's
 */
export async function noticeOf<Result extends CommandResult>(
  command: () => Promise<Result>,
  done: string | ((result: Result) => string),
): Promise<Notice> {
  try {
    const result = await command();
    if (result.state === 'accepted') return { kind: 'done', text: typeof done === 'string' ? done : done(result) };
    const text = 'No worker answers right now. The command is kept, and is judged as soon as one comes.';
    return { kind: 'queued', text };
  } catch (error) {
    if (error instanceof CommandRefusedError) return { kind: 'refused', text: `Refused: ${error.reason}.` };
    if (error instanceof SealpostError && error.code === 'DELIVERY_ENDED')
      return { kind: 'refused', text: error.message };
    throw error;
  }
}

const fields = z.object({ comment: commentSchema });

type ActVisit = Visit<'steer', z.output<typeof deliveryParams>, unknown, z.output<typeof fields>>;

async function carryOut(
  { sealpost, operator, params: { id }, form: { comment } }: ActVisit,
  act: Act,
): Promise<Answer> {
  const delivery: Delivery = sealpost.delivery(id);
  const by = { operator: operator.id, ...(comment && { comment }) };
  return { to: deliveryPath(id), notice: await noticeOf(() => delivery[act.command](by), act.done) };
}

/** A page that asks once more, for what nothing brings back. */
async function asked(
  { sealpost, ledger, params: { id }, csrf }: Visit<'steer', { id: string }>,
  act: Act,
): Promise<Answer> {
  const { phase } = await sealpost.delivery(id).summary();
  const pace = await ledger.pace(id, isFinal(phase));
  const left = pace && pace.total - pace.settled;
  const main = html`<form class="card" method="post" action="${deliveryPath(id, act.name)}">
    <h1>${act.asks}?</h1>
    <p>
      Delivery <code>${id}</code> is ${phase.replace('-', ' ')}.
      ${left === undefined && 'What has not left is canceled.'}
      ${left !== undefined && left > 0 && html`<b class="number">${grouped(left)}</b> of its messages have not left; they are canceled.`}
      Nothing brings it back.
    </p>
    ${csrfInput(csrf)} ${reasonField()}
    <div class="acts">
      <button class="danger">${act.asks}</button>
      <a class="button" href="${deliveryPath(id)}">Back</a>
    </div>
  </form>`;
  return { page: { title: `${act.asks}: ${id}`, main, section: '/deliveries' } };
}

const ofAct = (act: Act): ConsoleRoute[] => {
  const path = `/deliveries/:id/${act.name}`;
  const posted = form({
    path,
    needs: 'steer',
    params: deliveryParams,
    form: fields,
    answer: (visit) => carryOut(visit, act),
  });
  if (act.asks === undefined) return [posted];
  return [page({ path, needs: 'steer', params: deliveryParams, answer: (visit) => asked(visit, act) }), posted];
};

export const actRoutes: readonly ConsoleRoute[] = Object.values(acts).flatMap(ofAct);
