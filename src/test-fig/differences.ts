import http from 'node:http'

/** 'GET /mods/7', or a request with more to it. */
export type SiteRequest =
  | string
  | {
      readonly method?: string
      /** Path and query. */
      readonly target: string
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
      /** Sent as an urlencoded form; POST then, unless `method` says otherwise. */
      readonly form?: Readonly<Record<string, string>>
    }

export interface Answer {
  readonly status: number
  /** Name and value in turn, as they came. */
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface CompareOptions {
  /** Headers that may differ, besides those of the connection, the server's name and what belongs to the bytes. */
  readonly ignoreHeaders?: readonly string[]
  /** Takes out of a body what differs from answer to answer, such as a token or the time. */
  readonly normalise?: (body: string) => string
}

export function ask(origin: string, request: SiteRequest): Promise<Answer> {
  const { method, target, headers, body } = written(request)
  return new Promise((resolve, reject) => {
    // No redirect is followed, no connection is shared, nothing is compressed: what differs is what the sides say.
    const options = { method, headers: { 'accept-encoding': 'identity', ...headers }, agent: false }
    const sent = http.request(new URL(target, origin), options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode = 0, rawHeaders } = response
        resolve({ status: statusCode, rawHeaders, body: Buffer.concat(chunks).toString() })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** One sentence for each difference; none where a visitor would see none. */
export function differencesOf(legacy: Answer, modern: Answer, options: CompareOptions = {}): readonly string[] {
  const normalise = options.normalise ?? ((body: string) => body)
  const status =
    legacy.status === modern.status ? [] : [`status: PHP says ${legacy.status}, the handler ${modern.status}`]
  return [
    ...status,
    ...headerDifferences(legacy, modern, options.ignoreHeaders ?? []),
    ...bodyDifferences(normalise(legacy.body).split('\n'), normalise(modern.body).split('\n')),
  ]
}

// --- internal ---

const linesShownMax = 5
const ignored: readonly string[] = [
  'accept-ranges',
  'connection',
  'content-length',
  'date',
  'etag',
  'keep-alive',
  'last-modified',
  'server',
  'transfer-encoding',
  'vary',
  'x-powered-by',
]

function written(request: SiteRequest) {
  if (typeof request === 'string') {
    const [method = 'GET', target = '/'] = request.split(' ')
    return { method, target, headers: {}, body: undefined }
  }
  const { form, target, headers = {} } = request
  if (form === undefined) return { method: request.method ?? 'GET', target, headers, body: request.body }
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams(form).toString()
  return { method: request.method ?? 'POST', target, headers: { ...type, ...headers }, body }
}

function headerDifferences(legacy: Answer, modern: Answer, alsoIgnored: readonly string[]): readonly string[] {
  const leftOut = new Set([...ignored, ...alsoIgnored.map((name) => name.toLowerCase())])
  const [ofLegacy, ofModern] = [headersOf(legacy), headersOf(modern)]
  const names = [...new Set([...ofLegacy.keys(), ...ofModern.keys()])].filter((name) => !leftOut.has(name)).sort()
  return names.flatMap((name) => {
    const [one, other] = [ofLegacy.get(name), ofModern.get(name)]
    if (one?.join('\n') === other?.join('\n')) return []
    return [`header ${name}: PHP says ${inWords(one)}, the handler ${inWords(other)}`]
  })
}

function headersOf({ rawHeaders }: Answer): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), rawHeaders[i + 1] ?? ''])
  }
  return headers
}

function inWords(values: readonly string[] | undefined): string {
  return values === undefined ? 'nothing' : values.map((value) => JSON.stringify(value)).join(', ')
}

function bodyDifferences(legacy: readonly string[], modern: readonly string[]): readonly string[] {
  const differing: string[] = []
  for (let i = 0; i < Math.max(legacy.length, modern.length); i += 1) {
    if (legacy[i] === modern[i]) continue
    const [one, other] = [legacy[i], modern[i]].map((line) => (line === undefined ? 'nothing' : JSON.stringify(line)))
    differing.push(`line ${i + 1}: PHP says ${one}, the handler ${other}`)
  }
  const more = differing.length - linesShownMax
  return more > 0 ? [...differing.slice(0, linesShownMax), `${more} more lines differ`] : differing
}
