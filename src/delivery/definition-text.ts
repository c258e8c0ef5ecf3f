import { z } from 'zod';
import { durationPattern } from './duration.js';

/** One line of text of a setting. */
export const singleLine = (what: string, max: number) =>
  z
    .string(`${what} must be text`)
    .max(max, `${what} is longer than ${max} characters`)
    // RFC 5322 §2.2: a header field's value never holds CR or LF; NUL is obsolete everywhere.
    .refine((text) => !/[\r\n\0]/.test(text), `${what} must not contain line breaks or NUL`);

/** A bare address. */
export const address = (what: string) =>
  singleLine(what, 320).regex(
    /^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/,
    `${what} must be a bare address such as news@shop.example`,
  );

/** A duration such as `5d`. */
export const duration = (what: string) =>
  z.string(`${what} must be text`).regex(durationPattern, `${what} must be a duration such as 30m, 1h or 5d`);

/** An instant: a date and a time with its offset. */
export const instant = (what: string) =>
  z.union(
    [z.iso.datetime({ offset: true, precision: -1 }), z.iso.datetime({ offset: true })],
    `${what} must be a date and a time with its offset, such as 2026-12-05T18:00+01:00`,
  );

/** Whether a setting is a Liquid template whose value differs from recipient to recipient. */
export const isTemplate = (text: string): boolean => /\{[{%]/.test(text);

/**
 * An address that may be personalised before its @. Its domain stands as it is: DKIM, DMARC and the denylist go by it, and
 * no recipient's value can lead mail elsewhere.
 */
export const addressTemplate = (what: string) =>
  singleLine(what, 320).check(({ value, issues }) => {
    if (!isTemplate(value)) {
      const [fault] = address(what).safeParse(value).error?.issues ?? [];
      if (fault) issues.push({ code: 'custom', message: fault.message, input: value });
    } else if (!/@[^\s@<>,;:"{}%]+$/.test(value)) {
      const message = `${what} may be personalised before its @ only, such as {{ shop }}@shop.example`;
      issues.push({ code: 'custom', message, input: value });
    }
  });

/** A column of the recipients. */
export const fieldName = (what: string) =>
  z
    .string(`${what} must be text`)
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, `${what} must be the name of a column: letters, digits and "_"`);

/** A language, with or without a region (BCP 47). */
export const localeSchema = (what: string) =>
  z.string(`${what} must be text`).refine(isLocale, `${what} must be a language such as de or pt-BR`);

export function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
