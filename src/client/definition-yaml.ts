import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';

/** What a YAML file says, and on which line. */
export interface YamlDefinition {
  values: Record<string, unknown>;
  /**
   * @param path - of a setting; as much of it as the file has is followed
   * @param atKey - the line of the last name in the path instead of its value
   */
  lineOf(path: readonly PropertyKey[], atKey?: boolean): number;
}

/** What is wrong with a file as YAML. */
interface YamlFault {
  line: number;
  field: string;
  sentence: string;
}

/** One slip in YAML can make many faults, of which the first ones tell. */
const maxFaults = 20;

/**
 * Anchors and aliases are refused: a definition has no use for them, and a few lines of them can stand for gigabytes.
 */
export function parseDefinitionYaml(text: string): YamlDefinition | { faults: YamlFault[] } {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof RangeError) return oneFault(tooDeep);
    throw error;
  }
}

function parse(text: string): YamlDefinition | { faults: YamlFault[] } {
  const lines = new LineCounter();
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const problems = [...document.errors, ...document.warnings];
  if (problems.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) return oneFault(tooDeep);
  const faults = problems.map((error) => ({
    line: lineAt(error.pos[0]),
    field: '',
    sentence: sentences[error.code] ?? `the file cannot be read as YAML: ${error.message}`,
  }));
  visit(document, {
    Alias: (_, alias) => {
      const sentence = `the alias *${alias.source.slice(0, 40)} is not supported; write the value out`;
      faults.push({ line: lineAt(alias.range?.[0] ?? 0), field: '', sentence });
    },
  });
  if (faults.length) return { faults: faults.slice(0, maxFaults) };
  if (document.contents === null) return oneFault('the file is empty');
  if (!isMap(document.contents)) return oneFault('the file must hold settings as "name: value" lines');
  return {
    values: document.toJS() as Record<string, unknown>,
    lineOf: (path, atKey) => lineAt(offsetOf(document, path, atKey)),
  };
}

/**
 * A definition with some of its settings changed or added; comments and all else stay as they were written.
 *
 * @param text - of a definition that was taken before
 */
export function withSettings(text: string, changes: Readonly<Record<string, unknown>>): string {
  const document = parseDocument(text);
  let changed = false;
  const change = (path: readonly string[], value: unknown): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [name, member] of Object.entries(value)) change([...path, name], member);
    else if (document.getIn(path) !== value) {
      document.setIn(path, value);
      changed = true;
    }
  };
  change([], changes);
  // Written anew, blanks between brackets and the like are others.
  return changed ? document.toString({ lineWidth: 0 }) : text;
}

const tooDeep = 'the file is nested too deeply';

const sentences: Partial<Record<string, string>> = {
  DUPLICATE_KEY: 'this setting stands here for the second time; remove one of the two',
  TAB_AS_INDENT: 'lines are indented with spaces in YAML, not with tabs',
  MULTIPLE_DOCS: 'the file holds more than one YAML document; one file is one delivery',
};

const oneFault = (sentence: string) => ({ faults: [{ line: 1, field: '', sentence }] });

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[], atKey = false): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const [index, key] of path.entries()) {
    const next = childOf(node, key);
    if (!next) break;
    node = next.value;
    // A group of settings begins with its name, and an empty value has no place of its own.
    const wantsKey = isMap(node) || isSeq(node) || (atKey && index === path.length - 1);
    offset = (wantsKey ? next.key : (placeOf(node) ?? next.key)) ?? placeOf(node) ?? offset;
  }
  return offset;
}

function childOf(node: unknown, key: PropertyKey): { key: number | undefined; value: unknown } | undefined {
  if (isSeq(node) && typeof key === 'number') return { key: undefined, value: node.items[key] };
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key));
  return pair && { key: placeOf(pair.key), value: pair.value };
}

const placeOf = (node: unknown) => (isNode(node) && !isAlias(node) ? node.range?.[0] : undefined);
