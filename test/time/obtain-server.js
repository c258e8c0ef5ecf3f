import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../../dist/src/local/data-folder.js';

const run = promisify(execFile);
const pom = fileURLToPath(new URL('./pom.xml', import.meta.url));

// The SDK starts its test server from one executable file, to which it gives the port and the flag for skipping time.
const launcher = `#!/bin/sh
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx512m -cp "$(dirname "$0")/*" io.temporal.testserver.TestServer "$@" 2>/dev/null
`;

/** Sees once for all time tests that the time-skipping server is there: Maven brings it into our cache. */
export default async function obtainServer() {
  await demand('java');
  const name = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12);
  const cache = cacheFolder(process.env);
  const folder = join(cache, `time-skipping-server-${name}`);
  const path = join(folder, 'launch');
  if (!(await exists(path))) await fill(cache, folder);
  process.env.TEST_TIME_SKIPPING_SERVER = path;
}

/** Killed half-way, it leaves a folder under a name that nobody looks for. */
async function fill(cache, folder) {
  await demand('mvn');
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(`${folder}-`);
  try {
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${unfinished}`];
    await run('mvn', ['--quiet', '--batch-mode', '--file', pom, ...goal]).catch(({ stdout, stderr }) => {
      throw new Error(`Maven could not bring the time-skipping server:\n${stdout}${stderr}`);
    });
    await writeFile(join(unfinished, 'launch'), launcher);
    await chmod(join(unfinished, 'launch'), 0o755);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function demand(command) {
  await run(command, ['-version']).catch(({ message }) => {
    const advice = 'install Java 11 or newer and Maven, or run "npm test", which needs neither';
    throw new Error(`The time tests need "${command}" on the PATH (${message}): ${advice}.`);
  });
}

async function exists(path) {
  return await access(path).then(
    () => true,
    () => false,
  );
}
