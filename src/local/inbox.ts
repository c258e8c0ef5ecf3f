import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { freePort } from './free-port.js';
import { openInboxFolder, type InboxWriter } from './inbox-files.js';

/** An SMTP server that keeps what it gets and passes nothing on. */
export interface Inbox {
  readonly smtpUrl: string;
  stop(): Promise<void>;
}

const largestMessage = 50 * 1024 * 1024;

/**
 * Starts the inbox on 127.0.0.1, for one machine's trials: no authentication, no TLS.
 *
 * @param folder - where messages are kept, one file each; made when missing
 */
export async function startInbox(folder: string, options: { preferredPort: number }): Promise<Inbox> {
  const files = openInboxFolder(folder);
  const server = new SMTPServer({
    name: 'inbox.localhost',
    banner: 'Sealpost inbox: everything stays here',
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    // What a real relay may refuse (`a..b@`, as some Japanese mobile addresses are) is its business; this one keeps it.
    lenientAddressParsing: true,
    size: largestMessage,
    rejectOversized: true,
    closeTimeout: 2_000,
    onData: (stream, session, done) => receive(files, stream, session, done),
  });
  // A client that goes away in the middle of a command is no concern of the stack.
  server.on('error', () => undefined);
  const port = await listen(server, await freePort(options.preferredPort));
  return {
    smtpUrl: `smtp://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function receive(
  files: InboxWriter,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  done: (error?: Error | null, reply?: string) => void,
): void {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => {
    // An oversized message is refused with 552 when it ends; until then it costs no memory.
    if (stream.sizeExceeded) chunks.length = 0;
    else chunks.push(chunk);
  });
  stream.on('end', () => {
    if (stream.sizeExceeded) return done();
    const { mailFrom, rcptTo } = session.envelope;
    try {
      const from = mailFrom ? mailFrom.address : '';
      const number = files.keep({ from, to: rcptTo.map(({ address }) => address) }, chunks);
      done(null, `kept as message ${number}`);
    } catch {
      // 452 (RFC 5321 §4.2.2): a full disk, most likely; the client tries again later.
      done(Object.assign(new Error('the inbox could not keep the message'), { responseCode: 452 }));
    }
  });
}

function listen(server: SMTPServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve((server.server.address() as AddressInfo).port);
    });
  });
}
