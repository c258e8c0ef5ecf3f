import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/local/free-port.js';

/** Postfix's own test programs: a client that sends the same message over and over, and a server that drops it. */
export interface PostfixPrograms {
  source: string;
  sink: string;
}

/** Debian has them in the last one, where an ordinary user's PATH does not lead. */
const usualFolders = [...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), '/usr/sbin'];

/** @throws Error that says where to get them */
export function findPostfixPrograms(folders: readonly string[] = usualFolders): PostfixPrograms {
  const find = (name: string) => folders.map((folder) => join(folder, name)).find(isProgram);
  const [source, sink] = [find('smtp-source'), find('smtp-sink')];
  if (source !== undefined && sink !== undefined) return { source, sink };
  throw new Error(
    '--smtp-source needs the programs smtp-source and smtp-sink, on the PATH or in /usr/sbin. They come with Postfix, which need not run: apt-get install --no-install-recommends postfix',
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface SmtpSink {
  port: number;
  pid: number;
  /** That it has taken so far. */
  messages(): number;
  stop(): Promise<void>;
}

/**
 * A `kill -9` of this process leaves the sink behind.
 *
 * @param log - a file for its counters: one write of it a message, whichever side sends
 */
export async function startSmtpSink(program: string, log: string): Promise<SmtpSink> {
  const port = await freePort(0);
  const counters = openSync(log, 'w+');
  // It refuses to work as root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(program, [...user, '-c', `127.0.0.1:${port}`, '256'], { stdio: ['ignore', counters, 'pipe'] });
  const failed = endOf(child).then((end) => {
    throw new Error(`smtp-sink has ended: ${end}`);
  });
  failed.catch(() => undefined);
  const stop = async (): Promise<void> => {
    child.kill();
    await failed.catch(() => undefined);
    closeSync(counters);
  };
  try {
    await Promise.race([untilItAccepts(port), failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, pid: child.pid ?? 0, messages: () => lastCount(counters), stop };
}

/** Those of a session are complete when it ends, and of a message when it has come in full. */
function lastCount(counters: number): number {
  const tail = Buffer.alloc(256);
  const { size } = fstatSync(counters);
  const length = readSync(counters, tail, 0, tail.length, Math.max(0, size - tail.length));
  return Number([...tail.toString('latin1', 0, length).matchAll(/mesg=(\d+)\r/g)].at(-1)?.[1] ?? 0);
}

async function untilItAccepts(port: number): Promise<void> {
  while (!(await accepts(port))) await sleep(50);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function endOf(child: ChildProcess): Promise<string> {
  const said = child.stderr ? text(child.stderr) : Promise.resolve('');
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return `${(await said).trim()} (${signal ?? `exit code ${code}`})`;
}

export interface SourceOptions {
  port: number;
  connections: number;
  messages: number;
  /** Of each message, without its five headers. */
  bytes: number;
  signal: AbortSignal;
}

/** The same message to the same person, over connections that stay open. */
export async function runSmtpSource(program: string, options: SourceOptions): Promise<{ seconds: number }> {
  const { port, connections, messages, bytes, signal } = options;
  const sizes = ['-s', connections, '-m', messages, '-l', bytes].map(String);
  const names = ['-M', 'bench.example', '-f', 'news@fernlea.example', '-t', 'person@shop.example'];
  const begun = performance.now();
  const child = spawn(program, ['-d', ...sizes, ...names, `127.0.0.1:${port}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  const end = await endOf(child);
  if (child.exitCode !== 0) throw new Error(`smtp-source has failed: ${end}`);
  return { seconds: (performance.now() - begun) / 1_000 };
}
