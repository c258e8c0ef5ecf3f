import { z } from 'zod';
import {
  type Content,
  deliveryIdSchema,
  type DeliverySettings,
  type DeliverySettingsInput,
  deliverySettingsSchema,
  type Profile,
} from '../delivery/definition.js';
import type { ExcludingSource } from '../store/excluded-addresses.js';
import { attachmentsSchema, attachmentValuesSchema, imagesSchema } from './attached-files.js';
import { contentByKind, contentOfFiles, contentOfTexts, contentSchema } from './definition-content.js';
import {
  type Checked,
  DefinitionError,
  type DefinitionFault,
  pathText,
  refusal,
  schemaFaults,
} from './definition-faults.js';
import { addressFieldFaults, type FaultAt, templateFaults } from './definition-templates.js';
import { parseDefinitionYaml, type YamlDefinition } from './definition-yaml.js';
import { type DefinitionFiles, FilesInMemory } from './definition-files.js';
import { DeliveryFolder } from './delivery-folder.js';
import { type GivenRecipient, profilesOf } from './given-recipients.js';
import type { Env } from './recipients-query.js';
import { type FileTarget, type GivenFile, openTarget } from './recipients-target.js';
import type { SourceFolder } from './source-folder.js';

const maxYaml = 1024 * 1024;

/** A delivery's definition, checked and compiled, with its target ready to be read. */
export interface DefinitionFile {
  id: string;
  /** The id in the definition's file, where one stands there. */
  statedId?: string;
  settings: DeliverySettings;
  content: Content;
  recipients: {
    /**
     * Reads the target from its beginning, in constant memory.
     *
     * Iterating throws DefinitionError at a row that cannot be read.
     */
    open(): AsyncIterable<Profile>;
    /** Names of the fields that the target's rows can have, or that its first ones have; absent where only the rows tell. */
    fields?(): Promise<string[]>;
    /** Whom sources leave out; absent where no source says so. */
    excluded?: readonly ExcludingSource[];
    /** What is asked of databases. */
    queries?: readonly { database: string; query: string }[];
  };
  /** Where it was read from; absent for a definition given in code. */
  origin?: {
    /** The definition's file as the caller would write it. */
    file: string;
    /** What stands in it. */
    text: string;
    /** The line, from 1, of a setting. */
    lineOf(path: readonly PropertyKey[]): number;
    /** A content file's name as the caller would write it. */
    show(name: string): string;
  };
}

/** A definition given in code. */
export type DeliveryValues = DeliverySettingsInput & {
  id: string;
  /** Texts, not file names. */
  content: { mjml: string; text?: string } | { html: string; text?: string } | { text: string };
  /** `type` is a media type; where it is not given, the name's ending tells. */
  attachments?: { name: string; content: Uint8Array; type?: string }[];
  /** PNG, JPEG, GIF or WebP images by the name that the HTML shows them by, such as `cid:logo.png`. */
  images?: Record<string, Uint8Array>;
  /** Read as often as the delivery's target is; what can be iterated only once serves only once. */
  recipients: Iterable<GivenRecipient> | AsyncIterable<GivenRecipient>;
};

const base = deliverySettingsSchema.extend({ id: deliveryIdSchema, content: contentSchema });
/** A definition as it stands in a file; docs/parameters.md tells of each setting. */
export const fileSchema = base.extend({
  /** Read by `openTarget`. */
  recipients: z.unknown().optional(),
  addressField: z.string().default('email'),
  attachments: attachmentsSchema,
});
const valuesSchema = base.extend({
  recipients: z.custom<DeliveryValues['recipients']>(isIterable, 'must be a list or an async iterable of recipients'),
  attachments: attachmentValuesSchema,
  images: imagesSchema,
});

/** How a definition is read from its files. */
export interface DefinitionOptions {
  /** In place of the definition's own. */
  id?: string;
  /** In place of the definition's own. */
  recipients?: GivenFile;
  /** The whole target in place of the definition's own, of which `recipients` then counts for nothing. */
  target?: FileTarget;
  /** Where databases of recipients are named. @default `process.env` */
  env?: Env;
}

/**
 * Reads a delivery from its files: YAML with the settings, its content and the head of its target, all checked.
 *
 * @param source - path of a YAML file, or of a folder that holds `delivery.yaml`; or files in memory
 * @throws DefinitionError with all faults at once
 */
export async function readDefinitionFile(
  source: string | DefinitionFiles,
  { id, recipients, target: given, env = process.env }: DefinitionOptions = {},
): Promise<DefinitionFile> {
  const { folder, file, text, yaml } = await openDefinition(source);
  const values: Record<string, unknown> = {
    id: folder.defaultId,
    ...yaml.values,
    ...(id === undefined ? {} : { id }),
    content: contentByKind(yaml.values['content']),
  };
  const at: FaultAt = (where, sentence, atKey) => ({
    file,
    line: yaml.lineOf(where, atKey),
    field: pathText(where),
    sentence,
  });
  const parsed = fileSchema.safeParse(values);
  const target = given ? { value: given } : await openTarget(values, folder, at, { env, recipients });
  const definition = definitionFrom(
    parsed.success
      ? { value: parsed.data }
      : {
          faults: faultsOf(parsed.error, fileSchema, values, at).map((fault) =>
            asWritten(fault, yaml, folder.defaultId),
          ),
        },
    templateFaults(values, at),
    await contentOfFiles(values, folder, at),
    target,
  );
  const misnamed = await misnamedAddresses(definition, 'value' in target ? target.value : undefined, (own, field) =>
    addressFieldFaults(own, field, at, (name) => folder.show(name)),
  );
  if (misnamed.length) throw new DefinitionError(misnamed);
  const stated = yaml.values['id'];
  return {
    ...definition,
    ...(typeof stated === 'string' ? { statedId: stated } : {}),
    origin: { file, text, lineOf: (where) => yaml.lineOf(where), show: (name) => folder.show(name) },
  };
}

/** What is the address's column in one source may be a field in another one. */
async function misnamedAddresses(
  definition: DefinitionFile,
  target: FileTarget | undefined,
  faultsOfField: (definition: DefinitionFile, addressField: string) => DefinitionFault[],
): Promise<DefinitionFault[]> {
  const others = target?.addressFields.filter((name) => name !== 'email') ?? [];
  const fields = others.length > 0 ? await target?.fields() : [];
  return others.filter((name) => !fields?.includes(name)).flatMap((name) => faultsOfField(definition, name));
}

/** @throws DefinitionError for a file that cannot be read, or is no YAML */
export async function openDefinition(
  given: string | DefinitionFiles,
): Promise<{ folder: SourceFolder; file: string; text: string; yaml: YamlDefinition }> {
  const folder =
    typeof given === 'string'
      ? await DeliveryFolder.at(given).catch((error: unknown) => refuse(error, given))
      : new FilesInMemory(given);
  const file = folder.show(folder.definition);
  const source = await folder.read(folder.definition, '', maxYaml).catch((error: unknown) => refuse(error, file));
  const yaml = parseDefinitionYaml(source.text);
  if ('faults' in yaml) throw new DefinitionError(yaml.faults.map((fault) => ({ file, ...fault })));
  return { folder, file, text: source.text, yaml };
}

/** Speaks of what stands in the file, not of what we made of it. */
function asWritten(fault: DefinitionFault, yaml: YamlDefinition, defaultId: string): DefinitionFault {
  const written = yaml.values[fault.field];
  if (fault.field === 'id' && written === undefined && defaultId === '') return { ...fault, sentence: 'is missing' };
  if (fault.field === 'id' && written === undefined) {
    return { ...fault, sentence: `is missing, and the name "${defaultId}" cannot stand for it: ${fault.sentence}` };
  }
  if (fault.field !== 'content' || typeof written !== 'string') return fault;
  return { ...fault, sentence: 'must be a file that ends in .mjml, .html or .txt' };
}

/**
 * The same for a definition given in code.
 *
 * @param input - {@link DeliveryValues}
 * @throws DefinitionError; its faults name settings (`recipients[3].email`) instead of files and lines
 */
export async function parseDeliveryValues(input: unknown): Promise<DefinitionFile> {
  const at = atSetting;
  const parsed = valuesSchema.safeParse(input);
  const values = typeof input === 'object' && input !== null ? { ...input } : {};
  return definitionFrom(
    parsed.success ? { value: parsed.data } : { faults: faultsOf(parsed.error, valuesSchema, input, at) },
    templateFaults(values, at),
    await contentOfTexts(values, at),
    parsed.success ? { value: { open: () => profilesOf(parsed.data.recipients) } } : { faults: [] },
  );
}

const atSetting: FaultAt = (path, sentence) => ({ field: pathText(path), sentence });

/** What stands in a definition beside the settings. */
type NotSettings = 'content' | 'recipients' | 'addressField' | 'attachments' | 'images';

function definitionFrom(
  settings: Checked<DeliverySettings & { id: string } & { [part in NotSettings]?: unknown }>,
  templates: DefinitionFault[],
  content: Checked<Content>,
  recipients: Checked<DefinitionFile['recipients']>,
): DefinitionFile {
  if ('faults' in settings || 'faults' in content || 'faults' in recipients || templates.length) {
    const parts = [settings, { faults: templates }, content, recipients];
    throw new DefinitionError(parts.flatMap((part) => ('faults' in part ? part.faults : [])));
  }
  const {
    id,
    content: _content,
    recipients: _recipients,
    addressField: _field,
    attachments: _attachments,
    images: _images,
    ...rest
  } = settings.value;
  return { id, settings: rest, content: content.value, recipients: recipients.value };
}

function faultsOf(error: z.ZodError, schema: z.ZodObject, values: unknown, at: FaultAt): DefinitionFault[] {
  return schemaFaults(error, schema, values).map(({ path, sentence, atKey }) => at(path, sentence, atKey));
}

function refuse(error: unknown, file: string): never {
  throw new DefinitionError([{ file, field: '', sentence: refusal(error) }]);
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}
