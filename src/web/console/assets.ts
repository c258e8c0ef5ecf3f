import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From `src/web/console` and from `dist/src/web/console` alike: they are served from the package as they are. */
const folder = fileURLToPath(
  new URL(import.meta.url.includes('/dist/') ? '../../../../src/web/console/assets/' : './assets/', import.meta.url),
);

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface Asset {
  bytes: Buffer;
  type: string;
}

interface Assets {
  /** Paths by file name. */
  paths: Map<string, string>;
  /** By the name that stands in the path. */
  byName: Map<string, Asset>;
}

let loaded: Assets | undefined;

/** Names carry a hash of what is in them: a browser keeps a file for ever, and asks for another one once it has changed. */
function assets(): Assets {
  if (loaded) return loaded;
  const found: Assets = { paths: new Map(), byName: new Map() };
  for (const file of readdirSync(folder)) {
    const type = types[extname(file)];
    if (type === undefined) continue;
    const bytes = readFileSync(`${folder}/${file}`);
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    const name = file.replace(/(\.\w+)$/, `.${hash}$1`);
    found.paths.set(file, `/assets/${name}`);
    found.byName.set(name, { bytes, type });
  }
  return (loaded = found);
}

/** @throws Error for a file that is not there: a page that names it is broken */
export function assetPath(file: string): string {
  const path = assets().paths.get(file);
  if (path === undefined) throw new Error(`there is no asset ${file}`);
  return path;
}

export const findAsset = (name: string): Asset | undefined => assets().byName.get(name);
