import { z } from 'zod';
import { operatorIdSchema } from '../../delivery/operator-id.js';
import { recordAccess } from '../../store/access-events.js';
import {
  addOperatorWithIdentity,
  claimOperator,
  connectOperator,
  identityOf,
  operatorOfIdentity,
  type Identity,
} from '../../store/identities.js';
import { findInvitation, useInvitation } from '../../store/invitations.js';
import { findOperator, setRoles } from '../../store/operators.js';
import { insertProviderSignIn, takeProviderSignIn, type ProviderSignIn } from '../../store/provider-sign-ins.js';
import type { OperatorRole } from '../../client/index.js';
import type { Access } from './access.js';
import { ProviderAnswerError, type IdentityProvider, type SignInSecrets } from './identity-provider.js';
import { rolesBy, textClaim, type Claims } from './provider-claims.js';
import type { PublicAddress } from './public-url.js';
import { newSecret, proofOf, secretHash } from './secret.js';
import { endSessionsOf, signInAs, type Session } from './sessions.js';

/** Where the provider sends people back to; it must know the whole address. */
export const callbackPath = '/sign-in/callback';

/** So long somebody may take at the provider. */
const underWayMs = 10 * 60_000;

const refusals = {
  'begun-elsewhere':
    'This sign-in was begun in another browser or tab, or more than ten minutes ago, or was used before. Begin once more.',
  'not-valid': 'What came back is no valid sign-in. Begin once more; if it happens again, tell who runs this console.',
  'no-id': 'The provider does not say who you are by a name that can be an operator id. Tell who runs this console.',
  'no-roles':
    'You have no role here: nothing that the provider says of you stands for one. Ask an administrator there.',
  unknown: 'You are no operator here yet. Ask an administrator to add you.',
  taken:
    'An operator of your name is here already, and does not belong to this account. Ask an administrator for a link that connects it.',
  disabled: 'You may not sign in here any more. Ask an administrator.',
  'another-account': 'That was the account of somebody else. Sign in again as yourself.',
  'link-over': 'The link opens no more, or this account belongs to another operator already. Ask for another link.',
} as const;
type Reason = keyof typeof refusals;

/** Nobody is let in. Its message is a sentence for whoever wanted to come in. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
  constructor(
    readonly reason: Reason,
    /** Of the operator, where one is known, and what else is worth keeping. */
    readonly about: { operator?: string; code?: string } = {},
  ) {
    super(refusals[reason]);
  }
}

/** All of it comes from what the browser has and from what it brings back; we keep neither. */
function secretsOf(browserSecret: string, state: string): SignInSecrets & { key: Buffer } {
  const own = (purpose: string) => proofOf(browserSecret, `provider-${purpose}:${state}`);
  return { state, nonce: own('nonce'), verifier: own('verifier'), key: secretHash(own('key')) };
}

/**
 * Begins a sign-in at the provider, for this browser alone.
 *
 * @param browserSecret - of its session, or of the visit of a stranger
 * @param wish - whose fresh sign-in it is to be, or which link is to connect its operator
 * @returns where to go
 * @throws ProviderAwayError
 */
export async function beginAtProvider(
  { database, now }: Access,
  provider: IdentityProvider,
  { url }: PublicAddress,
  browserSecret: string,
  wish: Omit<ProviderSignIn, 'begunAt'>,
): Promise<string> {
  const { key, ...secrets } = secretsOf(browserSecret, newSecret());
  const to = await provider.address(`${url}${callbackPath}`, secrets, wish.operator !== undefined);
  const begunAt = new Date(now());
  const expiresAt = new Date(begunAt.getTime() + underWayMs);
  await insertProviderSignIn(database, key, { ...wish, begunAt, expiresAt });
  return to;
}

/** Who comes back. */
export interface Returning {
  /** What the provider has added to our address: `?code=…&state=…`. */
  search: string;
  browserSecret: string;
  browser: string;
  session: Session | undefined;
}

/**
 * Ends a sign-in at the provider. Refusals are recorded, but for those of answers that this browser never asked for:
 * strangers could send any number of them.
 *
 * @returns the secret of the session's cookie, and where to go on
 * @throws SignInRefused, ProviderAwayError
 */
export async function finishAtProvider(
  access: Access,
  provider: IdentityProvider,
  { url }: PublicAddress,
  { search, browserSecret, browser, session }: Returning,
): Promise<{ secret: string; next: string }> {
  const state = new URLSearchParams(search).get('state') ?? '';
  const secrets = secretsOf(browserSecret, state);
  // Taken before anything else: a kill after that, or an answer that comes twice, lets nobody in.
  const wish = await takeProviderSignIn(access.database, secrets.key, new Date(access.now()));
  if (!wish) throw new SignInRefused('begun-elsewhere');
  const fresh = wish.operator !== undefined;
  let subject: string | undefined;
  try {
    const callback = new URL(`${callbackPath}${search}`, url);
    const { identity, claims } = await provider.identify(callback, secrets, fresh ? wish.begunAt : undefined);
    ({ subject } = identity);
    const operator = await admitted(access, provider, identity, claims, wish);
    if (wish.operator !== undefined && operator !== wish.operator)
      throw new SignInRefused('another-account', { operator: wish.operator });
    const { issuer } = identity;
    const secret = await signInAs(access, operator, { browser, before: session, provider: issuer, confirmed: fresh });
    return { secret, next: wish.next };
  } catch (error) {
    const refused = error instanceof ProviderAnswerError ? new SignInRefused('not-valid', { code: error.code }) : error;
    if (refused instanceof SignInRefused) await recordRefusal(access, provider, wish, refused, subject);
    throw refused;
  }
}

async function recordRefusal(
  { database, now }: Access,
  { settings }: IdentityProvider,
  wish: ProviderSignIn,
  { reason, about }: SignInRefused,
  subject: string | undefined,
): Promise<void> {
  const { operator = wish.operator, code } = about;
  await recordAccess(database, {
    at: new Date(now()),
    kind: 'sign-in-failed',
    ...(operator !== undefined && { operator }),
    data: {
      provider: settings.issuer,
      reason,
      ...(code !== undefined && { code }),
      ...(subject !== undefined && { subject }),
    },
  });
}

/** @returns the operator who this is, with the roles of this moment @throws SignInRefused */
async function admitted(
  access: Access,
  { settings }: IdentityProvider,
  identity: Identity,
  claims: Claims,
  { invitation, operator: wanted }: ProviderSignIn,
): Promise<string> {
  const { database } = access;
  const roles = settings.roles && rolesBy(settings.roles, claims);
  const known = await operatorOfIdentity(database, identity);
  if (known && !known.active) throw new SignInRefused('disabled', { operator: known.id });
  if (roles?.length === 0) {
    // What they had here was given for what they were there.
    if (known) await setRoles(database, known.id, [], identity.issuer);
    throw new SignInRefused('no-roles', known && { operator: known.id });
  }
  // A fresh sign-in of who is known makes nobody an operator.
  if (wanted !== undefined && !known) throw new SignInRefused('another-account', { operator: wanted });
  const operator =
    invitation !== undefined
      ? await connected(access, identity, known?.id, invitation)
      : (known?.id ?? (await newcomer(access, settings, identity, claims, roles ?? [])));
  if (roles) await setRoles(database, operator, roles, identity.issuer);
  return operator;
}

/** Connects the operator whom a link is for; whatever else let them in lets them in no more. */
async function connected(
  access: Access,
  identity: Identity,
  known: string | undefined,
  invitation: Buffer,
): Promise<string> {
  const { database, now } = access;
  const at = new Date(now());
  const open = await findInvitation(database, invitation, at);
  const { operator } = open ?? {};
  if (operator === undefined || (known !== undefined && known !== operator)) throw new SignInRefused('link-over');
  // A kill between these two leaves a link that opens no more, and nobody connected: another one is made.
  if (!(await useInvitation(database, invitation, at)) || !(await connectOperator(database, operator, identity, at)))
    throw new SignInRefused('link-over', { operator });
  await noteBound(access, operator, identity);
  await endSessionsOf(access, operator, { except: undefined }, { by: operator, kind: 'session-ended' });
  return operator;
}

/** Somebody whom no operator is bound to yet. */
async function newcomer(
  access: Access,
  { claims: names, newOperators }: IdentityProvider['settings'],
  identity: Identity,
  claims: Claims,
  roles: readonly OperatorRole[],
): Promise<string> {
  const { database, now } = access;
  const at = new Date(now());
  const { data: id } = operatorIdSchema.safeParse(textClaim(claims, names.operator));
  if (id === undefined) throw new SignInRefused('no-id');
  const found = await findOperator(database, id);
  if (found && !found.active) throw new SignInRefused('disabled', { operator: id });
  if (!found && newOperators === 'refuse') throw new SignInRefused('unknown');
  const name = (textClaim(claims, names.name) ?? id).slice(0, 200);
  const email = z.email().max(320).safeParse(textClaim(claims, names.email)).data;
  const isTheirs = email !== undefined && claims['email_verified'] !== false;
  const particulars = { id, name, roles: [...roles], ...(isTheirs && { email }) };
  const taken = found
    ? await claimOperator(database, id, identity, at)
    : await addOperatorWithIdentity(database, particulars, identity, at);
  if (!taken) throw new SignInRefused('taken', found && { operator: id });
  await noteBound(access, id, identity);
  return id;
}

async function noteBound({ database, now }: Access, operator: string, { issuer, subject }: Identity): Promise<void> {
  await recordAccess(database, {
    at: new Date(now()),
    kind: 'identity-bound',
    operator,
    data: { provider: issuer, subject },
  });
}

/** Whether an operator comes in by the provider, and by nothing else. */
export async function signsInAtProvider({ database, provider }: Access, operator: string): Promise<boolean> {
  return provider !== undefined && (await identityOf(database, operator)) !== undefined;
}
