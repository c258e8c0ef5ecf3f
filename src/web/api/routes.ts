import { openApiDocument } from './openapi.js';
import type { ApiRoute } from './route.js';
import { auditRoutes } from './routes/audit.js';
import { commandRoutes } from './routes/commands.js';
import { decisionRoutes } from './routes/decision-text.js';
import { deliveriesRoutes } from './routes/deliveries.js';
import { documentRoute } from './routes/document.js';
import { eventRoutes } from './routes/events.js';
import { ledgerRoutes } from './routes/ledger.js';
import { listRoutes } from './routes/lists.js';
import { operatorRoutes } from './routes/operators.js';
import { submitRoutes } from './routes/submit.js';

let document: Record<string, unknown> | undefined;

/** Every call that the API takes, and who may make it. */
export const apiRoutes: readonly ApiRoute[] = [
  ...deliveriesRoutes,
  ...submitRoutes,
  ...commandRoutes,
  ...decisionRoutes,
  ...eventRoutes,
  ...ledgerRoutes,
  ...auditRoutes,
  ...listRoutes,
  ...operatorRoutes,
  documentRoute(() => (document ??= openApiDocument(apiRoutes))),
];
