import { nameOf } from '../cell.js';
import { cells } from '../cells.js';
import { playCells, type Playing } from '../play-cells.js';
import { tableOf } from '../table.js';

const wholeRunMs = 1_800_000;
/** A regular expression of the cells to play, where not all are wanted. */
const wanted = new RegExp(process.env['CRASH_CELLS'] ?? '');
const chosen = cells.filter((cell) => wanted.test(nameOf(cell)));
let playing: Playing;

beforeAll(() => {
  playing = playCells(chosen, { shared: 3, own: 2 });
});

afterAll(async () => {
  const results = await Promise.all(chosen.map((cell) => playing.resultOf(cell)));
  await playing.over;
  process.stdout.write(`\n${tableOf(results)}\n`);
}, wholeRunMs);

test.each(chosen.map((cell) => [nameOf(cell), cell] as const))(
  '%s',
  async (_, cell) => {
    expect((await playing.resultOf(cell)).faults).toEqual([]);
  },
  wholeRunMs,
);
