import { nameOf } from '../crash/cell.js';
import { quickCells } from '../crash/cells.js';
import { playCells, type Playing } from '../crash/play-cells.js';

let playing: Playing;

beforeAll(() => {
  playing = playCells(quickCells, { shared: 4, own: 0 });
});
afterAll(() => playing.over);

test.each(quickCells.map((cell) => [nameOf(cell), cell] as const))('%s', async (_, cell) => {
  expect((await playing.resultOf(cell)).faults).toEqual([]);
});
