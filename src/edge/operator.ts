import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Metrics } from '../platform/index.ts'

export interface ReadinessCheck {
  readonly name: string
  /** Undefined when ready; else what is missing. */
  readonly problem: () => string | undefined
  /** True where waiting does not help: somebody has to correct what the problem says and start again. */
  readonly final?: () => boolean
}

export interface OperatorDeps {
  readonly metrics: Metrics
  readonly readiness: readonly ReadinessCheck[]
  readonly status: () => object
}

/** Health and figures for the operator, on a listener of its own: nothing of this is reachable from the public port. */
export function operatorServer(deps: OperatorDeps): Server {
  return createServer((req, res) => {
    answer(req, res, deps).catch((error: unknown) => {
      res.headersSent ? res.destroy() : reply(res, 500, { error: error instanceof Error ? error.message : 'failed' })
    })
  })
}

// --- internal ---

async function answer(req: IncomingMessage, res: ServerResponse, deps: OperatorDeps): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    return reply(res, 405, { error: 'only GET is answered here' })
  }
  switch (req.url?.split('?', 1)[0]) {
    case '/healthz':
      return reply(res, 200, { status: 'ok' })
    case '/readyz': {
      const problems = readinessProblems(deps.readiness)
      const final = deps.readiness.some((check) => check.final?.() === true)
      return reply(res, problems.length === 0 ? 200 : 503, { ready: problems.length === 0, problems, final })
    }
    case '/metrics': {
      const { contentType, body } = await deps.metrics.text()
      res.writeHead(200, { 'Content-Type': contentType })
      res.end(body)
      return
    }
    case '/status':
      return reply(res, 200, { problems: readinessProblems(deps.readiness), ...deps.status() })
    default:
      return reply(res, 404, { error: 'try /healthz, /readyz, /metrics or /status' })
  }
}

function readinessProblems(checks: readonly ReadinessCheck[]): readonly string[] {
  return checks.flatMap(({ name, problem }) => {
    const text = problem()
    return text === undefined ? [] : [`${name}: ${text}`]
  })
}

function reply(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' })
  res.end(`${JSON.stringify(body)}\n`)
}
