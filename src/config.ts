import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { AppError, readCertificate } from './platform/index.ts'

/** Everything that a Fig process is told at its start. Built once by loadConfig, frozen, injected by app.ts. */
export interface Config {
  /** Drills and fault points are refused in production. */
  readonly mode: 'development' | 'production'
  readonly host: string
  /** Public port; 0 lets the system choose. */
  readonly port: number
  /** Https beside http; undefined for http alone. */
  readonly tls: TlsConfig | undefined
  readonly operatorHost: string
  /** Port of /healthz, /readyz, /metrics and /status; 0 lets the system choose. */
  readonly operatorPort: number
  /** Where PHP is; the same site at several addresses, if there are more than one. */
  readonly legacyUrls: readonly [URL, ...URL[]]
  /** PHP gets this as Host instead of the public one. */
  readonly legacyHost: string | undefined
  /** What is asked of an upstream to see that it works; a connection is enough without it. */
  readonly legacyHealthPath: string | undefined
  readonly legacyHealthIntervalMs: number
  /** Requests that may wait for a place at PHP, and for how long. */
  readonly legacyQueueMax: number | undefined
  readonly legacyQueueTimeoutMs: number
  /** X-HTTP-Method-Override and its like reach PHP. */
  readonly legacyMethodOverride: boolean
  /** Absolute path of a file with the certificates that PHP's is checked against. */
  readonly legacyCaFile: string | undefined
  /** Under which names of its own PHP may show in Location and cookies: replaced by the public ones. */
  readonly legacyRewrite: LegacyRewriteConfig
  readonly webSocketHandshakeTimeoutMs: number
  /** For `fastcgi:`: the folder of the scripts, absolute. */
  readonly legacyRoot: string | undefined
  /** For `fastcgi:`: absolute path of the module that describes the site; a front controller without one. */
  readonly legacySiteFile: string | undefined
  /** For `fastcgi:`: connections that stay open between two requests. */
  readonly legacyKeptConnectionsMax: number
  /** Where chunked uploads wait for their end; the system's folder for such files without it. */
  readonly spoolDirectory: string | undefined
  /** Requests that PHP is given at once; more wait in a short queue. */
  readonly legacyConnectionsMax: number
  readonly legacyConnectTimeoutMs: number
  readonly legacyFirstByteTimeoutMs: number
  readonly legacyIdleTimeoutMs: number
  /** Peers whose X-Forwarded-* are believed: addresses or CIDR blocks. */
  readonly trustedProxies: readonly string[]
  /** Absolute path of the route table, or undefined for a plain pass-through. */
  readonly routesFile: string | undefined
  /** Absolute path of the sync declaration. */
  readonly syncFile: string | undefined
  readonly mysqlUrl: string | undefined
  readonly postgresUrl: string | undefined
  /** Schema that holds Fig's own tables, in MySQL and in Postgres. */
  readonly ownSchema: string
  readonly unleash: UnleashConfig | undefined
  /** Absolute path of the flag file, where there is no flag server. */
  readonly flagsFile: string | undefined
  /** The route table is read anew when its file changes. */
  readonly routesWatched: boolean
  /** The first signs overrides and pins, all verify. */
  readonly signingKeys: readonly { readonly id: string; readonly secret: string }[]
  /** A route's handler is left alone after so many failures in a row, for so long. */
  readonly breaker: { readonly failuresMax: number; readonly openMs: number }
  /** PHP's session.save_path. */
  readonly phpSessionPath: string | undefined
  /** PHP's session.name. */
  readonly phpSessionCookie: string
  readonly visitorCookie: string
  /** Headers that flags may be told, by the name of the property; the header's name in lower case. */
  readonly visitorProperties: readonly { readonly name: string; readonly header: string }[]
  /** Where the flag backup is kept. */
  readonly dataDirectory: string
  /** The longest a modern page waits for Postgres to catch up before PHP answers instead. */
  readonly freshnessTimeoutMs: number
  /** The longest a modern handler may take to its first byte. */
  readonly modernTimeoutMs: number
  /** Bytes of a request body that are read to look at a form field. */
  readonly formBytesMax: number
  readonly drainTimeoutMs: number
  /** How long a stopping process still takes requests on connections that were idle. */
  readonly drainGraceMs: number
  /** The longest a client may take for the head of a request. */
  readonly headTimeoutMs: number
  /** The longest a client may send nothing of a body, or take nothing of an answer. */
  readonly clientIdleTimeoutMs: number
  /** Bytes per second that a body must reach once it has taken longer than the idle timeout. */
  readonly bodyRateMin: number
  /** Bytes of a request's body. */
  readonly bodyBytesMax: number
  readonly keepAliveTimeoutMs: number
  readonly requestsPerConnectionMax: number
  readonly connectionsMax: number
  readonly connectionsPerClientMax: number
  /** Faults on purpose, by route: `mod-page:latency=300@50`. */
  readonly injectedFaults: readonly string[]
  /** Processes that share the public port; 1 serves without a primary. */
  readonly workers: number
  /** The longest a worker may be silent before it is taken for hanging and replaced. */
  readonly workerSilenceTimeoutMs: number
  /** The longest a new worker may take to listen, and in a rolling restart to be ready. */
  readonly workerReadyTimeoutMs: number
  readonly logLevel: LogLevel
  /** Named fault points to arm, such as `sync.after-mysql-commit:kill`. */
  readonly faults: readonly string[]
}

export interface TlsConfig {
  readonly certFile: string
  readonly keyFile: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Who comes by http is sent to https: at `port`, or at another one where visitors reach it. */
  readonly redirect: 'off' | 'on' | number
}

export interface LegacyRewriteConfig {
  readonly origins: readonly string[]
  readonly cookieDomain: { readonly from: string; readonly to: string } | undefined
  readonly cookiePath: { readonly from: string; readonly to: string } | undefined
}

export interface UnleashConfig {
  readonly url: string
  readonly token: string
  readonly refreshIntervalMs: number
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Raw settings by variable name, as the environment or the command line gives them. */
export type RawSettings = Readonly<Record<string, string | undefined>>

/**
 * Settings -> Config. All problems are reported together.
 * @throws AppError 'config.invalid', one line per problem with the variable and the remedy
 */
export function loadConfig(settings: RawSettings, workingDirectory: string): Config {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = settingsSchema.safeParse(given)
  const problems = parsed.success
    ? [...contradictions(parsed.data), ...certificateProblems(parsed.data, workingDirectory)]
    : parsed.error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`)
  if (!parsed.success || problems.length > 0) throw invalid(problems)
  return Object.freeze(toConfig(parsed.data, workingDirectory))
}

// --- internal ---

const port = (fallback: number) =>
  z.coerce
    .number({ error: 'give a port number from 0 to 65535' })
    .int('give a port number from 0 to 65535')
    .min(0, 'give a port number from 0 to 65535')
    .max(65535, 'give a port number from 0 to 65535')
    .default(fallback)

const positive = (fallback: number, unit: string) =>
  z.coerce
    .number({ error: `give a whole number of ${unit} above 0` })
    .int(`give a whole number of ${unit} above 0`)
    .min(1, `give a whole number of ${unit} above 0`)
    .default(fallback)

const url = (protocols: readonly string[], example: string) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `give a URL such as ${example}`,
  })

const list = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((entry) => entry.trim() || []))

const workersMax = 256

/** `from=to`, where `to` may be empty. */
const pair = (example: string) =>
  z
    .string()
    .regex(/^[^=]+=[^=]*$/, `give what stands there and what is wanted, such as ${example}`)
    .transform((text) => {
      const [from = '', to = ''] = text.split('=')
      return { from, to }
    })
    .optional()

const settingsSchema = z.object({
  FIG_MODE: z
    .enum(['development', 'production'], { error: "give 'development' or 'production'" })
    .default('development'),
  FIG_HOST: z.string().default('127.0.0.1'),
  FIG_PORT: port(8080),
  FIG_TLS_CERT: z.string().optional(),
  FIG_TLS_KEY: z.string().optional(),
  FIG_TLS_PORT: port(8443),
  FIG_TLS_REDIRECT: z
    .string()
    .regex(/^(?:on|off|[1-9]\d{0,4})$/, "give 'on', 'off', or the port where visitors reach https")
    .refine((text) => !(Number(text) > 65_535), { error: "give 'on', 'off', or a port up to 65535" })
    .default('off'),
  FIG_OPERATOR_HOST: z.string().default('127.0.0.1'),
  FIG_OPERATOR_PORT: port(0),
  FIG_LEGACY_URL: z
    .string()
    .transform((text) => text.split(',').map((entry) => entry.trim()))
    .refine((entries) => entries.every(isLegacyUrl), {
      error:
        'give a URL such as http://127.0.0.1:8081 or fastcgi:///run/php/php-fpm.sock; several of one site with commas',
    }),
  FIG_LEGACY_HOST: z
    .string()
    .regex(/^[A-Za-z0-9._-]+(?::\d{1,5})?$/, 'give a host name, with a port if it needs one, such as shop.internal')
    .optional(),
  FIG_LEGACY_HEALTH_PATH: z.string().startsWith('/', 'give a path such as /health.php').optional(),
  FIG_LEGACY_HEALTH_INTERVAL_MS: positive(5_000, 'milliseconds'),
  FIG_LEGACY_QUEUE_MAX: z.coerce
    .number({ error: 'give a whole number of requests, 0 for none' })
    .int('give a whole number of requests, 0 for none')
    .min(0, 'give a whole number of requests, 0 for none')
    .optional(),
  FIG_LEGACY_QUEUE_TIMEOUT_MS: positive(5_000, 'milliseconds'),
  FIG_LEGACY_METHOD_OVERRIDE: z.enum(['on', 'off'], { error: 'give on or off' }).default('on'),
  FIG_LEGACY_CA: z.string().optional(),
  FIG_LEGACY_REWRITE_ORIGINS: list.refine((entries) => entries.every(isOrigin), {
    error: 'give origins, separated by commas, such as http://internal:8081',
  }),
  FIG_LEGACY_COOKIE_DOMAIN: pair('internal.example=shop.example'),
  FIG_LEGACY_COOKIE_PATH: pair('/old/=/'),
  FIG_WEBSOCKET_HANDSHAKE_TIMEOUT_MS: positive(10_000, 'milliseconds'),
  FIG_LEGACY_ROOT: z.string().optional(),
  FIG_LEGACY_SITE: z.string().optional(),
  FIG_LEGACY_KEPT_CONNECTIONS_MAX: z.coerce
    .number({ error: 'give a whole number of connections, 0 for none' })
    .int('give a whole number of connections, 0 for none')
    .min(0, 'give a whole number of connections, 0 for none')
    .default(0),
  FIG_SPOOL_DIR: z.string().optional(),
  FIG_LEGACY_CONNECTIONS_MAX: positive(64, 'connections'),
  FIG_LEGACY_CONNECT_TIMEOUT_MS: positive(3_000, 'milliseconds'),
  FIG_LEGACY_FIRST_BYTE_TIMEOUT_MS: positive(60_000, 'milliseconds'),
  FIG_LEGACY_IDLE_TIMEOUT_MS: positive(60_000, 'milliseconds'),
  FIG_TRUSTED_PROXIES: list.refine((entries) => entries.every(isBlock), {
    error: 'give addresses or CIDR blocks, separated by commas, such as 10.0.0.0/8,::1',
  }),
  FIG_ROUTES: z.string().optional(),
  FIG_ROUTES_WATCH: z.enum(['on', 'off'], { error: 'give on or off' }).default('on'),
  FIG_FLAGS_FILE: z.string().optional(),
  FIG_SIGNING_KEYS: list.refine((entries) => entries.every((entry) => /^[A-Za-z0-9_-]{1,32}:.{32,}$/.test(entry)), {
    error: 'give <id>:<secret of 32 characters or more>, several with commas, such as a:$(openssl rand -hex 32)',
  }),
  FIG_BREAKER_FAILURES_MAX: positive(5, 'failures'),
  FIG_BREAKER_OPEN_MS: positive(10_000, 'milliseconds'),
  FIG_SYNC: z.string().optional(),
  FIG_MYSQL_URL: url(['mysql:', 'mariadb:'], 'mysql://fig:secret@127.0.0.1:3306/shop').optional(),
  FIG_POSTGRES_URL: url(['postgres:', 'postgresql:'], 'postgres://fig:secret@127.0.0.1:5432/shop').optional(),
  FIG_OWN_SCHEMA: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,47}$/, 'give a short lower-case SQL name such as fig')
    .default('fig'),
  FIG_UNLEASH_URL: url(['http:', 'https:'], 'http://127.0.0.1:4242/api').optional(),
  FIG_UNLEASH_TOKEN: z.string().optional(),
  FIG_UNLEASH_REFRESH_MS: positive(200, 'milliseconds'),
  FIG_PHP_SESSION_PATH: z.string().optional(),
  FIG_PHP_SESSION_COOKIE: z.string().default('PHPSESSID'),
  FIG_VISITOR_COOKIE: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'give a cookie name of letters, digits, _ and -')
    .default('fig_visitor'),
  FIG_VISITOR_PROPERTIES: list.refine((entries) => entries.every((entry) => /^\w+=[A-Za-z0-9-]+$/.test(entry)), {
    error:
      'give property=Header-Name, several with commas, such as country=CF-IPCountry,clientVersion=Application-Version',
  }),
  FIG_DATA_DIR: z.string().default('.fig'),
  FIG_FRESHNESS_TIMEOUT_MS: positive(500, 'milliseconds'),
  FIG_MODERN_TIMEOUT_MS: positive(10_000, 'milliseconds'),
  FIG_FORM_BYTES_MAX: positive(1_048_576, 'bytes'),
  FIG_DRAIN_TIMEOUT_MS: positive(10_000, 'milliseconds'),
  FIG_DRAIN_GRACE_MS: positive(1_000, 'milliseconds'),
  FIG_CLIENT_HEAD_TIMEOUT_MS: positive(15_000, 'milliseconds'),
  FIG_CLIENT_IDLE_TIMEOUT_MS: positive(30_000, 'milliseconds'),
  FIG_CLIENT_BODY_RATE_MIN: positive(240, 'bytes per second'),
  FIG_BODY_BYTES_MAX: positive(Number.MAX_SAFE_INTEGER, 'bytes'),
  FIG_KEEP_ALIVE_TIMEOUT_MS: positive(65_000, 'milliseconds'),
  FIG_REQUESTS_PER_CONNECTION_MAX: positive(100_000, 'requests'),
  FIG_CONNECTIONS_MAX: positive(50_000, 'connections'),
  FIG_CONNECTIONS_PER_CLIENT_MAX: positive(20_000, 'connections'),
  FIG_INJECT: list,
  FIG_WORKERS: z
    .string()
    .default('1')
    .refine((text) => text === 'auto' || (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= workersMax), {
      error: `give a number of processes from 1 to ${workersMax}, or auto for one per core`,
    }),
  FIG_WORKER_SILENCE_TIMEOUT_MS: positive(30_000, 'milliseconds'),
  FIG_WORKER_READY_TIMEOUT_MS: positive(60_000, 'milliseconds'),
  FIG_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      error: 'give trace, debug, info, warn, error or silent',
    })
    .default('info'),
  FIG_FAULTS: list,
})

type Settings = z.infer<typeof settingsSchema>

function contradictions(settings: Settings): readonly string[] {
  const problems: string[] = []
  if (settings.FIG_UNLEASH_URL !== undefined && settings.FIG_UNLEASH_TOKEN === undefined)
    problems.push(
      'FIG_UNLEASH_TOKEN: missing; Unleash answers nothing without a client token, create one under API access',
    )
  if (settings.FIG_UNLEASH_URL !== undefined && settings.FIG_FLAGS_FILE !== undefined)
    problems.push('FIG_FLAGS_FILE: there is FIG_UNLEASH_URL too; flags come from one place, unset one of them')
  if (settings.FIG_SYNC !== undefined && settings.FIG_MYSQL_URL === undefined)
    problems.push('FIG_MYSQL_URL: missing; FIG_SYNC needs both databases')
  if (settings.FIG_SYNC !== undefined && settings.FIG_POSTGRES_URL === undefined)
    problems.push('FIG_POSTGRES_URL: missing; FIG_SYNC needs both databases')
  if (settings.FIG_MODE === 'production' && settings.FIG_FAULTS.length > 0)
    problems.push('FIG_FAULTS: fault injection is refused in production; unset it')
  if (settings.FIG_MODE === 'production' && settings.FIG_INJECT.length > 0)
    problems.push('FIG_INJECT: fault injection is refused in production; unset it')
  if (Number(settings.FIG_WORKERS) > settings.FIG_LEGACY_CONNECTIONS_MAX)
    problems.push('FIG_WORKERS: more than FIG_LEGACY_CONNECTIONS_MAX; every worker needs a connection to PHP')
  if (settings.FIG_LEGACY_URL.some((url) => url.startsWith('fastcgi')) && settings.FIG_LEGACY_ROOT === undefined)
    problems.push('FIG_LEGACY_ROOT: missing; give the folder of the PHP scripts, as php-fpm sees it')
  if (settings.FIG_LEGACY_URL.some((url) => !url.startsWith('fastcgi') && !isOrigin(url)))
    problems.push('FIG_LEGACY_URL: give only scheme, host and port; paths are passed on as the visitor sent them')
  return problems
}

/** Both files or none, and such that a server can use them. */
function certificateProblems(settings: Settings, workingDirectory: string): readonly string[] {
  const { FIG_TLS_CERT: cert, FIG_TLS_KEY: key, FIG_TLS_REDIRECT: redirect } = settings
  if (cert === undefined && key === undefined)
    return redirect === 'off'
      ? []
      : ['FIG_TLS_REDIRECT: there is no https to send to; give FIG_TLS_CERT and FIG_TLS_KEY']
  if (key === undefined) return ['FIG_TLS_KEY: missing; give the file with the private key of FIG_TLS_CERT']
  if (cert === undefined) return ['FIG_TLS_CERT: missing; give the file with the certificate of FIG_TLS_KEY']
  const reading = readCertificate({
    certFile: resolve(workingDirectory, cert),
    keyFile: resolve(workingDirectory, key),
  })
  if (reading.kind === 'read') return []
  return [
    ...(reading.cert === undefined ? [] : [`FIG_TLS_CERT: ${reading.cert}`]),
    ...(reading.key === undefined ? [] : [`FIG_TLS_KEY: ${reading.key}`]),
  ]
}

function tlsConfig(settings: Settings, workingDirectory: string): TlsConfig | undefined {
  const { FIG_TLS_CERT: cert, FIG_TLS_KEY: key, FIG_TLS_PORT: port, FIG_TLS_REDIRECT: redirect } = settings
  if (cert === undefined || key === undefined) return undefined
  return {
    certFile: resolve(workingDirectory, cert),
    keyFile: resolve(workingDirectory, key),
    port,
    redirect: redirect === 'on' || redirect === 'off' ? redirect : Number(redirect),
  }
}

function toConfig(settings: Settings, workingDirectory: string): Config {
  const path = (text: string | undefined) => (text === undefined ? undefined : resolve(workingDirectory, text))
  return {
    mode: settings.FIG_MODE,
    host: settings.FIG_HOST,
    port: settings.FIG_PORT,
    tls: tlsConfig(settings, workingDirectory),
    operatorHost: settings.FIG_OPERATOR_HOST,
    operatorPort: settings.FIG_OPERATOR_PORT,
    legacyUrls: settings.FIG_LEGACY_URL.map((url) => new URL(url)) as [URL, ...URL[]],
    legacyHost: settings.FIG_LEGACY_HOST,
    legacyHealthPath: settings.FIG_LEGACY_HEALTH_PATH,
    legacyHealthIntervalMs: settings.FIG_LEGACY_HEALTH_INTERVAL_MS,
    legacyQueueMax: settings.FIG_LEGACY_QUEUE_MAX,
    legacyQueueTimeoutMs: settings.FIG_LEGACY_QUEUE_TIMEOUT_MS,
    legacyMethodOverride: settings.FIG_LEGACY_METHOD_OVERRIDE === 'on',
    legacyCaFile: path(settings.FIG_LEGACY_CA),
    legacyRewrite: {
      origins: settings.FIG_LEGACY_REWRITE_ORIGINS,
      cookieDomain: settings.FIG_LEGACY_COOKIE_DOMAIN,
      cookiePath: settings.FIG_LEGACY_COOKIE_PATH,
    },
    webSocketHandshakeTimeoutMs: settings.FIG_WEBSOCKET_HANDSHAKE_TIMEOUT_MS,
    legacyRoot: path(settings.FIG_LEGACY_ROOT),
    legacySiteFile: path(settings.FIG_LEGACY_SITE),
    legacyKeptConnectionsMax: settings.FIG_LEGACY_KEPT_CONNECTIONS_MAX,
    spoolDirectory: path(settings.FIG_SPOOL_DIR),
    legacyConnectionsMax: settings.FIG_LEGACY_CONNECTIONS_MAX,
    legacyConnectTimeoutMs: settings.FIG_LEGACY_CONNECT_TIMEOUT_MS,
    legacyFirstByteTimeoutMs: settings.FIG_LEGACY_FIRST_BYTE_TIMEOUT_MS,
    legacyIdleTimeoutMs: settings.FIG_LEGACY_IDLE_TIMEOUT_MS,
    trustedProxies: settings.FIG_TRUSTED_PROXIES,
    routesFile: path(settings.FIG_ROUTES),
    syncFile: path(settings.FIG_SYNC),
    mysqlUrl: settings.FIG_MYSQL_URL,
    postgresUrl: settings.FIG_POSTGRES_URL,
    ownSchema: settings.FIG_OWN_SCHEMA,
    unleash:
      settings.FIG_UNLEASH_URL === undefined || settings.FIG_UNLEASH_TOKEN === undefined
        ? undefined
        : {
            url: settings.FIG_UNLEASH_URL,
            token: settings.FIG_UNLEASH_TOKEN,
            refreshIntervalMs: settings.FIG_UNLEASH_REFRESH_MS,
          },
    flagsFile: path(settings.FIG_FLAGS_FILE),
    routesWatched: settings.FIG_ROUTES_WATCH === 'on',
    signingKeys: settings.FIG_SIGNING_KEYS.map(readKey),
    breaker: { failuresMax: settings.FIG_BREAKER_FAILURES_MAX, openMs: settings.FIG_BREAKER_OPEN_MS },
    phpSessionPath: path(settings.FIG_PHP_SESSION_PATH),
    phpSessionCookie: settings.FIG_PHP_SESSION_COOKIE,
    visitorCookie: settings.FIG_VISITOR_COOKIE,
    visitorProperties: settings.FIG_VISITOR_PROPERTIES.map((entry) => {
      const [name = '', header = ''] = entry.split('=')
      return { name, header: header.toLowerCase() }
    }),
    dataDirectory: resolve(workingDirectory, settings.FIG_DATA_DIR),
    freshnessTimeoutMs: settings.FIG_FRESHNESS_TIMEOUT_MS,
    modernTimeoutMs: settings.FIG_MODERN_TIMEOUT_MS,
    formBytesMax: settings.FIG_FORM_BYTES_MAX,
    drainTimeoutMs: settings.FIG_DRAIN_TIMEOUT_MS,
    drainGraceMs: settings.FIG_DRAIN_GRACE_MS,
    headTimeoutMs: settings.FIG_CLIENT_HEAD_TIMEOUT_MS,
    clientIdleTimeoutMs: settings.FIG_CLIENT_IDLE_TIMEOUT_MS,
    bodyRateMin: settings.FIG_CLIENT_BODY_RATE_MIN,
    bodyBytesMax: settings.FIG_BODY_BYTES_MAX,
    keepAliveTimeoutMs: settings.FIG_KEEP_ALIVE_TIMEOUT_MS,
    requestsPerConnectionMax: settings.FIG_REQUESTS_PER_CONNECTION_MAX,
    connectionsMax: settings.FIG_CONNECTIONS_MAX,
    connectionsPerClientMax: settings.FIG_CONNECTIONS_PER_CLIENT_MAX,
    injectedFaults: settings.FIG_INJECT,
    workers: workersOf(settings),
    workerSilenceTimeoutMs: settings.FIG_WORKER_SILENCE_TIMEOUT_MS,
    workerReadyTimeoutMs: settings.FIG_WORKER_READY_TIMEOUT_MS,
    logLevel: settings.FIG_LOG_LEVEL,
    faults: settings.FIG_FAULTS,
  }
}

function readKey(entry: string): { readonly id: string; readonly secret: string } {
  const separator = entry.indexOf(':')
  return { id: entry.slice(0, separator), secret: entry.slice(separator + 1) }
}

function workersOf({ FIG_WORKERS, FIG_LEGACY_CONNECTIONS_MAX }: Settings): number {
  if (FIG_WORKERS !== 'auto') return Number(FIG_WORKERS)
  return Math.min(availableParallelism(), FIG_LEGACY_CONNECTIONS_MAX, workersMax)
}

function invalid(problems: readonly string[]): AppError {
  return new AppError(
    'config.invalid',
    `the configuration has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`,
  )
}

function isLegacyUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:', 'fastcgi:', 'fastcgi+unix:'].includes(new URL(text).protocol)
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, pathname, search, username } = new URL(text)
  return /^https?:$/.test(protocol) && pathname === '/' && search === '' && username === ''
}

function isBlock(entry: string): boolean {
  const [address = '', bits] = entry.split('/')
  const family = isIP(address)
  if (family === 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
