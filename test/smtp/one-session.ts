import { openConnection, takeOver } from '../../src/smtp/open-connection.js';
import { parseRelayUrl, type RelayOptions } from '../../src/smtp/relay-url.js';
import { SmtpSession, type SessionTimeouts } from '../../src/smtp/smtp-session.js';
import type { Envelope, TransactionResult } from '../../src/smtp/transaction.js';

export interface Message {
  envelope: Envelope;
  bytes: Buffer;
}

/** What became of a message. `handedBack`: it may be tried over another connection, for this one never took it on. */
export type Fate = TransactionResult & { handedBack?: true };

export const longWait: SessionTimeouts = { envelope: 30_000, message: 30_000, idle: 30_000 };

/**
 * Sends messages over one connection as the pool would, one after the other.
 *
 * @returns what became of each, when that is known of all or the connection has ended
 */
export async function sendOverOneSession(
  url: string,
  messages: readonly Message[],
  options: {
    timeouts?: SessionTimeouts;
    relay?: Partial<RelayOptions>;
    onSession?: (session: SmtpSession) => void;
  } = {},
): Promise<(Fate | undefined)[]> {
  const relay = { ...parseRelayUrl(url), ...options.relay };
  const connection = await openConnection(relay, 10_000, new AbortController().signal);
  const fates: (Fate | undefined)[] = messages.map(() => undefined);
  return await new Promise((resolve) => {
    let next = 0;
    const settle = (at: number, fate: Fate) => {
      if (fates[at]) throw new Error(`message ${at} was settled twice`);
      fates[at] = fate;
    };
    const jobs = messages.map((message, at) => ({
      ...message,
      at,
      trial: false,
      settle: (fate: Fate) => settle(at, fate),
    }));
    const session = new SmtpSession(takeOver(connection, relay), options.timeouts ?? longWait, {
      nextJob: () => jobs[next++],
      rested: () => session.quit(),
      idleTooLong: () => undefined,
      handBack: (job, result) =>
        settle(
          jobs.findIndex((one) => one === job),
          { ...result, handedBack: true },
        ),
      ended: () => resolve(fates),
    });
    options.onSession?.(session);
    session.resume();
  });
}
