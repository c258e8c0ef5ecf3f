import { createHash } from 'node:crypto';

/** Who reads what happens, as server-sent events. */
export interface Viewer {
  /** @returns false where so much waits to be read that the viewer is given up */
  write: (text: string) => boolean;
  end: () => void;
}

/** What there is to see now. */
export interface Sight {
  event: string;
  data: unknown;
  /** Nothing more will happen. */
  ended: boolean;
}

interface Feed {
  viewers: Set<Viewer>;
  /** The last one that was shown, as it is written. */
  shown?: { id: string; text: string };
  timer?: NodeJS.Timeout;
  quietSince: number;
}

interface Times {
  everyMs: number;
  /** So long nothing is said before a comment is, by which proxies see that somebody is there. */
  heartbeatMs: number;
}

/** How long a browser waits before it connects again. */
const greeting = 'retry: 3000\n\n';

/**
 * Looks at each thing once for all who watch it, and tells them what is new. What is told is a state and no log: who comes
 * back needs the last one alone.
 */
export class LiveFeeds {
  private readonly feeds = new Map<string, Feed>();
  private closed = false;

  /** @param look - undefined where there is nothing new to be seen yet. Its errors are taken for outages */
  constructor(
    private readonly look: (name: string) => Promise<Sight | undefined>,
    private readonly times: Times = { everyMs: 1_000, heartbeatMs: 15_000 },
  ) {}

  /**
   * @param seen - id of the last event that the viewer has
   * @returns takes the viewer away
   */
  add(name: string, viewer: Viewer, seen?: string): () => void {
    const feed = this.feeds.get(name) ?? { viewers: new Set(), quietSince: performance.now() };
    this.feeds.set(name, feed);
    feed.viewers.add(viewer);
    viewer.write(feed.shown && feed.shown.id !== seen ? greeting + feed.shown.text : greeting);
    if (feed.timer === undefined) this.plan(name, feed, 0);
    return () => this.remove(name, feed, viewer);
  }

  /** Ends all of them: viewers connect again, to whoever serves then. */
  close(): void {
    this.closed = true;
    for (const [name, feed] of this.feeds) this.end(name, feed);
  }

  get viewers(): number {
    return [...this.feeds.values()].reduce((sum, { viewers }) => sum + viewers.size, 0);
  }

  private plan(name: string, feed: Feed, inMs: number): void {
    feed.timer = setTimeout(() => void this.turn(name, feed), inMs).unref();
  }

  private async turn(name: string, feed: Feed): Promise<void> {
    const sight = await this.look(name).catch(() => undefined);
    if (this.closed || feed.viewers.size === 0) return;
    const text = sight && written(sight);
    if (text && text.id !== feed.shown?.id) {
      feed.shown = text;
      this.tell(name, feed, text.text);
    } else if (performance.now() - feed.quietSince >= this.times.heartbeatMs) this.tell(name, feed, ': still here\n\n');
    if (sight?.ended) {
      this.tell(name, feed, 'event: end\ndata: {}\n\n');
      return this.end(name, feed);
    }
    if (feed.viewers.size > 0) this.plan(name, feed, this.times.everyMs);
  }

  private tell(name: string, feed: Feed, text: string): void {
    feed.quietSince = performance.now();
    for (const viewer of feed.viewers) if (!viewer.write(text)) this.remove(name, feed, viewer);
  }

  private remove(name: string, feed: Feed, viewer: Viewer): void {
    if (!feed.viewers.delete(viewer)) return;
    viewer.end();
    if (feed.viewers.size === 0) this.end(name, feed);
  }

  private end(name: string, feed: Feed): void {
    clearTimeout(feed.timer);
    if (this.feeds.get(name) === feed) this.feeds.delete(name);
    for (const viewer of feed.viewers) viewer.end();
    feed.viewers.clear();
  }
}

/** One that says the same has the same id: who has it already is not told again. */
function written({ event, data }: Sight): { id: string; text: string } {
  const json = JSON.stringify(data);
  const id = createHash('sha256').update(json).digest('base64url').slice(0, 12);
  return { id, text: `id: ${id}\nevent: ${event}\ndata: ${json}\n\n` };
}
