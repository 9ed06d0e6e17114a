import { connect } from 'node:net'
import { type Config, loadConfig } from '../config.ts'
import { AppError, isAppError } from '../platform/index.ts'
import { type Addresses, runFig, type Surroundings } from '../workers/index.ts'

export const serveOptions = [
  option(
    '--legacy <url>',
    'FIG_LEGACY_URL',
    'Where the legacy site answers, such as http://127.0.0.1:8081; several with commas',
  ),
  option('--port <number>', 'FIG_PORT', 'Public port (8080); 0 takes a free one'),
  option('--host <address>', 'FIG_HOST', 'Public address (127.0.0.1); 0.0.0.0 for all'),
  option('--tls-cert <file>', 'FIG_TLS_CERT', 'Certificate and chain in PEM form: opens https and HTTP/2'),
  option('--tls-key <file>', 'FIG_TLS_KEY', 'The private key of the certificate'),
  option('--tls-port <number>', 'FIG_TLS_PORT', 'Port of https (8443)'),
  option('--tls-redirect <how>', 'FIG_TLS_REDIRECT', 'on: http sends to https; a port where that is elsewhere'),
  option('--routes <file>', 'FIG_ROUTES', 'The route table; without one everything goes to the legacy site'),
  option('--sync <file>', 'FIG_SYNC', 'The table mapping (needs FIG_MYSQL_URL and FIG_POSTGRES_URL)'),
  option('--operator-port <number>', 'FIG_OPERATOR_PORT', 'Port of /healthz, /readyz, /metrics and /status'),
  option('--unleash-url <url>', 'FIG_UNLEASH_URL', 'The flag server (its token: FIG_UNLEASH_TOKEN)'),
  option('--trusted-proxies <list>', 'FIG_TRUSTED_PROXIES', 'Peers whose X-Forwarded-* count: 10.0.0.0/8,::1'),
  option('--legacy-host <name>', 'FIG_LEGACY_HOST', 'What PHP gets as Host instead of the public name'),
  option('--legacy-root <folder>', 'FIG_LEGACY_ROOT', 'The folder of the scripts, where --legacy is a fastcgi: URL'),
  option('--legacy-site <file>', 'FIG_LEGACY_SITE', 'What the web server knew of the site, for a fastcgi: URL'),
  option('--connections <number>', 'FIG_LEGACY_CONNECTIONS_MAX', 'Requests that the legacy site is given at once'),
  option('--workers <number>', 'FIG_WORKERS', 'Processes that share the port (1), or auto for one per core'),
  option('--log-level <level>', 'FIG_LOG_LEVEL', 'trace, debug, info, warn, error or silent'),
  option('--json', undefined, 'Only log lines: no words for people'),
] as const

/** Runs Fig until it is told to stop. */
export async function serve(options: Readonly<Record<string, unknown>>, surroundings: Surroundings): Promise<0 | 1> {
  const config = configOf(options, surroundings)
  await runFig({
    config,
    surroundings,
    // Loaded here: a wrong option is answered without waiting for every part of Fig to be loaded.
    start: async (...settings) => (await import('../app.ts')).startFig(...settings),
    onUp: (addresses) => {
      if (options.json === true) return
      greet(addresses, config, surroundings)
      for (const url of config.legacyUrls) warnIfAbsent(url, surroundings)
    },
  })
  return 0
}

// --- internal ---

interface ServeOption {
  readonly flag: string
  readonly variable: string | undefined
  readonly help: string
}

function option(flag: string, variable: string | undefined, help: string): ServeOption {
  return { flag, variable, help }
}

function configOf(options: Readonly<Record<string, unknown>>, { env, cwd }: Surroundings): Config {
  const given: Record<string, string> = {}
  for (const { flag, variable } of serveOptions) {
    const value = options[optionName(flag)]
    if (variable === undefined || value === undefined) {
      continue
    }
    if (Array.isArray(value)) {
      throw new AppError('config.invalid', `${flag.split(' ', 1)[0]} is given more than once`)
    }
    given[variable] = String(value)
  }
  if ((given.FIG_LEGACY_URL ?? env.FIG_LEGACY_URL ?? '') === '') {
    throw new AppError('config.invalid', '--legacy is missing: give the address of the legacy site')
  }
  try {
    return loadConfig({ ...env, ...given }, cwd())
  } catch (error) {
    throw isAppError(error, 'config.invalid') ? inWordsOfTheCommandLine(error, given) : error
  }
}

/** '--operator-port <number>' -> 'operatorPort', as cac names it. */
function optionName(flag: string): string {
  const name = flag.split(' ', 1)[0]?.slice(2) ?? ''
  return name.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase())
}

/** Who wrote `--port` should read `--port`, not FIG_PORT. */
function inWordsOfTheCommandLine(error: AppError, given: Readonly<Record<string, string>>): AppError {
  let message = error.message
  for (const { flag, variable } of serveOptions) {
    if (variable !== undefined && variable in given) {
      message = message.replaceAll(`${variable}:`, `${flag.split(' ', 1)[0]}:`)
    }
  }
  return new AppError('config.invalid', message, { cause: error })
}

function greet(
  { siteUrl, operatorUrl }: Addresses,
  { legacyUrls, routesFile, workers }: Config,
  { stderr }: Surroundings,
): void {
  const routes = routesFile === undefined ? 'everything goes to the legacy site' : `routes from ${routesFile}`
  const processes = workers === 1 ? '' : `, with ${workers} workers`
  stderr.write(
    `Fig is up at ${siteUrl} in front of ${legacyUrls.map(addressOf).join(' and ')}${processes}; ${routes}.\n`,
  )
  stderr.write(`Health, metrics and status: ${operatorUrl}/status. Ctrl-C stops Fig.\n`)
}

/** Without the slash that belongs to no address of a server. */
function addressOf(url: URL): string {
  return url.href.replace(/\/$/, '')
}

/** Not an error: the site may come later, and visitors get 502 until it does. Better said now than found out then. */
function warnIfAbsent(url: URL, { stderr }: Surroundings): void {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const where = host === '' ? { path: decodeURIComponent(url.pathname) } : { host, port: Number(url.port || 80) }
  const socket = connect({ ...where, timeout: 2_000 })
  const warn = (why: string): void => {
    socket.destroy()
    stderr.write(
      `Warning: the legacy site at ${addressOf(url)} does not answer (${why}); visitors get 502 until it does.\n`,
    )
  }
  socket.once('connect', () => socket.destroy())
  socket.once('timeout', () => warn('no answer within 2 s'))
  socket.once('error', (error: NodeJS.ErrnoException) => warn(error.code ?? error.message))
}
