import { LiquidError } from 'liquidjs';
import { contentSent } from '../delivery/content-format.js';
import type { Content, DeliverySettings, Profile } from '../delivery/definition.js';
import { isTemplate } from '../delivery/definition-text.js';
import { templateSettings } from '../delivery/template-settings.js';
import {
  cutTemplate,
  type CutTemplate,
  type Dialect,
  joinText,
  type Scope,
  type TemplateText,
} from './cut-template.js';
import { escapeHtml } from './escape-html.js';
import { createLiquidEngine, templateVariables, type TemplateVariable, textOf, usesLocaleFilters } from './liquid.js';
import { FilterFault, localesKey, localesOf } from './locale-filters.js';

/** The templates of a delivery, as faults and variables name them. */
export type Part = LinePart | 'unsubscribe.url' | 'html' | 'text';

/** Templates that make one line each, by the path of their setting. */
type LinePart = 'subject' | `sender.${string}` | `headers.${string}`;

/** A message's own values. */
export interface PersonalisedMessage {
  /** One line, whatever the values held. */
  subject: string;
  html?: string;
  text: string;
  unsubscribeUrl?: string;
}

export type LineValues = Readonly<Partial<Record<LinePart, string>>>;

/** A message's own values, html and text as what stands between the strings of their templates. */
export interface MessageValues extends Pick<PersonalisedMessage, 'subject' | 'unsubscribeUrl'> {
  /** The other settings of one line that hold Liquid, filled, by their path such as `sender.name`. */
  lines: LineValues;
  html?: string[];
  text: string[];
}

/** Whom a message is for, and what it belongs to. */
export interface PersonalisationInput {
  profile: Pick<Profile, 'address' | 'fields'>;
  delivery: { id: string; name: string };
  /** This message's own page, where the settings name no template for it. */
  unsubscribeUrl?: string | undefined;
  /** Of the message as a web page, where it may be linked to. */
  mirrorUrl?: string | undefined;
  /** The HTML is not wanted, and nobody fails for it. */
  textOnly?: boolean | undefined;
}

export interface Personaliser {
  readonly html?: TemplateText;
  readonly text: TemplateText;
  /**
   * The same input always gives the same values.
   *
   * @throws PersonalisationError
   */
  valuesFor(input: PersonalisationInput): MessageValues;
  /**
   * {@link valuesFor}, with whole texts.
   *
   * @throws PersonalisationError
   */
  render(input: PersonalisationInput): PersonalisedMessage;
}

/** A message that could not be made for a recipient. Names part, line and field; never holds a value. */
export class PersonalisationError extends Error {
  override name = 'PersonalisationError';
  readonly code = 'PERSONALISATION_FAILED';

  constructor(
    readonly part: Part,
    sentence: string,
    /** The field that the recipient lacks, where that is what is wrong. */
    readonly field?: string,
  ) {
    super(`${part}: ${sentence}`);
  }
}

/** What personalisation needs of a delivery's settings. */
export type PersonalisedSettings = Pick<
  DeliverySettings,
  'subject' | 'unsubscribe' | 'sender' | 'headers' | 'locale' | 'localeField'
>;

/** The settings of one line that hold Liquid, but for the subject, which always may. */
function lineTemplates(settings: PersonalisedSettings): { part: LinePart; template: string }[] {
  return templateSettings(settings).flatMap(({ path, template }) => {
    const part = path.join('.');
    return isSenderOrHeader(part) && isTemplate(template) ? [{ part, template }] : [];
  });
}

const isSenderOrHeader = (part: string): part is Exclude<LinePart, 'subject'> => /^(?:sender|headers)\./.test(part);

// A lone surrogate has no UTF-8 form, and encodeURIComponent throws at it.
const escapeUrl = (value: string) => encodeURIComponent(value.toWellFormed());

const dialect = (escape: Dialect['escape']): Dialect => ({
  engine: createLiquidEngine((value) => escape(textOf(value))),
  escape,
});
const htmlDialect = dialect(escapeHtml);
const urlDialect = dialect(escapeUrl);
const textDialect = dialect((value) => value);

/**
 * Parses a delivery's templates once, to be filled for each recipient. Templates see the recipient's fields by name,
 * `email`, `unsubscribe_url`, `mirror_url`, `delivery.id` and `delivery.name`. Values are escaped in HTML and in the
 * unsubscription URL, and templates cannot switch that off.
 *
 * @throws LiquidError for a template that `compileContent` and the definition's checks have not seen
 */
export function compilePersonalisation(settings: PersonalisedSettings, content: Content): Personaliser {
  const text = cutTemplate(content.text, textDialect);
  const html = content.html === undefined ? undefined : cutTemplate(content.html, htmlDialect);
  const url = settings.unsubscribe.url === undefined ? undefined : cutTemplate(settings.unsubscribe.url, urlDialect);
  const subject = cutTemplate(settings.subject, textDialect);
  const lines = lineTemplates(settings).map(({ part, template }) => ({
    part,
    template: cutTemplate(template, textDialect),
  }));
  const valuesFor = ({
    profile,
    delivery,
    unsubscribeUrl: hosted,
    mirrorUrl,
    textOnly,
  }: PersonalisationInput): MessageValues => {
    const scope = scopeOf(profile, delivery, settings);
    if (mirrorUrl !== undefined) scope['mirror_url'] = mirrorUrl;
    const unsubscribeUrl = url ? joinText(url, valuesOf('unsubscribe.url', url, scope)) : hosted;
    if (unsubscribeUrl !== undefined) scope['unsubscribe_url'] = unsubscribeUrl;
    const values: MessageValues = {
      subject: lineOf('subject', subject, scope),
      lines: lines.length === 0 ? noLines : linesOf(lines, scope),
      text: [],
    };
    // In this order: the first fault is the one that is told.
    if (html && !textOnly) values.html = valuesOf('html', html, scope);
    values.text = valuesOf('text', text, scope);
    if (unsubscribeUrl !== undefined) values.unsubscribeUrl = unsubscribeUrl;
    return values;
  };
  return {
    ...(html ? { html } : {}),
    text,
    valuesFor,
    render(input) {
      const { html: htmlValues, text: textValues, lines: _lines, ...values } = valuesFor(input);
      return {
        ...values,
        ...(html && htmlValues ? { html: joinText(html, htmlValues) } : {}),
        text: joinText(text, textValues),
      };
    },
  };
}

/** Fields first: a column named `delivery` must not stand in for the delivery. */
function scopeOf(
  profile: PersonalisationInput['profile'],
  delivery: PersonalisationInput['delivery'],
  { locale, localeField }: PersonalisedSettings,
): Scope {
  const scope = Object.create(null) as Scope;
  // Liquid's `size` of an object is how many members it has: without this, who lacks the field would read a number.
  scope['size'] = undefined;
  // A function, for a language that cannot be read is a fault only where it counts.
  scope[localesKey] = () => localesOf(scope[localeField], localeField, locale);
  return Object.assign(scope, profile.fields, { email: profile.address, delivery });
}

/** RFC 5322 §2.2: a line break in a value would begin a header of its own. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

const noLines: LineValues = {};

function linesOf(lines: readonly { part: LinePart; template: CutTemplate }[], scope: Scope): LineValues {
  return Object.fromEntries(lines.map(({ part, template }) => [part, lineOf(part, template, scope)]));
}

/** RFC 5322 §2.1.1 lets a line have 998 characters: a header that could not stand on one is nobody's intention. */
const longestLine = 998;

function lineOf(part: Part, template: CutTemplate, scope: Scope): string {
  const line = oneLine(joinText(template, valuesOf(part, template, scope)));
  if (line.length > longestLine)
    throw new PersonalisationError(part, `the text is longer than ${longestLine} characters`);
  return line;
}

function valuesOf(part: Part, template: CutTemplate, scope: Scope): string[] {
  try {
    return template.values(scope);
  } catch (error) {
    throw personalisationError(part, error);
  }
}

/** The library's messages can quote values, so only places and names are taken from them. */
function personalisationError(part: Part, error: unknown): PersonalisationError {
  const cause: unknown = error instanceof LiquidError ? error.originalError : undefined;
  const field = cause instanceof Error && 'variableName' in cause ? String(cause.variableName) : undefined;
  if (field !== undefined) return new PersonalisationError(part, `field "${field}" is missing`, field);
  const line = error instanceof LiquidError ? ` on line ${error.token.getPosition()[0]}` : '';
  if (cause instanceof FilterFault)
    return new PersonalisationError(part, `the template${line} cannot be filled: ${cause.message}`);
  if (cause instanceof Error && cause.message.endsWith('limit exceeded'))
    return new PersonalisationError(part, `the template${line} makes more, or takes longer, than one message may`);
  return new PersonalisationError(part, `the template${line} cannot be filled with this recipient's values`);
}

/** All templates of a delivery that there are. */
function templatesByPart(settings: PersonalisedSettings, { html, text }: Content): [Part, string][] {
  const url = settings.unsubscribe.url;
  return [
    ['subject', settings.subject],
    ...lineTemplates(settings).map(({ part, template }): [Part, string] => [part, template]),
    ...(url === undefined ? [] : [['unsubscribe.url', url] as [Part, string]]),
    ...(html === undefined ? [] : [['html', html] as [Part, string]]),
    ['text', text],
  ];
}

export type VariablesByPart = Partial<Record<Part, TemplateVariable[]>>;

/**
 * @returns the variables that each part takes from outside; `unsubscribe_url`, `mirror_url`, `email` and `delivery.…` among
 * them
 */
export function variablesByPart(settings: PersonalisedSettings, content: Content): VariablesByPart {
  return Object.fromEntries(
    templatesByPart(settings, content).map(([part, template]) => [part, templateVariables(template)]),
  );
}

/** @returns the parts that ask for a variable, even where they do so under a condition */
export function partsWith(variable: string, byPart: VariablesByPart): string[] {
  return Object.entries(byPart)
    .filter(([, variables]) => variables?.some(({ name }) => name === variable))
    .map(([part]) => part);
}

/** Whether any part is written with a filter whose forms are those of Node's ICU. */
export function writesInLocale(settings: PersonalisedSettings, content: Content): boolean {
  return templatesByPart(settings, content).some(([, template]) => usesLocaleFilters(template));
}

/** The variables that every recipient has, whatever the columns of the target. */
export const givenVariables = ['email', 'unsubscribe_url', 'mirror_url', 'delivery.id', 'delivery.name'];

/** @returns the parts of what is sent that link to the message's page */
export function partsWithMirror(
  settings: PersonalisedSettings & Pick<DeliverySettings, 'format'>,
  content: Content,
): string[] {
  return partsWith('mirror_url', variablesByPart(settings, contentSent(settings, content)));
}
