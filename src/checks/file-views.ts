import type { FileView } from '../delivery/control-rules/views.js';
import type { Content } from '../delivery/definition.js';

/** What the rules see of the files that every message carries. */
export function fileViews({ files = [] }: Pick<Content, 'files'>): FileView[] {
  return files.map(({ name, type, contentId, base64 }) => ({
    name,
    type,
    inline: contentId !== undefined,
    bytes: Buffer.byteLength(base64, 'base64'),
  }));
}
