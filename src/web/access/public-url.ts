/** What the console is called from outside. */
export interface PublicAddress {
  /** Of links that are told to people; without a slash at its end. */
  url: string;
  /** Hosts, with their ports, that requests may name: a page of another site that is made to point here names its own. */
  hosts: ReadonlySet<string>;
  origins: ReadonlySet<string>;
  /** Cookies go over HTTPS alone. */
  secure: boolean;
}

/** @throws RangeError, for a person, for what cannot be a console's address */
export function publicAddress(url: string): PublicAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || parsed.pathname !== '/' || parsed.search || parsed.hash || parsed.username)
    throw new RangeError(`"${url}" is no address of a console: write https://console.example, without a path`);
  const secure = parsed.protocol === 'https:';
  if (!secure && !(parsed.protocol === 'http:' && isLoopback(parsed.hostname)))
    throw new RangeError(`"${url}" would send passwords in the clear: the address must begin with https://`);
  return { url: parsed.origin, hosts: new Set([parsed.host]), origins: new Set([parsed.origin]), secure };
}

/** The address of a console that is on this machine alone, under each of the machine's own names. */
export function loopbackAddress(port: number): PublicAddress {
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((name) => new URL(`http://${name}:${port}`).host);
  return {
    url: `http://127.0.0.1:${port}`,
    hosts: new Set(hosts),
    origins: new Set(hosts.map((host) => `http://${host}`)),
    secure: false,
  };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

const rooted = /^\/(?![/\\])/;

/** A path of ours to go on to, from a form or an address; anything else leads home. */
export function ownPath(next: string | undefined): string {
  if (next === undefined || !rooted.test(next)) return '/';
  const base = 'http://sealpost.invalid';
  const parsed = URL.canParse(next, base) ? new URL(next, base) : undefined;
  // What dots and blanks are taken out of may begin with a host: `/..//evil.example`.
  return parsed?.origin === base && rooted.test(parsed.pathname) ? `${parsed.pathname}${parsed.search}` : '/';
}
