import { once } from 'node:events';
import net from 'node:net';

/** What becomes of something that was held: `drop` tears the connection instead. */
export type Onward = 'pass' | 'drop';

/** Passes one connection on, and ends both sides when it is over. */
export type Carry = (client: net.Socket, server: net.Socket) => void;

export interface Address {
  host: string;
  port: number;
}

/** Passes bytes between a worker and a server, and can be cut. */
export interface Wire extends Address {
  /** Tears all connections, and every new one until `restore`. */
  cut(): void;
  restore(): void;
  /** Connections that are open. */
  open(): number;
  close(): Promise<void>;
}

/**
 * @param to - the server
 * @param carry - passes one connection on; plainly where it is left out
 */
export async function openWire(to: Address, carry: Carry = pass): Promise<Wire> {
  const sockets = new Set<net.Socket>();
  let isCut = false;
  const server = net.createServer({ noDelay: true }, (client) => {
    // Its worker may be killed at any time, and its server too.
    client.on('error', () => undefined);
    if (isCut) return client.destroy();
    const upstream = net.connect({ ...to, noDelay: true });
    upstream.on('error', () => undefined);
    for (const one of [client, upstream]) {
      sockets.add(one);
      one.on('close', () => sockets.delete(one));
    }
    carry(client, upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const tear = () => sockets.forEach((socket) => socket.destroy());
  return {
    host: '127.0.0.1',
    port: (server.address() as net.AddressInfo).port,
    cut: () => {
      isCut = true;
      tear();
    },
    restore: () => {
      isCut = false;
    },
    open: () => sockets.size / 2,
    close: async () => {
      tear();
      server.close();
      await once(server, 'close');
    },
  };
}

const pass: Carry = (client, server) => {
  endTogether(client, server);
  client.pipe(server).pipe(client);
};

/**
 * Passes connections on, and holds what goes beyond so many bytes from the client: of a long message the end is then
 * still on its way, whatever buffers there are.
 */
export function holdingBeyond(bytes: number, released: Promise<Onward>): Carry {
  return (client, server) => {
    endTogether(client, server);
    server.pipe(client);
    const carry = async () => {
      let passed = 0;
      for await (const chunk of client as AsyncIterable<Buffer>) {
        passed += chunk.length;
        if (passed > bytes && (await released) === 'drop') break;
        server.write(chunk);
      }
    };
    // One end went away.
    carry()
      .catch(() => undefined)
      .finally(() => server.destroySoon());
  };
}

function endTogether(client: net.Socket, server: net.Socket): void {
  client.on('close', () => server.destroySoon());
  server.on('close', () => client.destroySoon());
}
