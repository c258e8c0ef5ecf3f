import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { dataFolder, type DataFolder } from '../../src/local/data-folder.js';
import { startDetached } from '../../src/local/detached-process.js';
import { freePort } from '../../src/local/free-port.js';
import { installPostgres, postgresPackage } from '../../src/local/postgres-binaries.js';
import { startPostgresServer, type PostgresServer } from '../../src/local/postgres-server.js';
import { identify, identifyIfAlive, isAlive } from '../../src/local/process-identity.js';
import { clearLeftovers } from '../../src/local/run-file.js';
import { temporaryFolder } from './temporary-folder.js';

const asRoot = process.getuid?.() === 0;
const running: PostgresServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function start(folder: DataFolder, said: string[] = [], user?: { uid: number; gid: number }) {
  const server = await startPostgresServer({
    folder,
    report: (text) => said.push(text),
    signal: new AbortController().signal,
    preferredPort: 0,
    user,
  });
  running.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, ssl: false });
  await client.connect();
  try {
    const result = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return result.rows.flat();
  } finally {
    await client.end();
  }
}

const newFolder = () => dataFolder({ SEALPOST_HOME: temporaryFolder() });
const postmaster = (folder: DataFolder) =>
  identify(Number.parseInt(readFileSync(join(folder.postgres, 'data', 'postmaster.pid'), 'utf8'), 10));

describe('one cluster through its life', () => {
  const folder = newFolder();

  test('a killed initdb counts for nothing; the new cluster is durable, UTF-8, and closed to all but its password', async () => {
    const left = `${folder.postgres}.unfinished-0123456789ab`;
    mkdirSync(join(left, 'data'), { recursive: true });
    const { migrateUrl, databaseUrl } = await start(folder);
    expect(existsSync(left)).toBe(false);
    const settings = [
      'fsync',
      'synchronous_commit',
      'server_encoding',
      'data_checksums',
      'listen_addresses',
      'unix_socket_directories',
    ];
    const shown = settings.map((name) => `current_setting('${name}')`).join(', ');
    expect(await query(migrateUrl, `SELECT ${shown}, lower('Ä'), 'a' < 'B'`)).toEqual([
      'on',
      'on',
      'UTF8',
      'on',
      '127.0.0.1',
      '',
      'ä',
      false,
    ]);
    const url = new URL(migrateUrl);
    expect(url.pathname).toBe('/sealpost');
    url.password = 'guess';
    await expect(query(url.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect(statSync(folder.postgres).mode & 0o077).toBe(0);
    if (asRoot) expect(statSync(folder.postgres).uid).not.toBe(0);
    await query(migrateUrl, 'CREATE TABLE kept AS SELECT 7 AS n');
    // The application's role has what it is granted, and nothing else.
    await expect(query(databaseUrl, 'SELECT n FROM kept')).rejects.toThrow('permission denied');
    await expect(query(databaseUrl, 'CREATE TABLE own ()')).rejects.toThrow('permission denied');
    expect(databaseUrl).not.toContain(new URL(migrateUrl).password);
  });

  test('its data survives a restart, and a postmaster that is killed while it runs', async () => {
    const said: string[] = [];
    expect(existsSync(join(folder.postgres, 'data', 'postmaster.pid'))).toBe(false);
    const { migrateUrl } = await start(folder, said);
    expect(await query(migrateUrl, 'SELECT n FROM kept')).toEqual([7]);
    process.kill(postmaster(folder).pid, 'SIGKILL');
    while (!said.includes('runs again')) await new Promise((done) => setImmediate(done));
    expect(await query(migrateUrl, 'SELECT n FROM kept')).toEqual([7]);
    expect(said).not.toContain('making the database');
  });

  /** A server without a supervisor that would start it again. */
  const leaveRunning = async (recordedIn: DataFolder) => {
    const { uid, gid } = statSync(folder.postgres);
    const left = startDetached({
      part: 'postgres',
      folder: recordedIn,
      logFile: folder.postgresLog,
      env: {},
      user: asRoot ? { uid, gid } : undefined,
      command: [
        join(installPostgres(folder.path).bin, 'postgres'),
        '-D',
        join(folder.postgres, 'data'),
        '-k',
        '',
        '-p',
        String(await freePort(0)),
      ],
    });
    while (!existsSync(join(folder.postgres, 'data', 'postmaster.pid')))
      await new Promise((done) => setImmediate(done));
    return left.identity;
  };

  test('left running by a killed supervisor, it is ended by the run file', async () => {
    const left = await leaveRunning(folder);
    await clearLeftovers(folder, () => undefined);
    expect(isAlive(left)).toBe(false);
  });

  test('left running without a run file, it is ended by its pid file', async () => {
    const left = await leaveRunning(newFolder());
    const { migrateUrl } = await start(folder);
    expect(isAlive(left)).toBe(false);
    expect(await query(migrateUrl, 'SELECT n FROM kept')).toEqual([7]);
  });

  test('a pid file whose pid somebody else has now is forgotten', async () => {
    // Of the same user: Postgres itself takes no notice of others, nor of its parent.
    const { uid, gid } = statSync(folder.postgres);
    const alien = spawn('sleep', ['1000'], { stdio: 'ignore', ...(asRoot && { uid, gid }) });
    const file = join(folder.postgres, 'data', 'postmaster.pid');
    writeFileSync(file, `${alien.pid}\n${folder.postgres}/data\n1\n5433\n\n127.0.0.1\n`);
    const { migrateUrl } = await start(folder);
    expect(await query(migrateUrl, 'SELECT n FROM kept')).toEqual([7]);
    expect(alien.kill('SIGKILL')).toBe(true);
  });

  test('a pid file of a dead process that nobody has buried yet is forgotten', async () => {
    const { uid, gid } = statSync(folder.postgres);
    // The child ends only after `exec` has made its parent a program that does not wait for children.
    const pidFile = join(folder.postgres, 'zombie');
    const parent = spawn('/bin/sh', ['-c', 'exec 3<&0; cat <&3 & echo $! >"$0"; exec tail -f "$0"', pidFile], {
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(asRoot && { uid, gid }),
    });
    try {
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const zombie = Number(line.toString());
      parent.stdin.end();
      while (identifyIfAlive(zombie)) await new Promise((done) => setImmediate(done));
      const file = join(folder.postgres, 'data', 'postmaster.pid');
      writeFileSync(file, `${zombie}\n${folder.postgres}/data\n1\n5433\n\n127.0.0.1\n`);
      const { migrateUrl } = await start(folder);
      // It still has its pid.
      expect(process.kill(zombie, 0)).toBe(true);
      expect(await query(migrateUrl, 'SELECT n FROM kept')).toEqual([7]);
    } finally {
      parent.kill('SIGKILL');
    }
  });
});

test('data of another major version is not touched', async () => {
  const folder = newFolder();
  mkdirSync(join(folder.postgres, 'data'), { recursive: true });
  writeFileSync(join(folder.postgres, 'data', 'PG_VERSION'), '17\n');
  await expect(start(folder)).rejects.toThrow(/was made by Postgres 17, and this is Postgres 18/);
  expect(readdirSync(join(folder.postgres, 'data'))).toEqual(['PG_VERSION']);
});

test('the programs are copied whole, readable for everybody, with the links that install scripts would have made', () => {
  const [into, from] = [temporaryFolder(), temporaryFolder()];
  // As unpacked by an installer with a strict umask and without scripts.
  writeFileSync(join(from, 'package.json'), '{"version":"18.1.0-beta.2"}');
  for (const name of ['bin', 'lib']) mkdirSync(join(from, 'native', name), { recursive: true, mode: 0o700 });
  writeFileSync(join(from, 'native/bin/postgres'), '#!/bin/sh\n', { mode: 0o600 });
  writeFileSync(join(from, 'native/lib/libx.so.1.2'), 'x', { mode: 0o600 });
  writeFileSync(
    join(from, 'native/pg-symlinks.json'),
    '[{"source":"native/lib/libx.so.1.2","target":"native/lib/libx.so.1"}]',
  );
  mkdirSync(join(into, 'postgres-18.1.0-beta.2.unfinished-0123456789ab'));

  const binaries = installPostgres(into, from);
  expect(binaries).toEqual({ bin: join(into, 'postgres-18.1.0-beta.2', 'bin'), major: '18' });
  expect(readdirSync(into)).toEqual(['postgres-18.1.0-beta.2']);
  const mode = (path: string) => statSync(join(into, 'postgres-18.1.0-beta.2', path)).mode & 0o777;
  expect([mode('bin'), mode('bin/postgres'), mode('lib/libx.so.1')]).toEqual([0o755, 0o755, 0o644]);
  expect(readlinkSync(join(into, 'postgres-18.1.0-beta.2/lib/libx.so.1'))).toBe('libx.so.1.2');
});

test('the platform’s package is found', () => {
  expect(existsSync(join(postgresPackage(), 'native', 'bin', 'initdb'))).toBe(true);
});

// Only root has another user to run it as.
if (asRoot)
  describe('as root', () => {
    test('it can run as nobody, and goes on as whoever made the data', async () => {
      const folder = newFolder();
      await start(folder, [], { uid: 65534, gid: 65534 });
      await running.pop()?.stop();
      const { migrateUrl } = await start(folder);
      expect(await query(migrateUrl, 'SELECT 1')).toEqual([1]);
      expect(statSync(folder.postgres).uid).toBe(65534);
    });

    test('a data folder that its user cannot reach is an error that names the closed folder', async () => {
      const closed = temporaryFolder();
      const folder = dataFolder({ SEALPOST_HOME: join(closed, 'data') });
      mkdirSync(folder.path);
      chmodSync(closed, 0o700);
      await expect(start(folder)).rejects.toThrow(new RegExp(`cannot pass through \\S*${closed} .*SEALPOST_HOME`));
      expect(readdirSync(folder.path)).toEqual([]);
    });
  });
