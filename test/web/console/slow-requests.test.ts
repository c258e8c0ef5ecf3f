import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Sealpost } from '../../../src/client/index.js';
import type { Database } from '../../../src/store/database.js';
import { loopbackAddress } from '../../../src/web/access/public-url.js';
import { createConsole } from '../../../src/web/console/server.js';

let server: FastifyInstance;

beforeAll(async () => {
  server = await createConsole({
    sealpost: {} as Sealpost,
    access: { database: {} as Database, now: Date.now },
    address: () => loopbackAddress(8090),
    record: () => undefined,
    arrival: { headersMs: 40, wholeMs: 80, lookMs: 10 },
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());

/** Writes, waits, and tells what came until the server closed. */
async function closed(written: string): Promise<string> {
  const socket: Socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
  let answer = '';
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString()));
  socket.on('error', () => undefined);
  socket.write(written);
  await once(socket, 'close');
  return answer;
}

const form = 'Host: 127.0.0.1:8090\r\nContent-Type: application/x-www-form-urlencoded\r\n';

test.each([
  ['nothing at all', ''],
  ['half a line', 'GET /sign-in HT'],
  ['headers without an end', 'GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:8090\r\nX-A: a\r\n'],
  ['a part of a form', `POST /sign-in HTTP/1.1\r\n${form}Content-Length: 100\r\n\r\noperator=a`],
  ['a part of a chunk', `POST /sign-in HTTP/1.1\r\n${form}Transfer-Encoding: chunked\r\n\r\n64\r\nope`],
])('who sends %s and waits is shown the door', async (_what, written) => {
  expect(await closed(written)).toMatch(written === '' ? /^(?:HTTP\/1\.1 408 |$)/ : /^HTTP\/1\.1 408 /);
});

test('who is slow keeps nobody else waiting', async () => {
  const slow = closed('GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:8090\r\nX-A: a\r\n');
  expect(await closed('GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:8090\r\nConnection: close\r\n\r\n')).toMatch(/ 200 /);
  await slow;
});
