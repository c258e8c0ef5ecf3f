import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefinitionError } from '../../src/client/definition-faults.js';
import { recipientsFormat } from '../../src/client/recipients-format.js';
import { temporaryFolder } from '../local/temporary-folder.js';
import { hostileFiles } from './hostile-files.js';

const folder = temporaryFolder();

async function outcome(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  const file = { path, name, addressField: 'email' };
  let rows = 0;
  try {
    for await (const _row of (await recipientsFormat(file)).read(file)) rows += 1;
  } catch (error) {
    if (error instanceof DefinitionError) return error.message;
    throw error;
  }
  return `${rows} rows`;
}

test.each(hostileFiles)('%s in %s is told for what it is', async (_what, name, content, expected) => {
  const told = await outcome(name, content);
  expect(told).toContain(expected);
  // One sentence, with its line and what to do.
  expect(told).toMatch(/^1 rows$|^r\.[a-z.]+:\d+: recipients: [^\n]+[:;] [^\n]+$/);
  // Whoever reads it is not shown the file.
  expect(told.length).toBeLessThan(300);
});
