import { HeaderList } from '../http1/index.ts'
import type { EdgeExchange } from './edge-exchange.ts'
import { overrideCookie, type Steering } from './steering.ts'

/**
 * A link with `?fig_override=<token>` puts the token into a cookie and leads to the same page without it, so that it stays out of
 * bookmarks and of what PHP sees. An empty one ends the override. A token that is not good is an ordinary parameter.
 * @returns true where the request is answered
 */
export function followOverrideLink(exchange: EdgeExchange, steering: Steering): boolean {
  const { target, method, client } = exchange
  if (!target.query.includes(parameter) || (method !== 'GET' && method !== 'HEAD')) {
    return false
  }
  const pairs = target.query.split('&')
  const token = pairs.find((pair) => pair.startsWith(parameter))?.slice(parameter.length)
  const endsAt = token === undefined || token === '' ? 0 : steering.overrideEnds(token)
  if (token === undefined || endsAt === undefined) {
    return false
  }
  const rest = pairs.filter((pair) => !pair.startsWith(parameter)).join('&')
  const path = target.raw.split('?', 1)[0] as string
  const seconds = token === '' ? 0 : Math.max(1, Math.ceil((endsAt - Date.now()) / 1000))
  const secure = client.proto === 'https' ? '; Secure' : ''
  const headers = HeaderList.of(
    ...['Location', `${withoutHost(path)}${rest === '' ? '' : `?${rest}`}`],
    ...['Set-Cookie', `${overrideCookie}=${token}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`],
    ...['Cache-Control', 'no-store', 'Content-Length', '0'],
  )
  exchange.answer.begin(303, 'See Other', headers)
  exchange.answer.end()
  return true
}

// --- internal ---

const parameter = `${overrideCookie}=`

/** A path that begins with two slashes would be read as the name of another host. */
function withoutHost(path: string): string {
  return path.replace(/^\/{2,}/, '/')
}
