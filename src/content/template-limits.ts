import {
  type Context,
  ForTag,
  type Template,
  toValueSync,
  type Token,
  TypeGuards,
  Value,
  type ValueToken,
} from 'liquidjs';

/** Rounds of all loops of one part of one message; an empty loop makes nothing that another limit could count. */
const maxRounds = 100_000;
/** Numbers of a range that is written out. */
const maxRange = 10_000;
/** Blocks within blocks: the parser calls itself for each, and the stack has an end. */
const maxDepth = 100;

/** What is wrong with a template. */
export interface TemplateFault {
  /** Line of the template, from 1. */
  line: number;
  sentence: string;
}

const roundsOf = new WeakMap<Context, number>();

/** The library's `for`, which fails after {@link maxRounds} as it does at limits of its own. */
export class BoundedFor extends ForTag {
  constructor(...args: ConstructorParameters<typeof ForTag>) {
    super(...args);
    const count: Template = {
      token: this.token,
      render(context) {
        const rounds = (roundsOf.get(context) ?? 0) + 1;
        if (rounds > maxRounds) throw new RangeError('loop limit exceeded');
        roundsOf.set(context, rounds);
      },
    };
    this.templates.unshift(count);
  }
}

const blockName = /^\s*((?:end)?(?:if|unless|for|case))\b/;

/** @returns the first block that stands too deep */
export function depthFault(template: string): TemplateFault | undefined {
  let depth = 0;
  for (const { 1: tag = '', index } of template.matchAll(/\{%-?([^]*?)%\}/g)) {
    // A `liquid` tag holds a tag a line.
    for (const line of tag.replace(/^\s*liquid\b/, '').split('\n')) {
      const name = blockName.exec(line)?.[1];
      if (name === undefined) continue;
      depth = name.startsWith('end') ? Math.max(0, depth - 1) : depth + 1;
      if (depth > maxDepth)
        return {
          line: template.slice(0, index).split('\n').length,
          sentence: `blocks are nested more than ${maxDepth} deep`,
        };
    }
  }
  return undefined;
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
