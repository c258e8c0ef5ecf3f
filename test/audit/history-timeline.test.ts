import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { historyTimeline } from '../../src/audit/history-timeline.js';
import type { StoredHistory } from '../../src/store/histories.js';

const folder = fileURLToPath(new URL('../histories', import.meta.url));

/** Runs of one recorded delivery. */
function recorded(outcome: string): StoredHistory[] {
  const files = readdirSync(folder).filter((name) => name.startsWith(`${outcome}-`) && name.endsWith('.json.gz'));
  return files.map((name) => {
    const { workflowId, events } = JSON.parse(gunzipSync(readFileSync(`${folder}/${name}`)).toString()) as {
      workflowId: string;
      events: StoredHistory['history']['events'];
    };
    return { workflowId, runId: name, startedAt: '', history: { events } };
  });
}

function lines(outcome: string, everything = false): string[] {
  return historyTimeline(recorded(outcome), everything).map(({ event, text }) => `${event} ${text}`);
}

test('a finished delivery is told step by step, parent and child in one order of time', () => {
  const told = lines('finished');
  const expected = [
    /^WORKFLOW_EXECUTION_STARTED delivery/,
    /^ACTIVITY_TASK_COMPLETED checkParameters · Step 1/,
    /^ACTIVITY_TASK_COMPLETED sendProofs · Step 2: send proof 1 · {"counts":{"sent":1},"root":"[0-9a-f]{64}"}/,
    /^ACTIVITY_TASK_COMPLETED sealAnalysis · Step 3: seal the analysis · {"seal":"[0-9a-f]{64}"/,
    /^WORKFLOW_EXECUTION_UPDATE_ACCEPTED decide · .*"verdict":"confirm"/,
    /^WORKFLOW_EXECUTION_STARTED sending/,
    /^ACTIVITY_TASK_COMPLETED sendBatch · Step 4: send batch 0/,
    /^WORKFLOW_EXECUTION_COMPLETED .*"outcome":"finished"/,
  ];
  const places = expected.map((pattern) => told.findIndex((line) => pattern.test(line)));
  expect(places.every((place) => place >= 0)).toBe(true);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test('bookkeeping is told only when it is asked for', () => {
  expect(lines('finished').some((line) => line.startsWith('WORKFLOW_TASK'))).toBe(false);
  expect(lines('finished', true).some((line) => line.startsWith('WORKFLOW_TASK'))).toBe(true);
});

test('what a stranger put into a signal is cut to a line that can be read', () => {
  const huge = { data: Buffer.from(JSON.stringify('x'.repeat(100_000))).toString('base64') };
  const event = {
    eventId: '1',
    eventTime: '2026-11-24T00:00:00Z',
    eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED',
    workflowExecutionSignaledEventAttributes: { signalName: 'junk', input: { payloads: [huge, {}] } },
  };
  const [entry] = historyTimeline([{ workflowId: 'w', runId: 'r', startedAt: '', history: { events: [event] } }]);
  expect(entry?.text).toMatch(/^junk · "x+…$/);
  expect(entry?.text.length).toBeLessThan(400);
});
