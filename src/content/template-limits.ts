import { type Context, type Template, toValueSync, type Token, TypeGuards, Value, type ValueToken } from 'liquidjs';
import { lineAt } from './line-at.js';

/** Rounds of loops, tags, outputs and texts between them, all together, that one part of one message may take. */
const maxSteps = 200_000;
/** Numbers of a range that is written out. */
const maxRange = 10_000;
/** Blocks within blocks: the parser calls itself for each, and the stack has an end. */
const maxDepth = 100;
/** Tags and outputs of one template: the library counts lines from its beginning for each. */
const maxPieces = 5_000;

/** What is wrong with a template. */
export interface TemplateFault {
  /** Line of the template, from 1. */
  line: number;
  sentence: string;
}

/**
 * Counts what the engine does in a context, and fails as at limits of its own: loops without anything in them make nothing
 * that those could count, and a limit of time alone is another one on each machine.
 */
export function boundSteps(context: Context): Context {
  const { renderLimit } = context;
  const checkTime = renderLimit.check.bind(renderLimit);
  let steps = 0;
  // The engine asks for the time at each step.
  renderLimit.check = (now) => {
    steps += 1;
    if (steps > maxSteps) throw new RangeError('step limit exceeded');
    checkTime(now);
  };
  return context;
}

/** @returns the first piece of Liquid that is one too many */
export function countFault(template: string): TemplateFault | undefined {
  let pieces = 0;
  for (const { index } of template.matchAll(/\{[{%]/g)) {
    pieces += 1;
    if (pieces > maxPieces)
      return {
        line: lineAt(template, index),
        sentence: `there are more than ${maxPieces.toLocaleString('en-US')} tags and outputs: use a loop, or fewer`,
      };
  }
  return undefined;
}

const blockName = /^\s*((?:end)?(?:if|unless|for|case))\b/;

/** @returns the first block that stands too deep */
export function depthFault(template: string): TemplateFault | undefined {
  let depth = 0;
  for (const { index, text } of tagsOf(template)) {
    // A `liquid` tag holds a tag a line.
    for (const line of text.replace(/^\s*liquid\b/, '').split('\n')) {
      const name = blockName.exec(line)?.[1];
      if (name === undefined) continue;
      depth = name.startsWith('end') ? Math.max(0, depth - 1) : depth + 1;
      if (depth > maxDepth)
        return {
          line: lineAt(template, index),
          sentence: `blocks are nested more than ${maxDepth} deep`,
        };
    }
  }
  return undefined;
}

/** What stands between `{%` and `%}`. Not one expression: for each tag without an end it would read the rest anew. */
function* tagsOf(template: string): Generator<{ index: number; text: string }> {
  for (let index = template.indexOf('{%'); index >= 0;) {
    const end = template.indexOf('%}', index + 2);
    if (end < 0) return;
    yield { index, text: template.slice(index + 2, end).replace(/^-/, '') };
    index = template.indexOf('{%', end + 2);
  }
}

/** @returns the first range that is longer than any newsletter; one with a variable in it ends when it is filled */
export function rangeFault(templates: readonly Template[]): TemplateFault | undefined {
  for (const template of templates) {
    if ([...(template.arguments?.() ?? [])].flatMap(tokensIn).some(isLong))
      return {
        line: template.token.getPosition()[0] ?? 1,
        sentence: `a range has more than ${maxRange.toLocaleString('en-US')} numbers`,
      };
    const fault = template.children && rangeFault(toValueSync<Template[]>(template.children(false, true)));
    if (fault) return fault;
  }
  return undefined;
}

function tokensIn(argument: Value | ValueToken): (Token | undefined)[] {
  if (!(argument instanceof Value)) return [argument];
  const inFilters = argument.filters.flatMap(({ args }) => args.map((arg) => (Array.isArray(arg) ? arg[1] : arg)));
  return [...argument.initial.postfix, ...inFilters];
}

const isLong = (token: Token | undefined): boolean =>
  TypeGuards.isRangeToken(token) &&
  TypeGuards.isNumberToken(token.lhs) &&
  TypeGuards.isNumberToken(token.rhs) &&
  token.rhs.content - token.lhs.content >= maxRange;
