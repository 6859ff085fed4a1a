// Where a request came from. A proxy in front tells it in X-Forwarded-For, which anybody can write:
// it counts only where a trusted proxy appended to it, and only as far as trusted proxies appended.
// https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-For
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv4 } from 'node:net'

export type SourceAddress = (request: IncomingMessage) => string

const MAX_HEADER_LENGTH = 1024
const MAX_HOPS = 16
const MAPPED = '::ffff:'

/** The address that the connection came from. */
export function peerAddress({ socket }: IncomingMessage): string {
  return plain(socket.remoteAddress ?? '')
}

/** Looks behind the proxies whose addresses lie in these networks (`10.0.0.0/8`, `::1`). */
export function sourceAddressBehind(networks: readonly string[]): SourceAddress {
  if (networks.length === 0) return peerAddress
  const trusted = new BlockList()
  for (const network of networks) addNetwork(trusted, network)
  const isTrusted = (address: string) => trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')

  return (request) => {
    const peer = peerAddress(request)
    const forwarded = request.headers['x-forwarded-for']
    if (typeof forwarded !== 'string' || forwarded.length > MAX_HEADER_LENGTH) return peer
    if (isIP(peer) === 0 || !isTrusted(peer)) return peer
    let nearest = peer
    // Each hop is told by the one after it: believed as long as that one is trusted.
    for (const hop of forwarded.split(',').slice(-MAX_HOPS).reverse()) {
      const address = plain(hop.trim())
      if (!isAddress(address)) return nearest
      nearest = address
      if (!isTrusted(address)) return nearest
    }
    return nearest
  }
}

/** Adds `address` or `address/bits`; throws where it is neither. */
function addNetwork(networks: BlockList, text: string): void {
  const [, address = '', bits] = /^([0-9a-fA-F:.]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? []
  const family = isIP(address)
  const width = family === 4 ? 32 : 128
  if (family === 0 || Number(bits ?? width) > width) {
    throw new Error(`'${text}' is no network: they look like 10.0.0.0/8, 192.0.2.7 or fd00::/8.`)
  }
  // Whoever trusts everybody lets every caller choose the address that stands in the audit trail.
  if (Number(bits ?? width) === 0) throw new Error(`'${text}' is everybody.`)
  networks.addSubnet(address, Number(bits ?? width), family === 4 ? 'ipv4' : 'ipv6')
}

/** A zone (`fe80::1%eth0`) means something on one machine only. */
function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%')
}

/** A socket for both families tells an IPv4 address as an IPv6 one. */
function plain(address: string): string {
  if (!address.startsWith(MAPPED)) return address
  const mapped = address.slice(MAPPED.length)
  return isIPv4(mapped) ? mapped : address
}
