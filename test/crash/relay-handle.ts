import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RelayNews, RelayOrder, RelayRecord, RelayScript } from './relay-script.js';

const program = fileURLToPath(new URL('../../dist/test/crash/relay-process.js', import.meta.url));

/** A relay in a process of its own. */
export interface RelayHandle {
  port: number;
  /** Resolves when somebody waits to be admitted. */
  knocked: Promise<void>;
  /** Resolves when the marked message is held. */
  held: Promise<void>;
  order: (order: RelayOrder) => void;
  freeze: () => void;
  thaw: () => void;
  /** SIGKILL, and a new one on the same port that holds and refuses nothing. */
  replace: () => Promise<void>;
  /** All that it has recorded so far. */
  record: () => Promise<RelayRecord[]>;
  close: () => Promise<void>;
}

export async function startRelay(script: RelayScript): Promise<RelayHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-relay-'));
  const file = join(folder, 'record');
  let child = await spawnRelay(file, 0);
  const knocked = once(child.process, 'knocked').then(() => undefined);
  const held = once(child.process, 'held').then(() => undefined);
  const order = (one: RelayOrder) => {
    // One that was killed hears nothing more.
    if (child.process.connected) child.process.send(one);
  };
  order({ kind: 'script', script });
  const kill = async () => {
    const exited = once(child.process, 'exit');
    child.process.kill('SIGKILL');
    await exited;
  };
  return {
    port: child.port,
    knocked,
    held,
    order,
    freeze: () => child.process.kill('SIGSTOP'),
    thaw: () => child.process.kill('SIGCONT'),
    replace: async () => {
      await kill();
      child = await spawnRelay(file, child.port);
    },
    record: async () => {
      const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as RelayRecord);
    },
    close: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function spawnRelay(file: string, port: number): Promise<{ process: ChildProcess; port: number }> {
  if (!existsSync(program)) throw new Error(`${program} is missing: run "npm run build:crash"`);
  const child = fork(program, [file, String(port)], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.on('message', (news: RelayNews) => child.emit(news.kind, news));
  const [news] = (await once(child, 'listening')) as [Extract<RelayNews, { kind: 'listening' }>];
  return { process: child, port: news.port };
}
