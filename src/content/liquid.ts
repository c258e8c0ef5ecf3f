import { Context, ForTag, Liquid, LiquidError, Output, type Template, toValueSync, Value } from 'liquidjs';
import { boundedContext, renderBounded, tagName } from './cut-template.js';
import { writeDate } from './date-filter.js';
import { countFault, depthFault, rangeFault, type TemplateFault } from './template-limits.js';
import { FilterFault, localeFilters } from './locale-filters.js';
import { didYouMean } from '../delivery/nearest-name.js';

/**
 * What a template may use. Lists of what is allowed, so that a new version of the library brings nothing in unseen.
 *
 * Left out on purpose: whatever reads files (`include`, `layout`, and `render`, which `assembleContent` replaces), whatever writes values without escaping
 * them (`raw`, `echo`, `cycle`, `tablerow`) or escapes them twice (`capture`), and whatever gives another result at
 * another time (`sample`, dates of "now"): the message that was sealed must come out the same when it is sent.
 */
const tags = ['#', 'assign', 'break', 'case', 'comment', 'continue', 'for', 'if', 'liquid', 'raw', 'unless'];
const filters = [
  ...'abs at_least at_most ceil divided_by floor minus modulo plus round times'.split(' '),
  ...'append capitalize downcase lstrip prepend remove remove_first remove_last replace replace_first'.split(' '),
  ...'replace_last rstrip slice strip strip_html strip_newlines truncate truncatewords upcase'.split(' '),
  ...'normalize_whitespace squish url_encode cgi_escape uri_escape escape escape_once'.split(' '),
  ...'compact concat first join last map reverse size sort sort_natural split uniq where default date'.split(' '),
  ...Object.keys(localeFilters),
];

/** Those that judge their arguments before they look at the value. */
const ownFilters = { ...localeFilters, date: writeDate };

const limits = {
  /** Characters of one template. */
  parseLimit: 4_000_000,
  /** Characters and array elements made while rendering one template. */
  memoryLimit: 1_000_000,
  /** Milliseconds: a stop for endless loops only, since a limit of time is not the same on every machine. */
  renderLimit: 10_000,
};

/** Refuses everything: a template never reads a file. */
const noFiles = {
  exists: async () => false,
  existsSync: () => false,
  readFile: async () => Promise.reject(new Error('templates read no files')),
  readFileSync: () => {
    throw new Error('templates read no files');
  },
  resolve: (_folder: string, file: string) => file,
  contains: async () => false,
  containsSync: () => false,
};

/**
 * @param outputEscape - applied to every value that a template writes; the templates cannot get around it
 * @returns an engine whose output depends on nothing but template and values
 */
export function createLiquidEngine(outputEscape?: (value: unknown) => string): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    // Lets `{% if x %}`, `{% if x == "y" %}` and `| default:` ask after a field that the recipient has not.
    lenientIf: true,
    ownPropertyOnly: true,
    relativeReference: false,
    fs: noFiles,
    locale: 'en',
    timezoneOffset: 0,
    ...limits,
    ...(outputEscape ? { outputEscape } : {}),
  });
  for (const tag of Object.keys(engine.tags)) if (!tags.includes(tag)) delete engine.tags[tag];
  for (const filter of Object.keys(engine.filters)) if (!filters.includes(filter)) delete engine.filters[filter];
  for (const [name, filter] of Object.entries(ownFilters)) engine.registerFilter(name, filter);
  // Output is escaped where its part needs it; a second time would show readers `&amp;amp;`.
  engine.registerFilter('escape', textOf);
  engine.registerFilter('escape_once', textOf);
  return engine;
}

/** A value as it stands in the output. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).join('');
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

const checker = createLiquidEngine();

/** @returns the first fault of a template, if it has one: of its syntax, or what could not be filled for anybody */
export function templateFault(template: string): TemplateFault | undefined {
  const unread = depthFault(template) ?? countFault(template);
  if (unread) return unread;
  try {
    const parsed = checker.parse(template);
    return rangeFault(parsed) ?? constantFault(parsed);
  } catch (error) {
    if (!(error instanceof Error) || !LiquidError.is(error)) throw error;
    return { line: error.token.getPosition()[0] ?? 1, sentence: syntaxSentence(error) };
  }
}

/** What is written without a variable is the same for everybody, such as a date of "now", which would not be sealed. */
function constantFault(templates: readonly Template[]): TemplateFault | undefined {
  for (const template of templates) {
    const why = isConstant(template) ? renderFault(template) : argumentFault(template);
    if (why !== undefined)
      return { line: template.token.getPosition()[0] ?? 1, sentence: `this can be filled for nobody: ${why}` };
    const children = template.children ? toValueSync<Template[]>(template.children(false, true)) : [];
    const fault = constantFault(children);
    if (fault) return fault;
  }
  return undefined;
}

/** Written, or done, without anything of the recipient's. */
function isConstant(template: Template): boolean {
  if (template instanceof Output) return namesIn(template).length === 0;
  return tagName(template) === 'for' && Object.keys(checker.analyzeSync([template]).globals).length === 0;
}

function renderFault(template: Template): string | undefined {
  try {
    renderBounded(checker, [template], boundedContext(checker, {}));
    return undefined;
  } catch (error) {
    const why = LiquidError.is(error) ? error.originalError?.message : undefined;
    return why?.endsWith('limit exceeded')
      ? 'it makes more, or takes longer, than one message may'
      : (why ?? 'it has no value');
  }
}

/** Arguments that are variables are left to each recipient. */
function argumentFault(template: Template): string | undefined {
  for (const filter of filtersOf(template).filter(({ name }) => Object.hasOwn(ownFilters, name))) {
    try {
      toValueSync(filter.render(undefined, new Context({}, checker.options)));
    } catch (error) {
      if (error instanceof FilterFault) return error.message;
    }
  }
  return undefined;
}

/** The filters of a template's own arguments, without those of what stands in it. */
const filtersOf = (template: Template): Value['filters'] =>
  [...(template.arguments?.() ?? [])].flatMap((argument) => (argument instanceof Value ? argument.filters : []));

/**
 * @param template - one that {@link templateFault} finds nothing wrong with
 * @returns whether what it writes is that of Node's ICU, which another version may write otherwise
 */
export function usesLocaleFilters(template: string): boolean {
  const uses = (templates: readonly Template[]): boolean =>
    templates.some(
      (one) =>
        filtersOf(one).some(({ name }) => Object.hasOwn(localeFilters, name)) ||
        (one.children !== undefined && uses(toValueSync<Template[]>(one.children(false, true)))),
    );
  return uses(checker.parse(template));
}

function syntaxSentence(error: LiquidError): string {
  const plain = (error.originalError?.message ?? error.message).replace(/, line:\d+, col:\d+$/, '');
  const filter = /^undefined filter: (.+)$/.exec(plain);
  if (filter) return `there is no filter "${filter[1]}" here; ${near(filter[1], filters)}`;
  const tag = /^tag "(.+)" not found$/.exec(plain);
  if (tag?.[1] === 'render')
    return 'there is no tag "render" here: blocks stand in files of the content, each in a tag of its own';
  if (tag) return `there is no tag "${tag[1]}" here, or its opening tag is missing; use one of ${tags.join(', ')}`;
  return `the template cannot be read: ${plain}`;
}

/** The one name that was most likely meant, else all that there are. */
function near(name = '', names: readonly string[]): string {
  return didYouMean(name, names, `use one of ${names.join(', ')}`);
}

/** A variable that a template asks for. */
export interface TemplateVariable {
  /** With its path, e.g. `first_name` or `delivery.name`. */
  name: string;
  /** Line of its first use, from 1. */
  line: number;
  /**
   * It is written out without `| default:` and outside of any condition about it, so that a recipient without it gets
   * no message.
   */
  required: boolean;
}

/**
 * @param template - one that {@link templateFault} finds nothing wrong with
 * @returns every variable that the template takes from outside, in order of first use
 */
export function templateVariables(template: string): TemplateVariable[] {
  const parsed = checker.parse(template);
  const required = requiredIn(parsed, []);
  const found = new Map<string, TemplateVariable>();
  for (const variable of Object.values(checker.analyzeSync(parsed).globals).flat()) {
    const name = variable.toString();
    const line = Math.min(variable.location.row, found.get(name)?.line ?? Infinity);
    found.set(name, { name, line, required: required.has(name) });
  }
  return [...found.values()].sort((a, b) => a.line - b.line);
}

function requiredIn(templates: Template[], askedFor: readonly string[]): Set<string> {
  const names = templates.flatMap((template) => {
    if (template instanceof Output) {
      const hasDefault = template.value.filters[0]?.name === 'default';
      return hasDefault ? [] : namesIn(template).filter((name) => !askedFor.includes(name));
    }
    if (!template.children) return [];
    const children = toValueSync<Template[]>(template.children(false, true));
    const inChildren = requiredIn(children, [...askedFor, ...namesIn(template)]);
    // A loop over a list that is not there fails, where a condition about it does not.
    const looped = template instanceof ForTag ? namesIn(template).filter((name) => !askedFor.includes(name)) : [];
    return [...looped, ...inChildren];
  });
  return new Set(names);
}

/** The variables of a template's own arguments, without those of what stands in it. */
function namesIn(template: Template): string[] {
  const alone: Template = {
    token: template.token,
    render: () => undefined,
    arguments: () => template.arguments?.() ?? [],
  };
  return Object.values(checker.analyzeSync([alone]).variables).flatMap((uses) => uses.map(String));
}
