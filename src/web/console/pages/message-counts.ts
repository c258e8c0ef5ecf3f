import { percentOf, roughTime } from '../../../wording/progress-estimate.js';
import { grouped, plural } from '../../../delivery/plain-words.js';
import type { StatusCounts } from '../../../delivery/message-status.js';
import { html, type Html } from '../html.js';
import type { Pace } from '../ledger-view.js';
import { statusBar, statusWords } from '../status-bar.js';

/** How much is done, and while it is sent how fast and for how long yet. */
export function paceWords({ settled, total, phase, estimate }: Pace): string {
  const done = `${percentOf({ settled, total })} % of ${plural(total, 'message')} done`;
  if (phase !== 'sending' || !estimate) return `${done}.`;
  const rate = estimate.rate < 10 ? estimate.rate.toFixed(1) : grouped(estimate.rate);
  const left = estimate.secondsLeft === undefined ? '' : `, about ${roughTime(estimate.secondsLeft)} left`;
  return `${done}, ${rate} a second${left}.`;
}

/** The same, for a place that is renewed. */
export const paceText = (pace: Pace): Html => html`${paceWords(pace)}`;

/** A bar and a table of what became of the messages. */
export const figuresOf = (pace: Pace): Html => html`${statusBar(pace)} ${countsTable(pace.counts)}`;

/** Messages by status, those that there are. */
function countsTable(counts: StatusCounts): Html {
  return html`<table class="counts">
    <caption class="unseen">
      Messages by status
    </caption>
    <tbody>
      ${statusWords.map(([status, word]) => {
        const count = counts[status] ?? 0;
        return (
          count > 0 &&
          html`<tr>
            <th scope="row"><span class="dot ${status}"></span>${word}</th>
            <td class="number">${grouped(count)}</td>
          </tr>`
        );
      })}
    </tbody>
  </table>`;
}
