import { createHash } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { gate } from '../smtp/gate.js';
import { startScriptedRelay, type RelayStage } from '../smtp/scripted-relay.js';
import { seqOf, type RelayNews, type RelayOrder, type RelayRecord, type RelayScript } from './relay-script.js';

/**
 * A relay in a process of its own, so that it can be killed and frozen: `relay-process.js RECORD-FILE PORT`, steered
 * over Node's channel to its parent.
 */
const [file = '', port = '0'] = process.argv.slice(2);
const record = openSync(file, 'a');
const note = (line: RelayRecord) => writeSync(record, `${JSON.stringify(line)}\n`);
const tell = (news: RelayNews) => process.send?.(news);

let script: RelayScript | undefined;
let attempts = 0;
const replied = new Set<number>();
const admitted = gate();
const released = gate();
const over = gate();
const names = new Map<number, string>();

process.on('message', (order: RelayOrder) => {
  if (order.kind === 'script') script = order.script;
  else if (order.kind === 'admit') admitted.open();
  else if (order.kind === 'release') released.open();
  else over.open();
});
process.on('disconnect', () => process.exit());

const relay = await startScriptedRelay({
  port: Number(port),
  on: async (stage, { connection, line, recipient }) => {
    if (stage === 'connect' && script) {
      tell({ kind: 'knocked' });
      await admitted.opened;
    }
    if (stage === 'ehlo') names.set(connection, line.slice('EHLO '.length));
    const from = names.get(connection) ?? '';
    if (stage === 'dot') note({ kind: 'dot', from, recipient });
    const seq = seqOf(recipient);
    if (seq === script?.marked && stage === script.holdAt && (attempts += 1) === script.holdAttempt) {
      tell({ kind: 'held' });
      await released.opened;
    }
    const answer = await answerTo(stage, seq);
    if (answer?.startsWith('5')) note({ kind: 'refused', from, recipient });
    return answer;
  },
  onTaken: ({ recipient, messageId, bytes, connection }) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    note({ kind: 'taken', from: names.get(connection) ?? '', recipient, messageId, sha256 });
  },
});
tell({ kind: 'listening', port: relay.port });

const sentences = {
  '421': '421 4.3.2 going down for maintenance',
  '451': '451 4.7.1 come back later',
  '550': '550 5.1.1 no such user',
  drop: 'drop',
} as const;

async function answerTo(stage: RelayStage, seq: number): Promise<string | undefined> {
  if (!script || stage !== script.replyAt || script.reply === '250' || replied.has(seq)) return undefined;
  const { marked, beside, reply } = script;
  if (seq !== marked && !beside.includes(seq)) return undefined;
  replied.add(seq);
  if (reply !== 'hang') return sentences[reply];
  await over.opened;
  return 'drop';
}
