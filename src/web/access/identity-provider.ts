import { types } from 'node:util';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  type Configuration,
} from 'openid-client';
import type { Identity } from '../../store/identities.js';
import { claimAt, type Claims } from './provider-claims.js';
import type { ProviderSettings } from './provider-settings.js';

/** The provider cannot be asked. Its message is a sentence for whoever wants to sign in. */
export class ProviderAwayError extends Error {
  override readonly name = 'ProviderAwayError';
}

/** What came back is nobody's sign-in. */
export class ProviderAnswerError extends Error {
  override readonly name = 'ProviderAnswerError';
  /** @param code - the library's, or the provider's own */
  constructor(readonly code: string) {
    super('the answer is none to this sign-in');
  }
}

/** What one sign-in is known by; nothing of it is used twice. */
export interface SignInSecrets {
  state: string;
  nonce: string;
  /** PKCE's, of which the provider first sees the hash. */
  verifier: string;
}

const discoveredForMs = 3_600_000;
const timeoutSeconds = 5;

/** The organisation's provider (OpenID Connect, authorization code with PKCE). */
export class IdentityProvider {
  private discovered: { configuration: Promise<Configuration>; until: number } | undefined;

  constructor(readonly settings: ProviderSettings) {}

  /**
   * Where the browser goes.
   *
   * @param fresh - the provider is to ask for the password, or whatever it asks for, once more
   * @throws ProviderAwayError
   */
  async address(redirectUri: string, { state, nonce, verifier }: SignInSecrets, fresh: boolean): Promise<string> {
    const configuration = await this.configuration();
    const address = buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.settings.scopes.join(' '),
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(fresh && { prompt: 'login', max_age: '0' }),
    });
    return address.href;
  }

  /**
   * Who has come back.
   *
   * @param callback - our own address with the provider's answer
   * @param freshSince - since when they must have signed in there
   * @throws ProviderAwayError, ProviderAnswerError
   */
  async identify(
    callback: URL,
    { state, nonce, verifier }: SignInSecrets,
    freshSince?: Date,
  ): Promise<{ identity: Identity; claims: Claims }> {
    const configuration = await this.configuration();
    const maxAge = freshSince && Math.max(0, Math.ceil((Date.now() - freshSince.getTime()) / 1_000));
    try {
      const tokens = await authorizationCodeGrant(configuration, callback, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        ...(maxAge !== undefined && { maxAge }),
      });
      const said = tokens.claims();
      if (!said) throw new ProviderAnswerError('no_id_token');
      const identity = { issuer: said.iss, subject: said.sub };
      if (!this.misses(said) || configuration.serverMetadata().userinfo_endpoint === undefined)
        return { identity, claims: said };
      // The library holds its subject against the token's.
      const more = await fetchUserInfo(configuration, tokens.access_token, said.sub);
      return { identity, claims: { ...more, ...said } };
    } catch (error) {
      throw this.translated(error);
    }
  }

  /** Where people end their session there (OpenID Connect RP-Initiated Logout); undefined where they cannot, or not now. */
  async signOutAddress(): Promise<string | undefined> {
    const configuration = await this.configuration().catch(() => undefined);
    const at = configuration?.serverMetadata().end_session_endpoint ?? '';
    const isOwn = URL.canParse(at) && new URL(at).protocol === new URL(this.settings.issuer).protocol;
    return configuration && isOwn ? buildEndSessionUrl(configuration).href : undefined;
  }

  /** Whether some claim that is asked for does not stand in the token itself. */
  private misses(said: Claims): boolean {
    const { claims, roles } = this.settings;
    const wanted = [...Object.values(claims), ...(roles ? [roles.claim] : [])];
    return wanted.some((path) => claimAt(said, path) === undefined);
  }

  /** What the provider tells of itself, asked for once an hour. */
  private async configuration(): Promise<Configuration> {
    const now = Date.now();
    if (!this.discovered || this.discovered.until <= now)
      this.discovered = { configuration: this.discover(), until: now + discoveredForMs };
    const { configuration } = this.discovered;
    try {
      return await configuration;
    } catch (error) {
      // The next one asks again.
      if (this.discovered?.configuration === configuration) this.discovered = undefined;
      throw error;
    }
  }

  private async discover(): Promise<Configuration> {
    const { issuer, name, clientId, clientSecret, clientAuthentication } = this.settings;
    const show = clientAuthentication === 'client_secret_post' ? ClientSecretPost : ClientSecretBasic;
    const plain = new URL(issuer).protocol === 'http:';
    const found = await discovery(new URL(issuer), clientId, undefined, show(clientSecret), {
      timeout: timeoutSeconds,
      // Signatures of tokens are looked at even where TLS says whom they come from.
      execute: [enableNonRepudiationChecks, ...(plain ? [allowInsecureRequests] : [])],
    }).catch((error: unknown) => {
      throw this.away(error);
    });
    const { issuer: own, authorization_endpoint: at = '' } = found.serverMetadata();
    if (own !== issuer)
      throw new ProviderAwayError(`The provider names itself "${own}", and not "${issuer}" as was configured.`);
    if (!URL.canParse(at) || new URL(at).protocol !== new URL(issuer).protocol)
      throw new ProviderAwayError(`There is no place to sign in at ${name}.`);
    return found;
  }

  private away(error: unknown): ProviderAwayError {
    const code = codeOf(error);
    const told = code === undefined ? '' : ` (${code})`;
    return new ProviderAwayError(`No good answer comes from ${this.settings.name}${told}.`, { cause: error });
  }

  private translated(error: unknown): unknown {
    if (error instanceof ProviderAnswerError) return error;
    const code = codeOf(error);
    const status = types.isNativeError(error) && 'status' in error ? Number(error.status) : 0;
    // Its network's errors are a TypeError around them.
    if (code === undefined || code === 'OAUTH_TIMEOUT' || status >= 500 || /^(E[A-Z]+|UND_ERR_.*)$/.test(code))
      return this.away(error);
    return new ProviderAnswerError(code);
  }
}

/** What is short and says no more than what kind of error it is: of the provider, of the library or of the network. */
function codeOf(error: unknown): string | undefined {
  // Not `instanceof`: Node's own may be of another realm, as under jest.
  for (let one: unknown = error; types.isNativeError(one); one = one.cause)
    for (const name of ['error', 'code'] as const) {
      const code = name in one ? (one as unknown as Record<string, unknown>)[name] : undefined;
      if (typeof code === 'string' && /^[\w.-]{1,60}$/.test(code)) return code;
    }
  return undefined;
}
