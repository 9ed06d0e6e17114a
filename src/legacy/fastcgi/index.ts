import { tmpdir } from 'node:os'
import { AppError } from '../../platform/index.ts'
import type { CallEvents, HealthCheck, OutgoingRequest, Upstream, UpstreamCall } from '../upstream-call.ts'
import { describeAddress, type FastcgiAddress } from './address.ts'
import { ConnectionPool } from './connection-pool.ts'
import { openDocumentTree } from './document-tree.ts'
import { FileCall } from './file-call.ts'
import { probeFastcgi } from './probe.ts'
import { resolveTarget } from './resolve-target.ts'
import { type FastcgiTimeouts, ScriptCall, type ScriptHost } from './script-call.ts'
import { type FastcgiSite, siteProblems } from './site.ts'

export { describeAddress, type FastcgiAddress, fastcgiUrlExamples, parseFastcgiUrl } from './address.ts'
export type { FastcgiTimeouts } from './script-call.ts'
export {
  defineFastcgiSite,
  type Expires,
  type FastcgiSite,
  type FileSettings,
  type FilesRule,
  frontControllerSite,
  type InternalFolder,
  type PathRule,
  type RefusingRule,
  type Rewrite,
  siteProblems,
} from './site.ts'

/** What a PHP site needs beside the address of its php-fpm. */
export interface FastcgiSettings {
  /** Absolute; the folder that holds the scripts, as php-fpm sees it and as Fig does. */
  readonly documentRoot: string
  readonly site: FastcgiSite
  /** Connections that stay open between two requests; see docs/fastcgi.md before raising it from 0. */
  readonly keptConnectionsMax?: number
  readonly keptIdleMs?: number
  /** Where chunked uploads wait for their end. */
  readonly spoolDirectory?: string
}

export interface FastcgiOptions extends FastcgiSettings {
  readonly address: FastcgiAddress
  readonly timeouts: FastcgiTimeouts
  /** Requests that the caller has under way at once: no more connections than that are open. */
  readonly connectionsMax: number
}

/**
 * php-fpm, asked directly: Fig is the web server of the PHP site.
 * @throws AppError 'config.invalid' when there is no document root, or something is wrong with the site
 */
export function createFastcgiUpstream(options: FastcgiOptions): Upstream {
  const { documentRoot, site } = options
  const problems = [...siteProblems(site)]
  if (!documentRoot.startsWith('/') || openDocumentTree(documentRoot).look('/') !== 'folder') {
    problems.push(`${documentRoot}: no folder; give the absolute path of the PHP scripts, the same for Fig and php-fpm`)
  }
  if (problems.length > 0) {
    const list = problems.join('\n  ')
    throw new AppError('config.invalid', `the PHP site has ${problems.length} problem(s):\n  ${list}`)
  }
  return new FastcgiUpstream(options)
}

// --- internal ---

interface RunningCall extends UpstreamCall {
  fail(cause: 'stopping', error: Error | undefined): void
  checkDeadline(now: number): void
}

class FastcgiUpstream implements Upstream {
  readonly origin: string
  readonly #address: FastcgiAddress
  readonly #host: ScriptHost
  readonly #running = new Set<RunningCall>()
  readonly #tickMs: number
  #timer: NodeJS.Timeout | undefined
  #isClosing = false
  #onIdle: (() => void) | undefined

  constructor(options: FastcgiOptions) {
    const { address, documentRoot, site, timeouts, connectionsMax } = options
    this.origin = describeAddress(address)
    this.#address = address
    // Deadlines are kept to a quarter of the shortest, and looked at no more than forty times a second.
    const shortestMs = Math.min(timeouts.connectMs, timeouts.firstByteMs, timeouts.idleMs)
    this.#tickMs = Math.max(25, Math.min(250, shortestMs / 4))
    this.#host = {
      pool: new ConnectionPool(address, {
        connectionsMax,
        keptMax: options.keptConnectionsMax ?? 0,
        keptIdleMs: options.keptIdleMs ?? 1_000,
      }),
      site,
      tree: openDocumentTree(documentRoot, site.linkTargets),
      internalTrees: new Map(site.internal?.map(({ prefix, folder }) => [prefix, openDocumentTree(folder)])),
      timeouts,
      spoolDirectory: options.spoolDirectory ?? tmpdir(),
      bodyBytesMax: site.bodyBytesMax ?? Number.POSITIVE_INFINITY,
    }
  }

  start(request: OutgoingRequest, events: CallEvents): UpstreamCall {
    let call: RunningCall | undefined
    const onDone = (): void => {
      if (call !== undefined && this.#running.delete(call) && this.#running.size === 0) {
        clearInterval(this.#timer)
        this.#timer = undefined
        this.#onIdle?.()
      }
    }
    call = this.#begin(request, events, onDone)
    this.#running.add(call)
    this.#timer ??= setInterval(this.#tick, this.#tickMs)
    if (this.#isClosing) {
      process.nextTick(() => call?.fail('stopping', undefined))
    }
    return call
  }

  probe(check: HealthCheck): Promise<boolean> {
    return probeFastcgi(this.#address, check)
  }

  async close(signal?: AbortSignal): Promise<void> {
    this.#isClosing = true
    this.#host.pool.close()
    const cut = (): void => {
      for (const call of this.#running) {
        call.fail('stopping', undefined)
      }
    }
    signal?.aborted ? cut() : signal?.addEventListener('abort', cut, { once: true })
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
    }
    signal?.removeEventListener('abort', cut)
  }

  // --- internal ---

  readonly #tick = (): void => {
    const now = performance.now()
    for (const call of this.#running) {
      call.checkDeadline(now)
    }
  }

  #begin(request: OutgoingRequest, events: CallEvents, onDone: () => void): RunningCall {
    const { site, tree, bodyBytesMax } = this.#host
    const answerOurselves = (begin: (call: FileCall) => void): RunningCall => {
      const call = new FileCall({ request, site, tree, events, onDone })
      begin(call)
      return call
    }
    // TRACE would show a script's author the cookies of others; web servers answer it themselves.
    if (request.method === 'TRACE') {
      return answerOurselves((call) => call.sendPage(405))
    }
    if (bodyLength(request) > bodyBytesMax) {
      return answerOurselves((call) => call.sendPage(413))
    }
    const resolution = resolveTarget(request.target, site, tree)
    switch (resolution.kind) {
      case 'script':
        return new ScriptCall(this.#host, request, resolution.script, events, onDone)
      case 'file':
        return answerOurselves((call) => call.sendFile(resolution.file))
      case 'redirect':
        return answerOurselves((call) => call.sendPage(301, resolution.location))
      default:
        return answerOurselves((call) => call.sendPage(resolution.status))
    }
  }
}

function bodyLength({ body }: OutgoingRequest): number {
  return body.kind === 'length' ? body.length : body.kind === 'bytes' ? body.bytes.length : 0
}
