import {
  Context,
  type Emitter,
  type Liquid,
  LiquidError,
  Output,
  RenderError,
  type TagToken,
  type Template,
  TokenKind,
  toValueSync,
} from 'liquidjs';
import { boundSteps } from './template-limits.js';

/**
 * A template cut as a tagged template literal is: the first of `strings`, a value, the next of `strings`, a value … up to
 * the last of `strings`.
 */
export interface TemplateText {
  /** The Liquid that it was cut from. */
  readonly source: string;
  /** What is the same for everybody; one more than there are values. */
  readonly strings: readonly string[];
}

export interface CutTemplate extends TemplateText {
  /**
   * @param scope - without a prototype
   * @returns the values for one recipient, escaped
   * @throws LiquidError
   */
  values(scope: Scope): string[];
}

export type Scope = Record<string | symbol, unknown>;

/** How a part's values are written, once for the engine and once for the values that do not need it. */
export interface Dialect {
  engine: Liquid;
  escape: (value: string) => string;
}

/** A place in a template. Without `shortcut`, or where it gives undefined, the engine renders it. */
interface Place {
  template: Template[];
  shortcut?: (scope: Scope) => string | undefined;
}

/**
 * Most of a newsletter's Liquid writes out fields. Those are read without the engine, which takes ten times as long for
 * them as all the rest of a message; what is more than that goes through the engine, in order and in one context, as if
 * the whole template did.
 */
export function cutTemplate(source: string, { engine, escape }: Dialect): CutTemplate {
  const parsed = engine.parse(source);
  const strings = [''];
  const places: Place[] = [];
  const add = (place: Place): void => {
    places.push(place);
    strings.push('');
  };
  // `break` outside of a loop ends the template, the text after it too.
  if (mayEndEarly(parsed)) {
    add({ template: parsed });
  } else {
    const assigned = new Set(Object.keys(engine.analyzeSync(parsed).locals));
    for (const template of parsed) {
      if (isText(template)) strings[strings.length - 1] += engine.renderSync([template], {}) as string;
      else add({ template: [template], ...shortcutOf(template, assigned, escape) });
    }
  }
  return {
    source,
    strings,
    values(scope) {
      let context: Context | undefined;
      return places.map(({ template, shortcut }) => {
        const value = shortcut?.(scope);
        if (value !== undefined) return value;
        context ??= boundedContext(engine, scope);
        return renderBounded(engine, template, context);
      });
    },
  };
}

/** Characters that one place of a template may write; the engine's own limits do not count the text within loops. */
const outputLimit = 1_000_000;

/** What templates are rendered in: one for the whole of a part, whose steps it counts. */
export function boundedContext(engine: Liquid, scope: Scope): Context {
  return boundSteps(new Context(scope, engine.options, { sync: true }, { liquid: engine }));
}

/** @throws LiquidError naming the line also where more is written than {@link outputLimit} */
export function renderBounded(engine: Liquid, templates: Template[], context: Context): string {
  const emitter: Emitter & { buffer: string } = {
    buffer: '',
    write(value: unknown) {
      const text = typeof value === 'string' ? value : String(value);
      if (this.buffer.length + text.length > outputLimit) throw new RangeError('output limit exceeded');
      this.buffer += text;
    },
  };
  try {
    toValueSync(engine.renderer.renderTemplates(templates, context, emitter));
  } catch (error) {
    // Limits that are reached between tags know no place.
    const [first] = templates;
    throw error instanceof Error && !LiquidError.is(error) && first ? new RenderError(error, first) : error;
  }
  return emitter.buffer;
}

/** @returns the text of which the template was cut, filled */
export function joinText({ strings }: TemplateText, values: readonly string[]): string {
  let text = strings[0] ?? '';
  for (const [i, value] of values.entries()) text += value + (strings[i + 1] ?? '');
  return text;
}

export const tagName = ({ token }: Template): string | undefined =>
  token.kind === TokenKind.Tag ? (token as TagToken).name : undefined;

function mayEndEarly(templates: Template[]): boolean {
  return templates.some((template) => {
    const name = tagName(template);
    if (name === 'break' || name === 'continue') return true;
    return template.children ? mayEndEarly(toValueSync<Template[]>(template.children(false, true))) : false;
  });
}

/** Renders to the same text whatever the scope. */
export function isText(template: Template): boolean {
  return template.token.kind === TokenKind.HTML || ['raw', 'comment', '#'].includes(tagName(template) ?? '');
}

const plainOutput = /^\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*(?:\|\s*default\s*:\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*)?$/;
/** Words that are no names of fields. */
const keywords = ['true', 'false', 'nil', 'null', 'empty', 'blank', 'not', 'and', 'or', 'contains'];
/** Names that the engine answers for, where there is no such field. */
const answered = ['size', 'first', 'last'];

/** `{{ field }}`, `{{ delivery.name }}` and `{{ field | default: "text" }}`, where the field is there or the default stands in. */
function shortcutOf(
  template: Template,
  assigned: ReadonlySet<string>,
  escape: (value: string) => string,
): Pick<Place, 'shortcut'> {
  if (!(template instanceof Output)) return {};
  const [, name, doubleQuoted, singleQuoted] = plainOutput.exec(template.token.content) ?? [];
  if (name === undefined || keywords.includes(name)) return {};
  const path = name.split('.');
  if (assigned.has(path[0] ?? '')) return {};
  const defaultText = doubleQuoted ?? singleQuoted;
  const standIn = defaultText === undefined || answered.includes(name) ? undefined : escape(defaultText);
  return {
    shortcut(scope) {
      const value = path.length === 1 ? scope[name] : ownValue(scope, path);
      if (typeof value === 'number') return escape(String(value));
      if (typeof value === 'string' && (value !== '' || defaultText === undefined)) return escape(value);
      return path.length === 1 && (value === undefined || value === '') ? standIn : undefined;
    },
  };
}

function ownValue(scope: Scope, path: readonly string[]): unknown {
  let value: unknown = scope;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Scope)[name];
  }
  return value;
}
