import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** IPv4 that is no host of the public internet (RFC 6890 and multicast). */
const closed4 = blocks(
  'ipv4',
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 ' +
    '192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
);
/** All of IPv6 that is given to hosts; what carries IPv4 inside stands outside of it, or below. */
const global6 = blocks('ipv6', '2000::/3');
const closed6 = blocks('ipv6', '2001::/23 2001:db8::/32 2002::/16 3fff::/20');

/** Whether an address is that of a host on the public internet, and so nothing of the network that we stand in. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !closed4.check(address, 'ipv4');
  return isIPv6(address) && global6.check(address, 'ipv6') && !closed6.check(address, 'ipv6');
}

function blocks(family: 'ipv4' | 'ipv6', ranges: string): BlockList {
  const list = new BlockList();
  for (const range of ranges.split(' ')) {
    const [network = '', bits] = range.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}
