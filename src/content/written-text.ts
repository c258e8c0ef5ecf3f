import { evalQuotedToken, Output, type QuotedToken, type Template, TokenKind, toValueSync, Value } from 'liquidjs';
import { isText, tagName } from './cut-template.js';
import { createLiquidEngine } from './liquid.js';

const engine = createLiquidEngine();

/** Filters whose text is looked for in a value, or names members of one, and does not come out. */
const seeking = 'remove remove_first remove_last split where map sort sort_natural'.split(' ');
/** Of these the first text is looked for, and the second stands in for it. */
const replacing = 'replace replace_first replace_last'.split(' ');

/**
 * @param template - Liquid that parses
 * @returns all text that comes from the template itself: what stands around its Liquid, and what is quoted in it to be
 *   written, such as a default
 */
export function writtenText(template: string): string {
  return textsOf(engine.parse(template)).join('\n');
}

function textsOf(templates: readonly Template[]): string[] {
  return templates.flatMap((template) => {
    if (isText(template)) return [engine.renderSync([template], {}) as string];
    const children = template.children ? toValueSync<Template[]>(template.children(false, true)) : [];
    return [...quotedIn(template), ...textsOf(children)];
  });
}

function quotedIn(template: Template): string[] {
  // What other tags than `assign` ask after is compared, not written.
  if (!(template instanceof Output) && tagName(template) !== 'assign') return [];
  const values = [...(template.arguments?.() ?? [])].filter((argument) => argument instanceof Value);
  return values.flatMap(({ initial, filters }) => {
    const written = filters
      .filter(({ name }) => !seeking.includes(name))
      .flatMap(({ name, args }) => (replacing.includes(name) ? args.slice(1) : args));
    return [...initial.postfix, ...written].filter(isQuoted).map(evalQuotedToken);
  });
}

function isQuoted(argument: unknown): argument is QuotedToken {
  return typeof argument === 'object' && argument !== null && 'kind' in argument && argument.kind === TokenKind.Quoted;
}
