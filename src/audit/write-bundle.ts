import { createHash, type Hash } from 'node:crypto';
import { canonicalJson } from '../delivery/canonical-json.js';
import { bundleFormat, type Manifest, type PartName, type PartRow } from './bundle-format.js';
import { signText } from './signed-text.js';
import type { SystemKey } from './system-key.js';

/** The rows of one part, as they come. */
export type Part = { [Name in PartName]: { name: Name; rows: AsyncIterable<PartRow<Name>> } }[PartName];

/** Lines of a bundle; memory does not grow with their number. */
export async function* writeBundle(
  parts: AsyncIterable<Part> | Iterable<Part>,
  about: Omit<Manifest, 'parts'>,
  key: SystemKey,
): AsyncGenerator<string> {
  const header = new MeasuredPart('header');
  const measured = [header];
  const { sealpostVersion } = about;
  yield header.line({ sealpostAuditBundle: bundleFormat, sealpostVersion });
  for await (const { name, rows } of parts) {
    const part = new MeasuredPart(name);
    measured.push(part);
    yield part.line({ part: name });
    for await (const row of rows) yield part.line(row);
  }
  const manifest: Manifest = { ...about, parts: measured.map((part) => part.sum()) };
  yield `${canonicalJson({ manifest })}\n`;
  yield `${canonicalJson({ signature: await signText(canonicalJson(manifest), 'sealpost-audit-bundle', key) })}\n`;
}

class MeasuredPart {
  private lines = 0;
  private bytes = 0;
  private readonly digest: Hash = createHash('sha256');

  constructor(private readonly name: string) {}

  line(value: object): string {
    const line = `${canonicalJson(value)}\n`;
    this.lines += 1;
    this.bytes += Buffer.byteLength(line);
    this.digest.update(line);
    return line;
  }

  sum(): Manifest['parts'][number] {
    return { name: this.name, lines: this.lines, bytes: this.bytes, sha256: this.digest.digest('hex') };
  }
}
