import { type Liquid, LiquidError, type Template } from 'liquidjs';
import type { Content, DeliverySettings, Profile } from '../delivery/definition.js';
import { createLiquidEngine, templateVariables, type TemplateVariable, textOf } from './liquid.js';

/** The templates of a delivery, as faults and variables name them. */
export type Part = 'subject' | 'unsubscribe.url' | 'html' | 'text';

/** A message's own values. */
export interface PersonalisedMessage {
  /** One line, whatever the values held. */
  subject: string;
  html?: string;
  text: string;
  unsubscribeUrl?: string;
}

/** Whom a message is for, and what it belongs to. */
export interface PersonalisationInput {
  profile: Pick<Profile, 'address' | 'fields'>;
  delivery: { id: string; name: string };
}

export interface Personaliser {
  /**
   * The same input always gives the same message.
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
export type PersonalisedSettings = Pick<DeliverySettings, 'subject' | 'unsubscribe'>;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
const escapeHtml = (value: unknown) => textOf(value).replace(/[&<>"']/g, (character) => entities[character] ?? '');
// A lone surrogate has no UTF-8 form, and encodeURIComponent throws at it.
const escapeUrl = (value: unknown) => encodeURIComponent(textOf(value).replace(/\p{Surrogate}/gu, '\uFFFD'));

const htmlEngine = createLiquidEngine(escapeHtml);
const urlEngine = createLiquidEngine(escapeUrl);
const textEngine = createLiquidEngine(textOf);

/**
 * Parses a delivery's templates once, to be filled for each recipient. Templates see the recipient's fields by name,
 * `email`, `unsubscribe_url`, `delivery.id` and `delivery.name`. Values are escaped in HTML and in the unsubscription
 * URL, and templates cannot switch that off.
 *
 * @throws LiquidError for a template that `compileContent` and the definition's checks have not seen
 */
export function compilePersonalisation(settings: PersonalisedSettings, content: Content): Personaliser {
  const subject = fillerOf('subject', settings.subject, textEngine);
  const text = fillerOf('text', content.text, textEngine);
  const html = content.html === undefined ? undefined : fillerOf('html', content.html, htmlEngine);
  const url =
    settings.unsubscribe.url === undefined
      ? undefined
      : fillerOf('unsubscribe.url', settings.unsubscribe.url, urlEngine);
  return {
    render({ profile, delivery }) {
      const scope = scopeOf(profile, delivery);
      const unsubscribeUrl = url?.(scope);
      if (unsubscribeUrl !== undefined) scope['unsubscribe_url'] = unsubscribeUrl;
      return {
        // RFC 5322 §2.2: a line break in a value would begin a header of its own.
        subject: subject(scope)
          .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
          .trim(),
        ...(html ? { html: html(scope) } : {}),
        text: text(scope),
        ...(unsubscribeUrl === undefined ? {} : { unsubscribeUrl }),
      };
    },
  };
}

/** Fields first: a column named `delivery` must not stand in for the delivery. */
function scopeOf(profile: PersonalisationInput['profile'], delivery: PersonalisationInput['delivery']) {
  const scope = Object.create(null) as Record<string, unknown>;
  // Liquid's `size` of an object is how many members it has: without this, who lacks the field would read a number.
  scope['size'] = undefined;
  return Object.assign(scope, profile.fields, { email: profile.address, delivery });
}

function fillerOf(part: Part, template: string, engine: Liquid): (scope: object) => string {
  const parsed: Template[] = engine.parse(template);
  return (scope) => {
    try {
      return engine.renderSync(parsed, scope) as string;
    } catch (error) {
      throw personalisationError(part, error);
    }
  };
}

/** The library's messages can quote values, so only places and names are taken from them. */
function personalisationError(part: Part, error: unknown): PersonalisationError {
  const cause: unknown = error instanceof LiquidError ? error.originalError : undefined;
  const field = cause instanceof Error && 'variableName' in cause ? String(cause.variableName) : undefined;
  if (field !== undefined) return new PersonalisationError(part, `field "${field}" is missing`, field);
  const line = error instanceof LiquidError ? ` on line ${error.token.getPosition()[0]}` : '';
  return new PersonalisationError(part, `the template${line} cannot be filled with this recipient's values`);
}

/**
 * @returns the variables that each part takes from outside; `unsubscribe_url`, `email` and `delivery.…` among them
 */
export function variablesByPart(
  settings: PersonalisedSettings,
  content: Content,
): Partial<Record<Part, TemplateVariable[]>> {
  const url = settings.unsubscribe.url;
  return {
    subject: templateVariables(settings.subject),
    ...(url === undefined ? {} : { 'unsubscribe.url': templateVariables(url) }),
    ...(content.html === undefined ? {} : { html: templateVariables(content.html) }),
    text: templateVariables(content.text),
  };
}

/** The variables that every recipient has, whatever the columns of the target. */
export const givenVariables = ['email', 'unsubscribe_url', 'delivery.id', 'delivery.name'];
