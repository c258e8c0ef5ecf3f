import type { RouteRule } from '../access/route-rule.js';
import { accountRoutes } from './pages/account.js';
import { addressListRoutes } from './pages/address-lists.js';
import { auditBundleRoutes } from './pages/audit-bundle.js';
import { decisionRoutes } from './pages/decision.js';
import { deliveriesRoutes } from './pages/deliveries.js';
import { deliveryRoutes } from './pages/delivery.js';
import { inDoubtRoutes } from './pages/in-doubt.js';
import { inboxRoutes } from './pages/inbox.js';
import { newDeliveryRoutes } from './pages/new-delivery.js';
import { newsRoutes } from './pages/news.js';
import { operatorRoutes } from './pages/operators.js';
import { previewRoutes } from './pages/preview.js';
import { proofsRoutes } from './pages/proofs.js';
import { providerSignInRoutes } from './pages/provider-sign-in.js';
import { recipientRoutes } from './pages/recipient.js';
import { recipientsRoutes } from './pages/recipients.js';
import { reportRoutes } from './pages/report.js';
import { reviseRoutes } from './pages/revise-delivery.js';
import { sendingRoutes } from './pages/sending.js';
import { signInRoutes } from './pages/sign-in.js';
import { signingKeyRoutes } from './pages/signing-keys.js';
import { timelineRoutes } from './pages/timeline.js';
import { welcomeRoutes } from './pages/welcome.js';
import type { ConsoleRoute } from './route.js';

/** Styles and scripts. */
export const assetRule: RouteRule = { method: 'GET', path: '/assets/:name', kind: 'file', needs: 'nothing' };

/** Every page and form that there is, and who may have it: no other route answers, but those of the API. */
export const consoleRoutes: readonly ConsoleRoute[] = [
  ...signInRoutes,
  ...providerSignInRoutes,
  ...welcomeRoutes,
  ...accountRoutes,
  ...signingKeyRoutes,
  ...deliveriesRoutes,
  ...deliveryRoutes,
  ...newsRoutes,
  ...reportRoutes,
  ...previewRoutes,
  ...proofsRoutes,
  ...decisionRoutes,
  ...newDeliveryRoutes,
  ...reviseRoutes,
  ...recipientsRoutes,
  ...recipientRoutes,
  ...inDoubtRoutes,
  ...timelineRoutes,
  ...auditBundleRoutes,
  ...sendingRoutes,
  ...addressListRoutes,
  ...operatorRoutes,
  ...inboxRoutes,
];
