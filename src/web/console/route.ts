import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { SystemKey } from '../../audit/system-key.js';
import type { Sealpost } from '../../client/index.js';
import type { SignedInOperator } from '../../store/sessions.js';
import type { Access } from '../access/access.js';
import type { PublicAddress } from '../access/public-url.js';
import type { Readable } from 'node:stream';
import type { Needs, RouteRule, UploadLimits } from '../access/route-rule.js';
import type { Visitor } from '../access/visitor.js';
import type { LiveFeeds } from '../api/live-feed.js';
import type { Watches } from '../watches.js';
import type { Html } from './html.js';
import type { LedgerView } from './ledger-view.js';
import type { Notice } from './notice.js';
import type { Upload } from './uploads.js';
import type { WaitingDeliveries } from './waiting.js';

/** What pages are made from. */
export interface ConsoleParts {
  /** All that is told and done of deliveries goes through it. */
  sealpost: Sealpost;
  /** Counts of messages, which take long where there are many. */
  ledger: LedgerView;
  access: Access;
  address: PublicAddress;
  /** Who watches how far deliveries are. */
  feeds: LiveFeeds;
  /** The same for pages, in their own words. */
  news: LiveFeeds;
  watches: Watches;
  /** Signs what auditors get. @throws SealpostError `NOT_CONFIGURED` where the console has none */
  systemKey: () => Promise<SystemKey>;
  /** Where the embedded stack's inbox keeps mail; absent without one. */
  inboxFolder?: string | undefined;
  waiting: WaitingDeliveries;
}

/** One request as a page sees it: admitted, and with what it brought already looked at. */
export interface Visit<
  N extends Needs = 'account',
  Params = unknown,
  Query = unknown,
  Form = unknown,
> extends ConsoleParts {
  visitor: Visitor;
  operator: N extends 'nothing' ? SignedInOperator | undefined : SignedInOperator;
  params: Params;
  query: Query;
  form: Form;
  /** Files that came with the form. */
  files: readonly Upload[];
  /** Field of every form, from {@link csrfInput}. */
  csrf: string;
  /** Path and query that were asked for. */
  path: string;
  browser: string;
}

/** A page's own part; the layout brings the rest. */
export interface Page {
  title: string;
  main: Html;
  /** Which entry of the navigation it belongs to, by its address. */
  section?: string;
  /** For short forms: narrow and without navigation. */
  bare?: boolean;
  /** Another site, to which the browser goes on by itself. */
  goesOnTo?: string;
  /** Assets that it needs beside those of every page. */
  scripts?: readonly string[];
}

/** Somebody else's HTML, for a frame: it is sent as it is, and under a policy that lets it do nothing. */
export interface Frame {
  html: string;
  /** Whether the images that it carries are shown. Others never are. */
  images: boolean;
}

/** What becomes of a request. */
export type Answer = {
  /** A session that begins with it, by its cookie's secret; null where one ends. */
  session?: string | null;
} & (
  | { page: Page; status?: number }
  | { frame: Frame }
  /** What a script of our page asks for. */
  | { json: unknown }
  /** Takes the connection over, to tell what happens. */
  | { stream: (reply: FastifyReply) => void }
  /** Another page, got by GET, which shows the notice. */
  | { to: string; notice?: Notice }
  /** What is saved as a file. */
  | { download: { name: string; type: string; body: Readable | Buffer } }
);

/** A row of the table of routes. */
export interface ConsoleRoute extends RouteRule {
  kind: 'page' | 'form';
  schemas: Partial<Record<'params' | 'query' | 'form', z.ZodType>>;
  answer: (visit: Visit<never>) => Promise<Answer>;
}

interface Spec<N extends Needs, Params, Query, Form> {
  path: string;
  needs: N;
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
  form?: z.ZodType<Form>;
  guessable?: true;
  kept?: true;
  uploads?: UploadLimits;
  answer: (visit: Visit<N, Params, Query, Form>) => Promise<Answer>;
}

/** A page that is got. */
export function page<N extends Needs, Params = unknown, Query = unknown>(
  spec: Omit<Spec<N, Params, Query, unknown>, 'form' | 'uploads'>,
): ConsoleRoute {
  return route('GET', 'page', spec);
}

/** What a form posts. */
export function form<N extends Needs, Params = unknown, Form = unknown>(
  spec: Omit<Spec<N, Params, unknown, Form>, 'query'>,
): ConsoleRoute {
  return route('POST', 'form', spec);
}

function route<N extends Needs, P, Q, F>(
  method: 'GET' | 'POST',
  kind: 'page' | 'form',
  { params, query, form: fields, answer, ...rule }: Spec<N, P, Q, F>,
): ConsoleRoute {
  return {
    ...rule,
    method,
    kind,
    schemas: { ...(params && { params }), ...(query && { query }), ...(fields && { form: fields }) },
    // The registration parses each part by the schema that stands beside it.
    answer: answer as ConsoleRoute['answer'],
  };
}
