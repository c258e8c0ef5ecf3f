import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { FastifyInstance } from 'fastify';

export interface Asked {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  payload?: string | Buffer;
  /** Which of this machine's many addresses asks: 127.x.y.z. */
  from?: string;
}

export interface Answered {
  statusCode: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Asks a server over real HTTP, with whatever headers one likes, its host too. */
export async function listenAndAsk(server: FastifyInstance): Promise<(asked: Asked) => Promise<Answered>> {
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  return async ({ url: path, method = 'GET', headers = {}, payload, from = '127.0.0.1' }) => {
    // Of a DELETE's body Node tells no length by itself: the server would take it for another request.
    const framed = payload === undefined ? headers : { ...headers, 'content-length': `${Buffer.byteLength(payload)}` };
    const sent = request({ host: '127.0.0.1', port, path, method, headers: framed, localAddress: from, agent: false });
    sent.end(payload);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return { statusCode: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
  };
}
