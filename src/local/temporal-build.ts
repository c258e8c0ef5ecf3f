import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FetchTemporal } from './temporal-download.js';

const reportEveryMs = 5_000;

/**
 * Builds the CLI from the Go module proxy. Go's own caches are used as Go always does, so a build that was interrupted
 * goes on where it was.
 *
 * @param go - the path of the `go` command
 * @param version - e.g. `v1.5.1`
 */
export function goBuild(go: string, version: string, env: Readonly<Record<string, string | undefined>>): FetchTemporal {
  return (folder, report, signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(go, ['install', '-v', `github.com/temporalio/cli/cmd/temporal@${version}`], {
        cwd: folder,
        env: { ...env, ...goFolders(env, folder), GOBIN: folder },
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const lines = createInterface(child.stderr);
      const progress = countLines();
      lines.on('line', (line) => progress.hear(line));
      const ticking = setInterval(() => report(progress.text()), reportEveryMs);
      const end = () => {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      };
      signal.addEventListener('abort', end);
      const settle = (error: Error | undefined) => {
        clearInterval(ticking);
        signal.removeEventListener('abort', end);
        if (error) reject(error);
        else resolve(join(folder, 'temporal'));
      };
      child.once('error', settle);
      child.once('close', (code) => settle(code === 0 ? undefined : new Error(progress.lastWords() || 'it was ended')));
    });
}

/** `go install -v` writes a line a module (`go: downloading …`) and a line a package. */
function countLines(): { hear(line: string): void; text(): string; lastWords(): string } {
  const started = Date.now();
  let [modules, packages] = [0, 0];
  let last: string[] = [];
  return {
    hear: (line) => {
      last = [...last, line].slice(-3);
      if (line.startsWith('go: downloading ')) modules++;
      else if (/^[a-z][\w.]*[\w./~-]*$/i.test(line)) packages++;
    },
    text: () => {
      const seconds = Math.round((Date.now() - started) / 1_000);
      return `building Temporal's server (about 5 minutes, once): ${seconds} s, ${modules} modules downloaded, ${packages} packages compiled`;
    },
    lastWords: () => last.join('; '),
  };
}

// Without a home (as some services run), Go has no place for its caches and refuses to work.
function goFolders(env: Readonly<Record<string, string | undefined>>, folder: string): Record<string, string> {
  if (env['HOME']) return {};
  return {
    GOPATH: env['GOPATH'] ?? join(folder, 'go'),
    GOCACHE: env['GOCACHE'] ?? join(folder, 'go-cache'),
    GOFLAGS: `${env['GOFLAGS'] ?? ''} -modcacherw`.trim(),
  };
}
