import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../local/temporary-folder.js';
import { keyVariable, makeKey } from '../mime/verify-dkim.js';
import { gate } from '../smtp/gate.js';
import { startScriptedRelay } from '../smtp/scripted-relay.js';
import { definition, recipients } from './definition.js';
import { eventually, ledgerOf, openEnvironment } from './environment.js';

/** Each file below a folder, by its path there. */
async function filesIn(folder: string): Promise<Map<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  const texts = paths.map(async (path): Promise<[string, string]> => [
    path.slice(folder.length + 1),
    await readFile(path, 'latin1'),
  ]);
  return new Map(await Promise.all(texts));
}

test('workers keep each message as the relay got it, proofs too, and copies not', async () => {
  const environment = await openEnvironment();
  const relay = await startScriptedRelay({
    on: (stage, { recipient }) =>
      stage === 'rcpt' && recipient === 'person3@shop.example' ? '550 5.1.1 no such user' : undefined,
    keep: true,
  });
  const folder = join(temporaryFolder(), 'archive');
  try {
    // The processes that the worker starts have the folder from it.
    await environment.startWorker(
      {
        SMTP_URL: `${relay.url}&connections=2`,
        DKIM_KEY: keyVariable(makeKey('ed25519-sha256', { domain: 'garden.example' })),
      },
      ['--archive', folder, '--processes', '2'],
    );
    const delivery = await environment.sealpost.start(
      definition({
        id: 'kept',
        approval: { mode: 'automatic' },
        content: { text: '.Dear {{ first_name }}\n.\nwith dots' },
        bcc: 'archive@shop.example',
        proofs: { recipients: ['proof@shop.example'] },
      }),
      { operator: 'author' },
    );
    expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 4, failed: 1 } });
    const got = new Map(relay.messages.map(({ recipient, bytes }) => [recipient, bytes.toString('latin1')]));
    expect(got.get('person1@shop.example')).toMatch(/^DKIM-Signature: /);
    const people = [1, 2, 4, 5].map((seq): [string, string | undefined] => [
      `kept/000/${seq}.eml`,
      got.get(`person${seq}@shop.example`),
    ]);
    const expected = new Map([...people, ['kept/proof-1/1.eml', got.get('proof@shop.example')]]);
    expect(await filesIn(folder)).toEqual(expected);
  } finally {
    await environment.close();
    await relay.close();
  }
});

test('an archive that cannot be written holds the delivery up, and no answer of the relay is lost', async () => {
  const environment = await openEnvironment();
  const door = gate();
  let begun = 0;
  const relay = await startScriptedRelay({
    on: (stage) => {
      if (stage === 'dot') begun += 1;
      return stage === 'dot' && begun > 5 ? door.opened : undefined;
    },
  });
  const folder = join(temporaryFolder(), 'archive');
  try {
    const worker = await environment.startWorker({ SMTP_URL: `${relay.url}&connections=2`, SEALPOST_ARCHIVE: folder });
    const delivery = await environment.sealpost.start(
      definition({ id: 'full', approval: { mode: 'automatic' }, recipients: recipients(40) }),
      { operator: 'author' },
    );
    await eventually(
      () => Promise.resolve(begun),
      (count) => count > 5,
    );
    await rename(folder, `${folder}.away`);
    await writeFile(folder, '');
    door.open();
    await eventually(
      () => Promise.resolve(worker.log()),
      (log) => log.split('"failure":"ArchiveUnavailable"').length > 2,
    );
    const { counts } = await delivery.progress();
    expect(relay.received.size).toBeLessThan(40);
    expect(counts).toEqual({ sent: relay.received.size, pending: 40 - relay.received.size });
    // Which one depends on how far a write had come when the folder went.
    expect(worker.log()).toMatch(/"code":"(ENOENT|ENOTDIR|EEXIST)"/);

    await rm(folder);
    await mkdir(folder);
    expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 40 } });
    expect([...relay.received.values()]).toEqual(Array.from({ length: 40 }, () => 1));
    const kept = new Set([...(await filesIn(folder)).keys(), ...(await filesIn(`${folder}.away`)).keys()]);
    // What was under way when the disk went has its row and no file.
    const lost = (await ledgerOf(delivery)).filter(({ seq }) => !kept.has(`full/000/${seq}.eml`));
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThanOrEqual(6);
  } finally {
    await environment.close();
    await relay.close();
  }
});
