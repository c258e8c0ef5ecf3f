import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FetchTemporal } from './temporal-download.js';

const reportEveryMs = 5_000;

// The newest CLI that builds as a dependency (later ones have `replace` lines). Its own SQLite driver, 1.34.1, answers
// everything with "interrupted" for ever once enough requests were given up at a bad moment.
const versions = { cli: '1.5.1', sqlite: '1.51.0' };
const goModule = `module sealpost-temporal

go 1.25.0

require (
	github.com/temporalio/cli v${versions.cli}
	modernc.org/sqlite v${versions.sqlite}
)
`;

/** What the build brings, as part of a file name. */
export const builtVersion = `${versions.cli}-sqlite-${versions.sqlite}`;

/**
 * Builds the CLI from the Go module proxy. Go's own caches are used as Go always does, so a build that was interrupted
 * goes on where it was.
 *
 * @param go - the path of the `go` command
 */
export function goBuild(go: string, env: Readonly<Record<string, string | undefined>>): FetchTemporal {
  return (folder, report, signal) =>
    new Promise((resolve, reject) => {
      writeFileSync(join(folder, 'go.mod'), goModule);
      const child = spawn(go, ['install', '-v', 'github.com/temporalio/cli/cmd/temporal'], {
        cwd: folder,
        env: { ...env, ...goSettings(env, folder), GOBIN: folder },
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

function goSettings(env: Readonly<Record<string, string | undefined>>, folder: string): Record<string, string> {
  // Go completes our go.mod, and checks each module against its checksum database.
  const flags = [env['GOFLAGS'], '-mod=mod'];
  if (env['HOME']) return { GOFLAGS: flags.join(' ').trim(), GOWORK: 'off' };
  // Without a home (as some services run), Go has no place for its caches and refuses to work.
  return {
    GOPATH: env['GOPATH'] ?? join(folder, 'go'),
    GOCACHE: env['GOCACHE'] ?? join(folder, 'go-cache'),
    GOFLAGS: [...flags, '-modcacherw'].join(' ').trim(),
    GOWORK: 'off',
  };
}
