import type { FastifyReply } from 'fastify';
import type { Access } from './access/access.js';
import { RefusedError } from './access/guard.js';
import type { Permission } from './access/permissions.js';
import { permissionsNow } from './access/still-may.js';
import type { Visitor } from './access/visitor.js';
import type { Viewer } from './api/live-feed.js';

/** The most that are open at once for all, and for one operator. */
const most = { all: 600, own: 100 };
/** Who watches longer connects again: proxies and servers come and go. */
const longestMs = 10 * 60_000;
/** So often it is looked at whether those who watch still may. */
const lookEveryMs = 2_000;
/** Octets that wait for a viewer who does not read. */
const mostWaiting = 65_536;

interface Watch {
  visitor: Visitor;
  needs: Permission;
  end: () => void;
}

/** Connections over which people are told what happens: bounded, and ended with the session and the right to. */
export class Watches {
  private readonly open = new Set<Watch>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly access: Access,
    private readonly everyMs: number = lookEveryMs,
  ) {}

  /**
   * Takes the reply over, for server-sent events.
   *
   * @param subscribe - begins to tell; it returns what ends that
   * @throws RefusedError
   */
  begin(
    reply: FastifyReply,
    { visitor, needs }: { visitor: Visitor; needs: Permission },
    subscribe: (viewer: Viewer) => () => void,
  ): void {
    const own = [...this.open].filter(({ visitor: { operator } }) => operator?.id === visitor.operator?.id).length;
    if (own >= most.own || this.open.size >= most.all) throw new RefusedError('too-many', 'too many are watching');
    reply.hijack();
    const { raw } = reply;
    const headers = reply.getHeaders() as Record<string, string>;
    raw.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    const watch: Watch = { visitor, needs, end: () => raw.end() };
    this.open.add(watch);
    const leave = subscribe({
      write: (text) => raw.write(text) || raw.writableLength < mostWaiting,
      end: watch.end,
    });
    const timer = setTimeout(watch.end, longestMs).unref();
    raw.on('close', () => {
      clearTimeout(timer);
      this.open.delete(watch);
      leave();
    });
    this.timer ??= setTimeout(() => void this.look(), this.everyMs).unref();
  }

  private async look(): Promise<void> {
    const watches = [...this.open];
    // Without the database there is nothing to be told either.
    const may = await permissionsNow(
      this.access,
      watches.map(({ visitor }) => visitor),
    ).catch(() => undefined);
    for (const [i, { needs, end }] of watches.entries()) if (may?.[i]?.has(needs) === false) end();
    this.timer = this.open.size > 0 ? setTimeout(() => void this.look(), this.everyMs).unref() : undefined;
  }
}
