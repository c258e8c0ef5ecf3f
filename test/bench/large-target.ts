import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { from as copyFrom } from 'pg-copy-streams';
import type { Pool } from 'pg';
import { writeNewsletter } from './newsletter.js';

/** Of each hundred rows: five doubles, one address that is none, two of denylisted people. */
const kindOf = (i: number): 'double' | 'invalid' | 'denylisted' | 'new' => {
  const place = i % 100;
  if (place > 0 && place % 20 === 0) return 'double';
  if (place === 1) return 'double';
  if (place === 57) return 'invalid';
  return place === 13 || place === 71 ? 'denylisted' : 'new';
};

function addressOfRow(i: number): string {
  const kind = kindOf(i);
  // Somebody of the hundred before, in capitals behind the @: that is the same mailbox.
  if (kind === 'double') return `person${Math.max(2, i - 98)}@SHOP.example`;
  if (kind === 'invalid') return `person${i} at shop.example`;
  return kind === 'denylisted' ? `left${i}@shop.example` : `person${i}@shop.example`;
}

/** In no order: neighbours live far from each other. */
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Asia/Tokyo',
  'America/Los_Angeles',
  'Australia/Sydney',
  'Asia/Kolkata',
  'America/Sao_Paulo',
  'Africa/Nairobi',
  'Pacific/Auckland',
  'Europe/Lisbon',
  '',
];
const ownTime = "sending: { at: '2099-12-01T09:00', timeZone: Europe/Berlin, recipientTimeZoneField: zone }\n";

/**
 * Writes a delivery of so many recipients, and denylists some of them.
 *
 * @param ownZones - at nine o'clock where each recipient lives
 */
export async function writeLargeTarget(
  folder: string,
  { recipients, ownZones }: { recipients: number; ownZones: boolean },
  database: Pool,
): Promise<void> {
  await writeNewsletter(folder, { recipients: 0, size: 5, relay: 'default' });
  if (ownZones) await appendFile(join(folder, 'delivery.yaml'), ownTime);
  const file = createWriteStream(join(folder, 'recipients.csv'));
  const client = await database.connect();
  try {
    const denylist = client.query(copyFrom('copy denylist (address, added_at) from stdin'));
    file.write(`email,first_name,city,points${ownZones ? ',zone' : ''}\n`);
    for (let i = 1; i <= recipients; i += 1) {
      const address = addressOfRow(i);
      const zone = ownZones ? `,${zones[i % zones.length]}` : '';
      const row = `${address},Name${i % 997},City${i % 89},${(i * 37) % 1_000}${zone}\n`;
      if (!file.write(row)) await once(file, 'drain');
      if (kindOf(i) === 'denylisted') denylist.write(`${address}\t2026-01-01\n`);
    }
    denylist.end();
    await once(denylist, 'finish');
  } finally {
    client.release();
  }
  file.end();
  await once(file, 'finish');
}

export interface ExpectedCounts {
  sealed: number;
  excluded: Record<string, number>;
}

/** What must come of it, by the file and the denylist alone: no code of the product, and its rules in four lines. */
export async function countByHand(folder: string, database: Pool): Promise<ExpectedCounts> {
  const { rows } = await database.query<{ address: string }>('select address from denylist');
  const denied = new Set(rows.map(({ address }) => address));
  const seen = new Set<string>();
  const counts = { invalid: 0, denylisted: 0, double: 0 };
  let first = true;
  for await (const line of createInterface({ input: createReadStream(join(folder, 'recipients.csv')) })) {
    const address = line.slice(0, line.indexOf(',')).replace(/@.*/, (domain) => domain.toLowerCase());
    if (first) first = false;
    else if (!address.includes('@')) counts.invalid += 1;
    else if (denied.has(address)) counts.denylisted += 1;
    else if (seen.has(address)) counts.double += 1;
    else seen.add(address);
  }
  const { invalid, denylisted, double } = counts;
  return { sealed: seen.size, excluded: { 'address-invalid': invalid, denylisted, double } };
}
