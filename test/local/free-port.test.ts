import { freePort } from '../../src/local/free-port.js';

test('a port that nobody prefers is none of those that systems give away by themselves', async () => {
  const ports = [await freePort(0), await freePort(0), await freePort(0)];
  expect(new Set(ports).size).toBe(3);
  expect(ports.filter((port) => port < 20_000 || port > 32_000)).toEqual([]);
});
