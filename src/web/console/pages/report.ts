import { z } from 'zod';
import { blocksHtml, fieldsHtml, mostSources, type Written } from '../../../wording/report-blocks-html.js';
import { sampleTitle } from '../../../wording/report-sample.js';
import { reportSections, type ReportSection } from '../../../wording/report-sections.js';
import type { Field } from '../../../wording/terminal-text.js';
import { seenBefore, type DeliveryReport, type DeliveryStanding, type ReportSample } from '../../../client/index.js';
import { escapedHtml, html, type Html } from '../html.js';
import { page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant, shortHash } from '../shown-values.js';
import { deliveryParams, deliveryPath } from './delivery-address.js';
import { deliveryFrame } from './delivery-frame.js';
import { findingsList } from './findings.js';
import { mailFrame, previewPath } from './mail-frame.js';

const query = z.object({ against: z.string().max(64).optional().catch(undefined) });

type ReportVisit = Visit<'read', z.output<typeof deliveryParams>, z.output<typeof query>>;

async function reportPage(visit: ReportVisit): Promise<Answer> {
  const { sealpost, ledger, operator, visitor, params, query: asked } = visit;
  const delivery = await sealpost.delivery(params.id).standing();
  const addresses = visitor.may.has('recipients');
  const made = await ledger.report({
    ...delivery,
    addresses,
    against: comparison(delivery, operator.id, asked.against),
  });
  const report = made && (addresses ? made : withoutRecipients(made));
  const body = report ? reportBody(visit, delivery, report) : beingMade;
  return { page: deliveryFrame(visit, delivery, { page: 'report', title: 'Report', body }) };
}

/** The revision that a report compares with, where not the one before: as it was asked for, else what this person saw last. */
export function comparison(delivery: DeliveryStanding, operator: string, asked?: string): string | undefined {
  if (asked !== undefined && asked !== '') return asked;
  const seen = seenBefore(delivery, operator);
  return seen?.revision === delivery.revision ? undefined : seen?.revision;
}

/** Whoever may not see recipients sees how many there are. */
function withoutRecipients({ analysis, difference, ...report }: DeliveryReport): DeliveryReport {
  const counted = ({ count }: { count: number }) => ({ count, first: [] });
  return {
    ...report,
    ...(analysis && { analysis: { ...analysis, samples: [] } }),
    ...(difference && {
      difference: {
        ...difference,
        target: {
          gained: counted(difference.target.gained),
          lost: counted(difference.target.lost),
          changed: counted(difference.target.changed),
        },
      },
    }),
  };
}

/** In place of what takes longer than a page waits; a script asks again. */
const beingMade: Html = html`<p class="making" role="status" data-again>
  The report is being made. <a href="">Look again</a>
</p>`;

function reportBody(visit: ReportVisit, delivery: DeliveryStanding, report: DeliveryReport): Html {
  const sections = reportSections(report).filter(
    ({ id }) => id !== 'samples' || visit.visitor.may.has('recipients') || !report.analysis,
  );
  const written: Written = {
    sources: mostSources,
    sample: (sample, fields) => sampleHtml(delivery.id, sample, fields).text,
  };
  return html`<nav class="contents" aria-label="Parts of the report">
      <ul>
        ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}
      </ul>
    </nav>
    <div class="report">${sections.map((section) => shownSection(visit, delivery, report, section, written))}</div>`;
}

function shownSection(
  visit: ReportVisit,
  delivery: DeliveryStanding,
  report: DeliveryReport,
  { id, title, blocks }: ReportSection,
  written: Written,
): Html {
  // Commands are for terminals: here are buttons. Findings are told with why they matter.
  const shown = blocks.filter(({ kind }) => kind !== 'commands' && kind !== 'findings');
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${id === 'difference' && chooser(visit, delivery, report)} ${id === 'findings' && findingsList(report.findings)}
    ${escapedHtml(blocksHtml(shown, written))}
  </section>`;
}

/** What the report compares with: another choice is another address. */
function chooser({ operator }: ReportVisit, delivery: DeliveryStanding, report: DeliveryReport): Html | undefined {
  const others = delivery.revisions.filter(({ hash }) => hash !== delivery.revision);
  if (others.length === 0) return undefined;
  const seen = seenBefore(delivery, operator.id);
  return html`<form class="chooser" method="get" action="${deliveryPath(delivery.id, 'report')}#difference">
    <label for="against">Compared with</label>
    <select id="against" name="against" data-submit>
      ${others.map(
        ({ hash, author, createdAt }) =>
          html`<option value="${hash}" ${hash === report.difference?.against && html`selected`}>
            ${hash.slice(0, 12)} by ${author},
            ${createdAt.slice(0, 10)}${hash === seen?.revision && ', which you saw last'}
          </option>`,
      )}
    </select>
    <button>Compare</button>
    ${
      seen &&
      html`<p class="hint">
        You last said a word on it
        ${instant(seen.at)}${seen.seal !== undefined && html`, on seal ${shortHash(seen.seal, 8)}`}.
      </p>`
    }
  </form>`;
}

function sampleHtml(id: string, sample: ReportSample, fields: readonly Field[]): Html {
  const title = sampleTitle(sample);
  return html`<article class="sample">
    <h3>${title}</h3>
    ${escapedHtml(fieldsHtml(fields))}
    ${sample.html !== undefined && mailFrame(id, { row: sample.row, title: `Message: ${title}`, lazy: true })}
    <details ${sample.html === undefined && html`open`}>
      <summary>Text part</summary>
      <pre dir="auto" tabindex="0">${sample.text}</pre>
    </details>
    <p><a href="${previewPath(id, { row: sample.row })}">Look at it closely</a></p>
  </article>`;
}

export const reportRoutes: readonly ConsoleRoute[] = [
  page({ path: '/deliveries/:id/report', needs: 'read', params: deliveryParams, query, answer: reportPage }),
];
