import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identify, identifyIfAlive, isAlive, processCommand, signalProcess } from '../../src/local/process-identity.js';

function sleeper(command = 'sleep', args = ['1000']) {
  const child = spawn(command, args, { stdio: 'ignore' });
  if (child.pid === undefined) throw new Error('no child');
  return { child, identity: identify(child.pid) };
}

test('a process is itself until it has ended', async () => {
  const { child, identity } = sleeper();
  expect(isAlive(identity)).toBe(true);
  expect(signalProcess(identity, 'SIGKILL')).toBe(true);
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
  expect(signalProcess(identity, 'SIGKILL')).toBe(false);
});

test('another process under the same pid is not it, and gets no signal meant for it', () => {
  const { child, identity } = sleeper();
  const former = { ...identity, startTime: 'another/1' };
  expect(isAlive(former)).toBe(false);
  expect(signalProcess(former, 'SIGKILL')).toBe(false);
  expect(isAlive(identity)).toBe(true);
  child.kill('SIGKILL');
});

test('one that is dead and waits for its parent is not alive', async () => {
  // The shell's child ends, and the shell, which execs into sleep, never asks for it.
  const child = spawn('sh', ['-c', 'sh -c "echo \\$\\$; exit 0" & exec sleep 1000'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  while (identifyIfAlive(pid) !== undefined) await new Promise((done) => setImmediate(done));
  // Still in the process table: a signal finds it.
  expect(() => process.kill(pid, 0)).not.toThrow();
  child.kill('SIGKILL');
});

test('the command line tells processes apart', () => {
  const { child, identity } = sleeper('sleep', ['1000.5']);
  expect(processCommand(identity.pid)).toContain('sleep 1000.5');
  child.kill('SIGKILL');
  expect(processCommand(2 ** 22 + 1)).toBe('');
});
