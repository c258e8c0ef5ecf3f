import { parseDocument, stringify } from 'yaml';
import { shippedNameOf } from '../content/content-blocks.js';
import { inlineImages } from '../content/inline-images.js';
import { canonicalJson } from '../delivery/canonical-json.js';
import { deliverySettingsSchema, type DeliverySettings } from '../delivery/definition.js';
import type { StoredRevision } from '../store/revisions.js';
import { attachmentsSchema } from './attached-files.js';
import type { CurrentRevision } from './current-revision.js';
import { contentNames } from './definition-content.js';
import { withSettings } from './definition-yaml.js';

/** A revision as its author gives it, to be changed and given again. */
export interface EditableRevision {
  /** Its hash. */
  revision: string;
  /** YAML: as it was written, comments and all; of a definition that was given in code, as it would be written. */
  definition: string;
  /** Files of the content by name, in the order of their names. */
  texts: ReadonlyMap<string, string>;
  /** Attachments and images by the path that the definition, or the content, names them by. */
  attached: ReadonlyMap<string, Uint8Array>;
  /** Rows of its target. */
  profiles: number;
}

/** @param id - of the delivery; the definition may have been written under another one */
export function editableRevision(id: string, { summary, stored }: CurrentRevision): EditableRevision {
  const definition =
    stored.definition === undefined ? writtenAnew(id, stored) : withSettings(stored.definition, { id });
  const own = Object.entries(stored.content.sources).filter(([name]) => shippedNameOf(name) === undefined);
  return {
    revision: summary.hash,
    definition,
    texts: new Map(own.sort(([a], [b]) => (a < b ? -1 : 1))),
    attached: attachedByPath(definition, stored),
    profiles: summary.profiles,
  };
}

function attachedByPath(definition: string, { content: { files = [], sources } }: StoredRevision): Map<string, Buffer> {
  const written: unknown = parseDocument(definition).get('attachments');
  const listed = attachmentsSchema.safeParse(toPlain(written)).data ?? [];
  const attachments = files.filter(({ contentId }) => contentId === undefined);
  const byPath = new Map<string, Buffer>();
  for (const [i, { base64 }] of attachments.entries()) {
    const one = listed[i];
    const path = typeof one === 'string' ? one : one?.file;
    if (path !== undefined) byPath.set(path, Buffer.from(base64, 'base64'));
  }
  for (const html of Object.values(sources)) {
    const { named, contentIdOf } = inlineImages({ html, text: '', sources: {} });
    for (const { path } of named) {
      const image = files.find(({ contentId }) => contentId === contentIdOf(path));
      if (image) byPath.set(path, Buffer.from(image.base64, 'base64'));
    }
  }
  return byPath;
}

const toPlain = (node: unknown): unknown =>
  typeof node === 'object' && node !== null && 'toJSON' in node
    ? (node as { toJSON: () => unknown }).toJSON()
    : undefined;

/** A definition that was given in code, as a file would have it. */
function writtenAnew(id: string, { settings, content }: StoredRevision): string {
  const named = Object.entries(contentNames).filter(([, name]) => Object.hasOwn(content.sources, name));
  const attachments = (content.files ?? []).filter(({ contentId }) => contentId === undefined);
  return stringify(
    {
      id,
      ...withoutDefaults(settings),
      content: Object.fromEntries(named),
      ...(attachments.length > 0 && { attachments: attachments.map(({ name, type }) => ({ file: name, type })) }),
    },
    { lineWidth: 0 },
  );
}

/** What remains says the same: a setting that its own default stands for is noise. */
function withoutDefaults(settings: DeliverySettings): object {
  const meant = canonicalJson(settings);
  const written = structuredClone(settings) as Record<string, unknown>;
  const prune = (group: Record<string, unknown>): void => {
    for (const [name, value] of Object.entries(group)) {
      Reflect.deleteProperty(group, name);
      const parsed = deliverySettingsSchema.safeParse(written);
      if (parsed.success && canonicalJson(parsed.data) === meant) continue;
      group[name] = value;
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) prune(value as Record<string, unknown>);
    }
  };
  prune(written);
  return written;
}
