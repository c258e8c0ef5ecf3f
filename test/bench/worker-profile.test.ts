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

test('the kernel says how long threads worked, the samples on what', () => {
  const thread = (id: number, name: string, cpuSeconds: number): Thread => ({ process: 7, id, name, cpuSeconds });
  const window = { from: 0, until: 1_035 };
  const profiles = [
    { process: 7, thread: 0, profile: profileOf([render, idle, write]) },
    { process: 7, thread: 1, profile: profileOf([render, render, render]) },
  ];
  const threads = [thread(7, 'node', 3), thread(8, 'tokio-runtime-w', 1), thread(9, 'node', 0.5)];
  const found = whereTimeGoes(profiles, window, threads);
  expect(found.map(({ part }) => part)).toEqual(['rendering', 'SMTP', 'Temporal', 'threads of Node and V8']);
  const seconds = [1.5, 1.5, 1.00003, 0.49997];
  found.forEach(({ cpuSeconds }, i) => expect(cpuSeconds).toBeCloseTo(seconds[i] ?? NaN, 6));
  expect(whereTimeGoes(profiles.slice(0, 1), window, [])).toEqual([
    { part: 'rendering', cpuSeconds: 1e-5 },
    { part: 'SMTP', cpuSeconds: 1e-5 },
  ]);
});
