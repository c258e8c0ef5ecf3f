import type { Thread } from './process-usage.js';
import { timeByPart, whereTimeGoes, type CpuProfile } from './worker-profile.js';

const file = (path: string) => `file:///srv/sealpost/${path}`;

/** A chain of frames, outermost first; the last one is sampled. */
function profileOf(stacks: readonly (readonly (readonly [name: string, url: string])[])[]): CpuProfile {
  const nodes: CpuProfile['nodes'] = [{ id: 1, callFrame: { functionName: '(root)', url: '' }, children: [] }];
  const samples = stacks.map((stack) =>
    stack.reduce((parent, [functionName, url]) => {
      const id = nodes.length + 1;
      nodes.push({ id, callFrame: { functionName, url }, children: [] });
      nodes[parent - 1]?.children?.push(id);
      return id;
    }, 1),
  );
  return { nodes, startTime: 1_000, samples: [...samples, 1], timeDeltas: [...samples.map(() => 10), 10] };
}

test.each([
  ['rendering', [['render', file('dist/src/content/personalise.js')]]],
  [
    'rendering',
    [
      ['fill', file('dist/src/mime/compose-message.js')],
      ['concat', 'node:buffer'],
      ['copy', ''],
    ],
  ],
  [
    'signing',
    [
      ['sendOne', file('dist/activities/send-claimed.js')],
      ['sign', file('dist/src/mime/dkim-signature.js')],
    ],
  ],
  [
    'SMTP',
    [
      ['onStreamRead', 'node:internal/stream_base_commons'],
      ['read', file('dist/src/smtp/smtp-session.js')],
      ['writev', ''],
    ],
  ],
  ['SMTP', [['connect', file('node_modules/nodemailer/lib/smtp-connection/index.js')]]],
  ['Postgres', [['claim', file('dist/src/store/claims.js')]]],
  [
    'Postgres',
    [
      ['parse', file('node_modules/pg-protocol/dist/parser.js')],
      ['toString', 'node:buffer'],
    ],
  ],
  ['Temporal', [['decode', file('node_modules/@temporalio/proto/protos/root.js')]]],
  ['batches', [['sendOne', file('dist/activities/send-claimed.js')]]],
  ['Node’s sockets, timers and promises', [['onStreamRead', 'node:internal/stream_base_commons']]],
  ['Node’s sockets, timers and promises', [['(program)', '']]],
  [
    'garbage collection',
    [
      ['render', file('dist/src/content/personalise.js')],
      ['(garbage collector)', ''],
    ],
  ],
] as const)('%s, by the innermost frame that says so', (part, stack) => {
  expect([...timeByPart(profileOf([stack]), { from: 0, until: 5_000 })]).toContainEqual([part, 10]);
});

const render = [['render', file('dist/src/content/personalise.js')]] as const;
const write = [['handOver', file('dist/src/smtp/smtp-session.js')]] as const;
const idle = [['(idle)', '']] as const;

test('an idle thread counts for nothing, nor does what was before and after', () => {
  const profile = profileOf([render, render, idle, write, render]);
  expect([...timeByPart(profile, { from: 1_015, until: 1_045 })]).toEqual([
    ['rendering', 10],
    ['SMTP', 10],
  ]);
});

test('the kernel says how long threads worked, the samples what the first one worked on', () => {
  const threads = [
    ['node', 3],
    ['node', 0.5],
    ['v8:ProfEvntProc', 0.25],
    ['node', 0.75],
    ['node', 0.75],
    ['tokio-runtime-w', 0.125],
    ['node', 2],
    ['v8:ProfEvntProc', 0.25],
    ['node', 0.5],
  ].map(([name, cpuSeconds], i) => ({ process: 70, id: 70 + i, name, cpuSeconds }) as Thread);
  const profiles = new Map([[70, profileOf([render, idle, write])]]);
  expect(whereTimeGoes(profiles, { from: 0, until: 1_035 }, threads.toReversed())).toEqual([
    { part: 'Temporal', cpuSeconds: 2.125 },
    { part: 'signing', cpuSeconds: 2 },
    { part: 'rendering', cpuSeconds: 1.5 },
    { part: 'SMTP', cpuSeconds: 1.5 },
    { part: 'V8’s other threads', cpuSeconds: 0.5 },
  ]);
  expect(whereTimeGoes(profiles, { from: 0, until: 1_035 }, [])).toEqual([
    { part: 'rendering', cpuSeconds: 1e-5 },
    { part: 'SMTP', cpuSeconds: 1e-5 },
  ]);
});
