import { randomInt } from 'node:crypto';
import { basename, dirname, extname, resolve } from 'node:path';
import type { DeliveryDescription } from '../client/index.js';
import { CliError } from './failures.js';

/** Who submits the delivery of the demo. */
export const author = 'publisher';

/**
 * Who decides in the demo: people whom the approval policy lets confirm, as many as it asks for.
 *
 * @throws CliError `REFUSED` where the definition names too few
 */
export function deciders({ settings, author: by }: Pick<DeliveryDescription, 'settings' | 'author'>): string[] {
  const { approvers, fourEyes, quorum } = settings.approval;
  const people = [...new Set([...approvers, settings.owner ?? by])].filter((one) => !fourEyes || one !== by);
  if (people.length >= quorum) return people.slice(0, quorum);
  throw new CliError(
    'REFUSED',
    `Nobody can decide: the definition asks for ${quorum} confirmation${quorum === 1 ? '' : 's'}` +
      `${fourEyes ? ' by others than the author' : ''}, and approval.approvers names too few people.`,
  );
}

/**
 * An id that no delivery has: the definition's name, the minute and a little chance, `winter-news-20261124-2210-x7`.
 *
 * @param definition - path of the definition's file or folder
 */
export function freshId(definition: string, now: Date, chance: () => number = () => randomInt(36 * 36)): string {
  const path = resolve(definition);
  const name = basename(path) === 'delivery.yaml' ? basename(dirname(path)) : basename(path, extname(path));
  const stem = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 60);
  const minute = now.toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${stem || 'delivery'}-${minute}-${chance().toString(36).padStart(2, '0')}`;
}
