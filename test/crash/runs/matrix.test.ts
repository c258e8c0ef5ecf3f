import { nameOf } from '../cell.js';
import { cells } from '../cells.js';
import { playCells, type Playing } from '../play-cells.js';
import { tableOf } from '../table.js';

const wholeRunMs = 900_000;
let playing: Playing;

beforeAll(() => {
  playing = playCells(cells, { shared: 3, own: 2 });
});

afterAll(async () => {
  const results = await Promise.all(cells.map((cell) => playing.resultOf(cell)));
  await playing.over;
  process.stdout.write(`\n${tableOf(results)}\n`);
}, wholeRunMs);

test.each(cells.map((cell) => [nameOf(cell), cell] as const))(
  '%s',
  async (_, cell) => {
    expect((await playing.resultOf(cell)).faults).toEqual([]);
  },
  wholeRunMs,
);
