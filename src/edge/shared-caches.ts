import { type HeaderList, headerBits } from '../http1/index.ts'

/**
 * While a route is rolled out to some visitors only, two answers to one URL are about. A cache in front of Fig (CDN, proxy)
 * must not hand one visitor's side to another: the answer is made private on both sides, and says that the cookie decides.
 * Browsers may still keep it.
 */
export function keepFromSharedCaches(headers: HeaderList): void {
  const given = (headers.bits & headerBits.cacheControl) === 0 ? undefined : headers.get('cache-control')
  if (given === undefined) {
    headers.append('Cache-Control', 'private')
  } else if (!/(?:^|,)\s*(?:private|no-store)\s*(?:,|$)/i.test(given)) {
    const kept = given.split(',').filter((directive) => !forSharedCaches.test(directive))
    headers.remove('cache-control')
    headers.append('Cache-Control', ['private', ...kept.map((directive) => directive.trim())].join(', '))
  }
  for (const name of cacheControlsOfCdns) {
    headers.remove(name)
  }
  const vary = headers.get('vary')
  if (vary === undefined || !/(?:^|,)\s*(?:cookie|\*)\s*(?:,|$)/i.test(vary)) {
    headers.append('Vary', 'Cookie')
  }
}

// --- internal ---

const forSharedCaches = /^\s*(?:public|s-maxage\b.*|proxy-revalidate|must-understand)?\s*$/i

/** RFC 9213 and its forerunners: they would win over Cache-Control at a CDN. */
const cacheControlsOfCdns = ['cdn-cache-control', 'surrogate-control', 'cloudflare-cdn-cache-control']
