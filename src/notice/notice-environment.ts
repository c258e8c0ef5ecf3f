import { parseAddress } from '../delivery/address.js';
import type { Mailbox } from '../mime/header-value.js';

/** How a worker writes to operators. */
export interface NoticeSettings {
  from: Mailbox;
  /** The relay that takes this mail; the delivery's own where absent. */
  relay?: string;
  /** Base URL of the operators' console, without a slash at its end. */
  consoleUrl?: string;
}

/** A variable for mail to operators is not usable. The message names it, and no address. */
export class NoticeSettingsError extends Error {
  override readonly name = 'NoticeSettingsError';
}

/**
 * @param env - such as `process.env`; empty values count as not set
 * @param relays - names of the relays that there are
 * @returns undefined where `SEALPOST_NOTICE_FROM` is not set: then nobody is written to
 * @throws NoticeSettingsError
 */
export function noticesFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  relays: ReadonlySet<string>,
): NoticeSettings | undefined {
  const { SEALPOST_NOTICE_FROM: from, SEALPOST_NOTICE_RELAY: relay, SEALPOST_CONSOLE_URL: consoleUrl } = env;
  if (!from) return undefined;
  if (relay && !relays.has(relay))
    throw new NoticeSettingsError(
      'SEALPOST_NOTICE_RELAY names no relay of this worker: "default" is that of SMTP_URL, "bulk" that of SMTP_URL_BULK.',
    );
  return {
    from: parseMailbox(from),
    ...(relay && { relay }),
    ...(consoleUrl && { consoleUrl: parseConsoleUrl(consoleUrl) }),
  };
}

function parseMailbox(text: string): Mailbox {
  const named = /^\s*"?([^"<>\r\n\0]*?)"?\s*<([^<>]+)>\s*$/.exec(text);
  const [name, address] = named ? [named[1], named[2]] : [undefined, text];
  const parsed = parseAddress(address?.trim() ?? '');
  if (!parsed || parsed.smtpUtf8)
    throw new NoticeSettingsError('SEALPOST_NOTICE_FROM must be such as Sealpost <sealpost@shop.example>.');
  return { address: parsed.address, ...(name && { name }) };
}

function parseConsoleUrl(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new NoticeSettingsError('SEALPOST_CONSOLE_URL must be such as https://sealpost.internal.');
  const { origin, pathname } = new URL(text);
  return origin + pathname.replace(/\/+$/, '');
}
