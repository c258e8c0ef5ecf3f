import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Provider, type Configuration } from 'oidc-provider';

/** What the provider says of somebody. */
export interface Person {
  preferred_username?: string;
  name?: string;
  groups?: string[];
}

export interface LocalProvider {
  issuer: string;
  /** By subject. They may be changed at any time. */
  people: Record<string, Person>;
  /** Seconds since the epoch, of all who sign in from now on, in place of the real time. */
  signedInAt: number | undefined;
  /** The client of consoles at these addresses; "other" is another client, whose answers go there, too. */
  serve: (redirectUris: string[]) => void;
  close: () => Promise<void>;
}

export const clientSecret = 'a secret between the two of them';

/** A real OpenID provider, which takes anybody's word for who they are. It is another site than the console. */
export async function startProvider(): Promise<LocalProvider> {
  const server = createServer().listen(0, 'localhost');
  await new Promise((resolve) => server.once('listening', resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const local: LocalProvider = {
    issuer,
    people: {},
    signedInAt: undefined,
    serve: (redirectUris) => {
      const provider = new Provider(issuer, configuration(local, redirectUris));
      const callback = provider.callback();
      server.on('request', (request, response) => {
        if (request.url?.startsWith('/interaction/')) void ask(local, provider, request, response);
        else void callback(request, response);
      });
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return local;
}

function configuration({ people }: LocalProvider, redirectUris: string[]): Configuration {
  const client = { client_secret: clientSecret, redirect_uris: redirectUris, require_auth_time: true };
  return {
    clients: ['sealpost', 'other'].map((id) => ({ ...client, client_id: id })),
    scopes: ['openid', 'profile', 'groups'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
    cookies: { keys: ['of a test'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId, ...people[accountId] }) }),
    // Nobody is asked whether the console may know who they are.
    loadExistingGrant: async ({ oidc }) => {
      const { client, session, provider } = oidc;
      const grant = new provider.Grant({
        clientId: client?.clientId ?? '',
        accountId: session?.accountId ?? '',
      });
      grant.addOIDCScope('openid profile groups');
      await grant.save();
      return grant;
    },
  };
}

async function ask(
  local: LocalProvider,
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    response.end('<form method="post"><label>Who? <input name="sub"></label><button>It is me</button></form>');
    return;
  }
  const accountId = new URLSearchParams(await text(request)).get('sub') ?? '';
  const ts = local.signedInAt === undefined ? {} : { ts: local.signedInAt };
  await provider.interactionFinished(request, response, { login: { accountId, ...ts } });
}
