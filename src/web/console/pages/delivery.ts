import type { z } from 'zod';
import { entryText } from '../../../wording/journal-text.js';
import { isFinal, isUnderWay } from '../../../delivery/phase.js';
import { html, type Html } from '../html.js';
import { page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant } from '../shown-values.js';
import { actButtons, actRoutes } from './delivery-acts.js';
import { deliveryParams } from './delivery-address.js';
import { deliveryFrame } from './delivery-frame.js';
import { deliverySteps } from './delivery-steps.js';
import { newsScript, watchesDelivery } from './watch-marker.js';

async function deliveryPage(visit: Visit<'read', z.output<typeof deliveryParams>>): Promise<Answer> {
  const {
    sealpost,
    ledger,
    params: { id },
  } = visit;
  const delivery = await sealpost.delivery(id).standing();
  const [figures, pace] = await Promise.all([ledger.figures(id), ledger.pace(id, isFinal(delivery.phase))]);
  const body = html`${watchesDelivery('delivery', delivery)} ${deliverySteps(visit, { delivery, figures, pace })}
  ${lately(delivery.journal)}`;
  // What nothing brings back stands apart, but where it may be wanted fast.
  const acts = isUnderWay(delivery.phase) && actButtons(visit, delivery, ['resume', 'pause', 'stop']);
  return { page: deliveryFrame(visit, delivery, { body, acts, scripts: [newsScript] }) };
}

const shownEntries = 8;

function lately(journal: Parameters<typeof entryText>[0][]): Html {
  return html`<section class="lately" aria-labelledby="lately">
    <h2 id="lately">Lately</h2>
    <ul class="plain log">
      ${journal
        .slice(-shownEntries)
        .toReversed()
        .map((entry) => html`<li>${instant(entry.at)} <span dir="auto">${entryText(entry)}</span></li>`)}
    </ul>
  </section>`;
}

export const deliveryRoutes: readonly ConsoleRoute[] = [
  page({ path: '/deliveries/:id', needs: 'read', params: deliveryParams, answer: deliveryPage }),
  ...actRoutes,
];
