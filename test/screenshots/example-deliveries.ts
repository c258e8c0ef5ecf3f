import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, Sealpost } from '../../src/client/index.js';
import { makeOperatorKey } from '../../src/client/operator-keys.js';
import { packageFile } from '../../src/client/package-file.js';
import type { Phase } from '../../src/delivery/phase.js';

export const author = 'publisher';

export interface Where {
  sealpost: Sealpost;
  /** For the deliveries' folders and the author's key. */
  folder: string;
  keys: string;
}

/** Who submits, with a key: four eyes ask for an author who has signed. */
export async function addAuthor({ sealpost, keys }: Where): Promise<void> {
  await sealpost.operators.put({ id: author, name: 'Publisher', roles: ['engineer'] }, author);
  const key = await makeOperatorKey(join(keys, `${author}.pem`), undefined);
  await sealpost.operators.addKey(author, { key, label: 'laptop' }, author);
}

type Replacements = Readonly<Record<string, string>>;

/** The example, with some texts of its definition replaced. */
export function exampleFolder({ folder }: Where, id: string, replaced: Replacements): string {
  const path = join(folder, id);
  cpSync(packageFile('examples/winter-news'), path, { recursive: true });
  write(join(path, 'delivery.yaml'), { 'id: 2026-11-winter-news': `id: ${id}`, ...replaced });
  return path;
}

export function write(file: string, replaced: Replacements): void {
  let text = readFileSync(file, 'utf8');
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`${file} holds no "${from}" any more`);
    text = text.replace(from, to);
  }
  writeFileSync(file, text);
}

export const start = (where: Where, id: string, replaced: Replacements): Promise<Delivery> =>
  where.sealpost.start(exampleFolder(where, id, replaced), { operator: author });

/** Waits until a delivery stands there. */
export async function reached(delivery: Delivery, wanted: Phase): Promise<void> {
  while ((await delivery.progress()).phase !== wanted) await delay(100);
}
