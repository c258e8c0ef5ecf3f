import type { ServerAddresses } from '../system/environment.js';
import { startOwnServers, type OwnServers } from '../system/own-servers.js';
import { needsOwnServers, type Cell } from './cell.js';
import { playCell, type CellResult } from './play-cell.js';
import { rowOf } from './table.js';

/** Cells that are being played. */
export interface Playing {
  /** @returns the cell's result when it is over */
  resultOf: (cell: Cell) => Promise<CellResult>;
  /** Resolves when all are over and the servers of their own have stopped. */
  over: Promise<void>;
}

/**
 * Plays cells some at a time, for each mostly waits: those that harm a server in lanes with servers of their own, the
 * others on the servers of the run.
 */
export function playCells(cells: readonly Cell[], lanes: { shared: number; own: number }): Playing {
  const tell = new Map<Cell, (result: CellResult) => void>();
  const results = new Map(
    cells.map((cell) => [cell, new Promise<CellResult>((resolve) => tell.set(cell, resolve))] as const),
  );
  const play = async (queue: Cell[], servers: ServerAddresses & Partial<OwnServers>) => {
    for (let cell = queue.shift(); cell; cell = queue.shift()) {
      const result = await playCell(cell, servers);
      process.stderr.write(`${rowOf(result)}\n`);
      tell.get(cell)?.(result);
    }
  };
  const onShared = cells.filter((cell) => !needsOwnServers(cell));
  const onOwn = cells.filter(needsOwnServers);
  const ownLane = async () => {
    const servers = await startOwnServers();
    await play(onOwn, servers);
    await servers.stop();
  };
  const over = Promise.all([
    ...Array.from({ length: lanes.shared }, () => play(onShared, serversOfTheRun())),
    ...Array.from({ length: Math.min(lanes.own, onOwn.length) }, ownLane),
  ]).then(() => undefined);
  return {
    resultOf: (cell) => {
      const result = results.get(cell);
      if (!result) throw new Error('no such cell is played');
      // Where the servers do not even start, no cell ends.
      return Promise.race([result, over.then(() => result)]);
    },
    over,
  };
}

function serversOfTheRun(): ServerAddresses {
  const {
    TEST_TEMPORAL_ADDRESS: temporalAddress,
    TEST_DATABASE_URL: databaseUrl,
    TEST_MIGRATE_URL: migrateUrl,
  } = process.env;
  if (temporalAddress === undefined || databaseUrl === undefined || migrateUrl === undefined)
    throw new Error('the servers of the run are missing');
  return { temporalAddress, databaseUrl, migrateUrl };
}
