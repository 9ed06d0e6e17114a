import type { HeaderList } from '../../http1/index.ts'
import type { OutgoingRequest } from '../upstream-call.ts'
import { byteText } from './document-tree.ts'
import type { Parameters } from './records.ts'
import type { Script } from './resolve-target.ts'
import type { FastcgiSite } from './site.ts'

/**
 * The variables that PHP finds in $_SERVER (RFC 3875 section 4.1), as nginx's fastcgi_params and Caddy's php_fastcgi send
 * them. docs/fastcgi.md lists them and the differences.
 * @param bodyBytes undefined where the request has no body
 */
export function buildEnvironment(
  request: OutgoingRequest,
  script: Script,
  documentRoot: string,
  site: FastcgiSite,
  bodyBytes: number | undefined,
): Parameters {
  const { headers, facts } = request
  const { client } = facts
  const length = bodyBytes === undefined ? (facts.request.headers.first('content-length') ?? '') : String(bodyBytes)
  const variables: Record<string, string> = {
    SCRIPT_FILENAME: script.file,
    SCRIPT_NAME: script.name,
    QUERY_STRING: script.query,
    REQUEST_METHOD: request.method,
    CONTENT_TYPE: headers.get('content-type') ?? '',
    CONTENT_LENGTH: length,
    REQUEST_URI: request.target,
    DOCUMENT_URI: script.address,
    DOCUMENT_ROOT: documentRoot,
    SERVER_PROTOCOL: `HTTP/1.${facts.request.minor}`,
    REQUEST_SCHEME: client.proto,
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_SOFTWARE: site.serverSoftware ?? 'nginx',
    REMOTE_ADDR: client.ip,
    // A proxy's port is not the visitor's.
    REMOTE_PORT: client.ip === client.peer ? String(client.connection.peerPort) : '0',
    SERVER_ADDR: client.connection.localAddress.replace(/^::ffff:(?=\d+\.)/, ''),
    SERVER_PORT: String(client.port),
    SERVER_NAME: site.serverName === undefined ? hostName(client.host) : byteText(site.serverName),
    // php-cgi runs nothing without it, lest somebody calls it without a web server.
    REDIRECT_STATUS: '200',
  }
  if (client.proto === 'https') {
    variables.HTTPS = 'on'
  }
  if (script.pathInfo !== '') {
    variables.PATH_INFO = script.pathInfo
    variables.PATH_TRANSLATED = documentRoot + script.pathInfo
  }
  for (const [name, value] of Object.entries(site.variables ?? {})) {
    variables[name] = byteText(value)
  }
  const environment = Object.entries(variables).flat()
  appendHeaders(environment, headers, length)
  return environment
}

// --- internal ---

/**
 * Each header as HTTP_NAME. Several of one name are one variable, joined as a list, Cookie by semicolons (RFC 9110 section
 * 5.3). `X_Y` and `X-Y` would be one variable too: names with other characters than letters, digits and dashes are left out,
 * as is Proxy, since HTTP_PROXY is how programs are told of a proxy (httpoxy, CVE-2016-5385).
 */
function appendHeaders(environment: string[], headers: HeaderList, length: string): void {
  const places = new Map<string, number>()
  headers.forEach((_written, value, key) => {
    const name = variableName(key)
    const place = name === undefined ? undefined : places.get(name)
    if (place !== undefined) {
      environment[place] += (key === 'cookie' ? '; ' : ', ') + value
    } else if (name !== undefined) {
      environment.push(name, value)
      places.set(name, environment.length - 1)
    }
  })
  if (length !== '') {
    environment.push('HTTP_CONTENT_LENGTH', length)
  }
}

/** Clients choose names: the cache is for the usual ones, and does not grow without end. */
const cacheEntriesMax = 1_000
const variableNames = new Map<string, string | undefined>()

function variableName(key: string): string | undefined {
  if (variableNames.has(key)) {
    return variableNames.get(key)
  }
  const isPassed = /^[a-z0-9-]+$/.test(key) && key !== 'proxy' && key !== 'content-length'
  const name = isPassed ? `HTTP_${key.toUpperCase().replaceAll('-', '_')}` : undefined
  if (variableNames.size < cacheEntriesMax) {
    variableNames.set(key, name)
  }
  return name
}

/** Without port; an IPv6 address keeps its brackets, as in the URL. */
function hostName(host: string): string {
  return host.replace(/:\d*$/, '')
}
