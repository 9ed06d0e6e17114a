import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** What is known about one Fig, be it this process or several. */
export interface OperatorReport {
  /** Whether it may be given traffic. */
  readonly ready: boolean
  /** What is missing, also where it is ready all the same. */
  readonly problems: readonly string[]
  /** True where waiting does not help: somebody has to correct what a problem says and start again. */
  readonly final: boolean
  /** Shown at /status, beside the problems. */
  readonly status: Readonly<Record<string, unknown>>
}

export interface OperatorSources {
  readonly report: () => OperatorReport | Promise<OperatorReport>
  /** The exposition text and its content type. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>
}

/** Health and figures for the operator, on a listener of its own: nothing of this is reachable from the public port. */
export function operatorServer(sources: OperatorSources): Server {
  return createServer((req, res) => {
    answer(req, res, sources).catch((error: unknown) => {
      res.headersSent ? res.destroy() : reply(res, 500, { error: error instanceof Error ? error.message : 'failed' })
    })
  })
}

// --- internal ---

async function answer(req: IncomingMessage, res: ServerResponse, sources: OperatorSources): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    return reply(res, 405, { error: 'only GET is answered here' })
  }
  switch (req.url?.split('?', 1)[0]) {
    case '/healthz':
      return reply(res, 200, { status: 'ok' })
    case '/readyz': {
      const { ready, problems, final } = await sources.report()
      return reply(res, ready ? 200 : 503, { ready, problems, final })
    }
    case '/metrics': {
      const { contentType, body } = await sources.metrics()
      res.writeHead(200, { 'Content-Type': contentType })
      res.end(body)
      return
    }
    case '/status': {
      const { problems, status } = await sources.report()
      return reply(res, 200, { problems, ...status })
    }
    default:
      return reply(res, 404, { error: 'try /healthz, /readyz, /metrics or /status' })
  }
}

function reply(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' })
  res.end(`${JSON.stringify(body)}\n`)
}
