import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '../../src/local/process-identity.js';
import { obtainTemporal, TemporalUnavailableError } from '../../src/local/obtain-temporal.js';
import type { FetchTemporal } from '../../src/local/temporal-download.js';
import { temporaryFolder } from './temporary-folder.js';

const version = (server = '1.29.1') => `#!/bin/sh\necho "temporal version 1.8.2 (Server ${server}, UI 2.42.1)"\n`;

function program(path: string, script: string): string {
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

/** A `go` that counts its runs and leaves what it is told to. */
function go(folder: string, then: string): string {
  return program(
    join(folder, 'go'),
    `#!/bin/sh\necho run >> ${folder}/go-runs\necho "$@" > ${folder}/go-arguments\n${then}\n`,
  );
}
const building = `printf '%s' '${version()}' > "$GOBIN/temporal"; chmod 755 "$GOBIN/temporal"`;
const goRuns = (folder: string) =>
  existsSync(join(folder, 'go-runs')) ? readFileSync(join(folder, 'go-runs'), 'utf8').trim().split('\n').length : 0;

const refused: FetchTemporal = () => Promise.reject(new Error('no way out'));
const downloading: FetchTemporal = (folder) => Promise.resolve(program(join(folder, 'temporal-cli-v1.8.2'), version()));

function setting() {
  const [bin, cache] = [temporaryFolder(), join(temporaryFolder(), 'cache')];
  const said: string[] = [];
  const [cached, built] = ['temporal-cli-1.8.2', 'temporal-cli-1.5.1-sqlite-1.51.0'].map((name) =>
    join(cache, name),
  ) as [string, string];
  const shared = temporaryFolder();
  const obtain = (download: FetchTemporal = refused, signal = new AbortController().signal) =>
    obtainTemporal({
      env: { PATH: `${bin}:/usr/bin:/bin`.replace('/usr/bin:/bin', '/bin'), HOME: bin },
      cacheFolder: cache,
      sharedCacheFolder: shared,
      report: (text) => said.push(text),
      signal,
      download,
    });
  return { bin, cache, cached, built, shared, said, obtain };
}

describe('the ways to a Temporal server, in their order', () => {
  test('the PATH comes first', async () => {
    const { bin, cache, cached, obtain } = setting();
    mkdirSync(cache);
    program(cached, version());
    const path = program(join(bin, 'temporal'), version());
    expect(await obtain()).toEqual({ path, way: 'path' });
  });

  test.each([
    ['is too old', version('1.24.2')],
    ['is something else', '#!/bin/sh\necho temporal paste 1.0\n'],
    ['does not run', '#!/bin/sh\nexit 3\n'],
  ])('one on the PATH that %s is passed over for the cache', async (_what, script) => {
    const { bin, cache, cached, obtain } = setting();
    mkdirSync(cache);
    program(cached, version());
    program(join(bin, 'temporal'), script);
    expect(await obtain()).toEqual({ path: cached, way: 'cache' });
  });

  test('a cache of others is as good, and stays as it is', async () => {
    const { cache, shared, obtain } = setting();
    const path = program(join(shared, 'temporal-cli-1.8.2'), version());
    expect(await obtain()).toEqual({ path, way: 'cache' });
    expect([existsSync(cache), readdirSync(shared)]).toEqual([false, ['temporal-cli-1.8.2']]);
  });

  test('then the download, once', async () => {
    const { bin, cached, obtain } = setting();
    go(bin, building);
    expect(await obtain(downloading)).toEqual({ path: cached, way: 'download' });
    expect(await obtain(refused)).toEqual({ path: cached, way: 'cache' });
    expect(goRuns(bin)).toBe(0);
  });

  test('then the build, once, with a database driver that does not fail for good', async () => {
    const { bin, built, obtain } = setting();
    go(bin, `cp go.mod ${bin}/go-module; ${building}`);
    expect(await obtain()).toEqual({ path: built, way: 'build' });
    expect(await obtain()).toEqual({ path: built, way: 'cache' });
    expect(goRuns(bin)).toBe(1);
    expect(readFileSync(join(bin, 'go-arguments'), 'utf8')).toBe('install -v github.com/temporalio/cli/cmd/temporal\n');
    expect(readFileSync(join(bin, 'go-module'), 'utf8')).toContain('modernc.org/sqlite v1.51.0');
  });

  test('else an error that names all five, and why each fails', async () => {
    const { obtain } = setting();
    const error = await obtain().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TemporalUnavailableError);
    for (const word of [
      'TEMPORAL_ADDRESS',
      'PATH: it is not there',
      'temporal-cli-1.8.2 is not there',
      'temporal-cli-1.5.1-sqlite-1.51.0 is not there',
      'no way out',
      'no command go',
    ]) {
      expect(String(error)).toContain(word);
    }
  });
});

describe('what is half done never counts', () => {
  test.each([
    ['a build that fails', `${building}; echo 'go: no such module' >&2; exit 1`, 'go: no such module'],
    [
      'a build that leaves a program that does not run',
      ': > "$GOBIN/temporal"; chmod 755 "$GOBIN/temporal"',
      'of no use',
    ],
    ['a build that leaves nothing', 'exit 0', 'is not there'],
  ])('%s', async (_what, then, reason) => {
    const { bin, cache, obtain } = setting();
    go(bin, then);
    await expect(obtain()).rejects.toThrow(reason);
    expect(readdirSync(cache)).toEqual(['lock']);
  });

  test('what a killed build left is cleared, and a broken copy in the cache replaced', async () => {
    const { cache, cached, obtain } = setting();
    const left = `${cached}.unfinished-0123456789ab`;
    mkdirSync(left, { recursive: true });
    program(join(left, 'temporal'), version());
    program(cached, '');
    expect(await obtain(downloading)).toEqual({ path: cached, way: 'download' });
    expect(readdirSync(cache).sort()).toEqual(['lock', 'temporal-cli-1.8.2']);
  });

  test('giving up ends the build', async () => {
    const { bin, cache, obtain } = setting();
    const giveUp = new AbortController();
    go(bin, `echo $$ > ${bin}/pid; exec sleep 1000`);
    const obtained = obtain(refused, giveUp.signal);
    while (!existsSync(join(bin, 'pid'))) await new Promise((done) => setImmediate(done));
    giveUp.abort();
    await expect(obtained).rejects.toThrow('abort');
    expect(() => identify(Number(readFileSync(join(bin, 'pid'), 'utf8')))).toThrow('has ended');
    expect(readdirSync(cache)).toEqual(['lock']);
  });
});

test('of several at a time one builds, the others wait for it', async () => {
  const { bin, built, said, obtain } = setting();
  // The build goes on until the others are known to wait.
  go(bin, `while [ ! -e ${bin}/go-on ]; do sleep 0.05; done; ${building}`);
  const starts = [obtain(), obtain(), obtain()];
  while (said.filter((text) => text.startsWith('waiting')).length < 2) await new Promise((done) => setImmediate(done));
  writeFileSync(join(bin, 'go-on'), '');
  const binaries = await Promise.all(starts);
  expect(binaries.map(({ path }) => path)).toEqual([built, built, built]);
  expect(binaries.map(({ way }) => way).sort()).toEqual(['build', 'cache', 'cache']);
  expect(goRuns(bin)).toBe(1);
});
