import { z } from 'zod';
import { address, duration, singleLine } from './definition-text.js';

/** Plain http only on the author's own machine; nothing that a URL parser would write otherwise, for it is sealed. */
const hostedBase =
  /^(?:https:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)*|http:\/\/(?:localhost|127\.0\.0\.1))(?::[1-9]\d{0,4})?(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$/;

/** Base URL under which `sealpost web` is reached. */
const hosted = (what: string) =>
  singleLine(what, 300).regex(
    hostedBase,
    `${what} must be the https:// address of the web server, without "/" at its end, such as https://news.shop.example`,
  );

/** `url` is a Liquid template and available to the content as `unsubscribe_url`. */
export const unsubscribeSchema = z
  .strictObject({
    url: singleLine('unsubscribe.url', 1_000)
      .regex(/^https:\/\//, 'unsubscribe.url must begin with https://')
      .optional(),
    mailto: address('unsubscribe.mailto').optional(),
    /** Base URL under which `sealpost web` is reached: each message gets a link of its own there, in place of `url`. */
    hosted: hosted('unsubscribe.hosted').optional(),
    /** RFC 8058: `url` unsubscribes whoever POSTs to it. Off where not given: only its author knows that it does. */
    oneClick: z.boolean().optional(),
  })
  .refine(
    ({ url, hosted }) => url === undefined || hosted === undefined,
    'unsubscribe has both url and hosted: name the one where people unsubscribe',
  )
  .refine(
    ({ oneClick, url, hosted: base }) => oneClick !== true || url !== undefined || base !== undefined,
    'unsubscribe.oneClick needs unsubscribe.url, for that is where mail systems post to',
  );

/**
 * The message as a web page, for who cannot read it in the mail program; its address is available to the content as
 * `mirror_url`.
 *
 * - `auto`: there is a page where the content links to it
 * - `always`: there is one, whether the content links to it or not
 * - `by-id`: there is one that no message links to; operators ask for its address
 * - `never`: there is none
 */
export const mirrorSchema = z
  .strictObject({
    mode: z
      .enum(['auto', 'always', 'by-id', 'never'], 'mirror.mode must be auto, always, by-id or never')
      .default('auto'),
    hosted: hosted('mirror.hosted').optional(),
    /** How long the page can be seen, from the sending of its message. */
    expiresAfter: duration('mirror.expiresAfter').default('60d'),
  })
  .refine(
    ({ mode, hosted: base }) => base !== undefined || mode === 'auto' || mode === 'never',
    'mirror needs mirror.hosted: the address of the web server, such as https://news.shop.example',
  );
