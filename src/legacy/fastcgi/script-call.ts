import type { HeaderList } from '../../http1/index.ts'
import type { Cause } from '../causes.ts'
import type { CallEvents, OutgoingRequest, UpstreamCall } from '../upstream-call.ts'
import type { Connection, ConnectionUser } from './connection.ts'
import type { ConnectionPool } from './connection-pool.ts'
import type { DocumentTree } from './document-tree.ts'
import { buildEnvironment } from './environment.ts'
import { ErrorOutput } from './error-output.ts'
import { FileCall } from './file-call.ts'
import { encodeRequest, protocolStatus } from './records.ts'
import { resolveInternal, type Script } from './resolve-target.ts'
import { ScriptAnswer, type ScriptAnswerEvents } from './script-answer.ts'
import type { ScriptHead } from './script-head.ts'
import { ScriptInput } from './script-input.ts'
import type { FastcgiSite } from './site.ts'
import { Spool } from './spool.ts'

export interface FastcgiTimeouts {
  readonly connectMs: number
  /** From the whole request sent to the head of the answer; also the longest that php-fpm may not take any of a body. */
  readonly firstByteMs: number
  /** Between two pieces of the answer. */
  readonly idleMs: number
}

/** What all requests to one php-fpm have in common. */
export interface ScriptHost {
  readonly pool: ConnectionPool
  readonly site: FastcgiSite
  readonly tree: DocumentTree
  /** By prefix of the address. */
  readonly internalTrees: ReadonlyMap<string, DocumentTree>
  readonly timeouts: FastcgiTimeouts
  readonly spoolDirectory: string
  readonly bodyBytesMax: number
}

/**
 * One request to a script.
 *
 * Life: spooling (a body of unknown length is collected, and no worker waits for it) -> connecting -> sending (also while
 * the answer is awaited) -> answering -> ended (php-fpm said so) -> over. A FileCall takes over when the script asks for a file
 * to be sent, or when a page of ours is the answer.
 */
export class ScriptCall implements UpstreamCall, ConnectionUser, ScriptAnswerEvents {
  reused = false
  readonly #host: ScriptHost
  readonly #request: OutgoingRequest
  readonly #script: Script
  readonly #events: CallEvents
  readonly #onDone: () => void
  readonly #answer: ScriptAnswer
  readonly #errorOutput: ErrorOutput
  #stage: 'spooling' | 'connecting' | 'sending' | 'answering' | 'ended' | 'over' = 'connecting'
  #connection: Connection | undefined
  #input: ScriptInput | undefined
  #spool: Spool | undefined
  #fileCall: FileCall | undefined
  #keepsConnection = false
  #isPaused = false
  /** The last time that something moved. */
  #movedAt = performance.now()

  constructor(host: ScriptHost, request: OutgoingRequest, script: Script, events: CallEvents, onDone: () => void) {
    this.#host = host
    this.#request = request
    this.#script = script
    this.#events = events
    this.#onDone = onDone
    this.#answer = new ScriptAnswer(request.method, this)
    this.#errorOutput = new ErrorOutput(request.facts.log, script.name)
    const { body } = request
    if (body.kind === 'chunked') {
      this.#startSpooling()
    } else {
      this.#connect(body.kind === 'none' ? undefined : body.kind === 'length' ? body.length : body.bytes.length)
    }
  }

  // --- UpstreamCall ---

  write(chunk: Buffer): boolean {
    this.#movedAt = performance.now()
    return (this.#spool ?? this.#input)?.send(chunk) ?? true
  }

  end(): void {
    this.#movedAt = performance.now()
    ;(this.#spool ?? this.#input)?.end()
  }

  pause(): void {
    this.#isPaused = true
    this.#fileCall?.pause()
    this.#connection?.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#movedAt = performance.now()
    this.#fileCall?.resume()
    this.#connection?.resume()
  }

  abort(): void {
    this.#fileCall?.abort()
    this.#finish()
  }

  // --- for the upstream ---

  fail(cause: Cause, error: Error | undefined): void {
    if (this.#fileCall !== undefined) {
      this.#fileCall.fail(cause, error)
    } else if (this.#finish()) {
      this.#events.onFailure(cause, error)
    }
  }

  checkDeadline(now: number): void {
    const quietMs = now - this.#movedAt
    const { connectMs, firstByteMs, idleMs } = this.#host.timeouts
    if (this.#isPaused) {
      return
    }
    if (this.#stage === 'connecting' && quietMs >= connectMs) {
      this.fail(this.#causeOfNoConnection('connect-timeout'), undefined)
    } else if (this.#stage === 'sending' && this.#isPhpsTurn() && quietMs >= firstByteMs) {
      this.fail('first-byte-timeout', undefined)
    } else if (this.#stage === 'answering' && quietMs >= idleMs) {
      this.fail('answer-body-timeout', undefined)
    }
  }

  // --- ConnectionUser ---

  onConnected(): void {
    this.#stage = 'sending'
    this.#movedAt = performance.now()
    const { body } = this.#request
    if (this.#spool !== undefined) {
      this.#sendSpool(this.#spool)
      return
    }
    if (body.kind === 'bytes') {
      this.#input?.send(body.bytes)
      this.#input?.end()
    }
    this.#events.onConnected()
  }

  onDrain(): void {
    const input = this.#input
    this.#movedAt = performance.now()
    if (input?.isBlocked === true) {
      input.isBlocked = false
      if (this.#spool !== undefined) {
        this.#sendSpool(this.#spool)
      } else if (!input.isWhole) {
        this.#events.onDrain()
      }
    }
  }

  onErrorOutput(piece: Buffer): void {
    this.#errorOutput.push(piece)
  }

  onOutput(piece: Buffer): void {
    if (this.#stage === 'ended' || this.#stage === 'over') {
      return
    }
    const fault = this.#answer.push(piece)
    if (fault !== undefined) {
      this.fail('answer-head-invalid', new Error(`${this.#script.name} sent ${fault}`))
    }
  }

  onEndRequest(status: number): void {
    const { headDone, missing } = this.#answer
    if (this.#stage === 'ended' || this.#stage === 'over') {
      return
    }
    if (status === protocolStatus.overloaded && !headDone) {
      this.fail('queue-full', new Error('php-fpm says that it is overloaded'))
    } else if (status !== protocolStatus.complete) {
      this.onFault(`an end of request with status ${status}`)
    } else if (!headDone) {
      this.fail('answer-head-invalid', new Error(`${this.#script.name} ended before its headers did`))
    } else if (missing > 0) {
      this.fail('answer-body-upstream', new Error(`the body lacks ${missing} bytes of its Content-Length`))
    } else {
      this.#stage = 'ended'
    }
  }

  onReadEnd(): void {
    this.#movedAt = performance.now()
    if (this.#stage === 'ended') {
      this.#finish()
      this.#events.onEnd(undefined)
    } else if (this.#stage === 'answering') {
      this.#events.onBatchEnd()
    }
  }

  onFault(fault: string): void {
    const cause = this.#answer.headDone ? 'answer-body-upstream' : 'answer-head-invalid'
    this.fail(cause, new Error(`php-fpm sent ${fault}`))
  }

  onClosed(error: Error | undefined): void {
    const cause = this.#stage === 'connecting' ? this.#causeOfNoConnection(connectCause(error)) : this.#causeOfBreak()
    this.fail(cause, error ?? new Error('php-fpm closed the connection'))
  }

  // --- ScriptAnswerEvents ---

  onHead({ status, reason, headers, accelRedirect }: ScriptHead): boolean {
    if (accelRedirect !== undefined) {
      this.#sendInternal(accelRedirect, headers)
      return false
    }
    this.#stage = 'answering'
    this.#events.onHead({ status, reason, headers })
    return this.#stage === 'answering'
  }

  onData(piece: Buffer): void {
    this.#events.onData(piece)
  }

  onExcess(): void {
    this.#request.facts.log.warn({ script: this.#script.name }, 'PHP sent more than its Content-Length says; cut off')
  }

  // --- internal: the request ---

  #startSpooling(): void {
    this.#stage = 'spooling'
    this.#spool = new Spool({
      directory: this.#host.spoolDirectory,
      bytesMax: this.#host.bodyBytesMax,
      onDrain: () => this.#events.onDrain(),
      onComplete: (length) => this.#connect(length),
      onTooLarge: () => this.#handOver((call) => call.sendPage(413)),
      onFailure: (error) => this.fail('spool-failed', error),
    })
    process.nextTick(() => {
      if (this.#stage === 'spooling') {
        this.#events.onConnected()
      }
    })
  }

  #connect(bodyBytes: number | undefined): void {
    const { pool, site, tree } = this.#host
    const hasBody = bodyBytes !== undefined && bodyBytes > 0
    // What php-fpm did not read of a body would stand between two requests, so such connections are used once.
    this.#keepsConnection = pool.keeps && !hasBody
    const environment = buildEnvironment(this.#request, this.#script, tree.root, site, bodyBytes)
    const bytes = encodeRequest(environment, this.#keepsConnection, hasBody)
    this.#stage = 'connecting'
    this.#movedAt = performance.now()
    if (bytes === undefined) {
      process.nextTick(() => this.fail('request-invalid', new Error('a header is too large for a FastCGI record')))
      return
    }
    const connection = pool.take(!hasBody && repeatable.has(this.#request.method))
    this.#connection = connection
    this.reused = connection.reused
    this.#input = new ScriptInput(connection, hasBody)
    connection.use(this)
    connection.write(bytes)
    if (connection.isConnected) {
      process.nextTick(() => {
        if (this.#stage === 'connecting') {
          this.onConnected()
        }
      })
    }
  }

  #sendSpool(spool: Spool): void {
    if (this.#input?.isWhole !== false) {
      return
    }
    this.#input.sendSpool(spool, (error) => {
      spool.discard()
      this.#movedAt = performance.now()
      if (error !== undefined) {
        this.fail('request-body-upstream', error)
      }
    })
  }

  /** While the client has to send something, PHP is not late. */
  #isPhpsTurn(): boolean {
    return this.#input !== undefined && (this.#input.isWhole || this.#input.isBlocked)
  }

  // --- internal: the answer ---

  /** X-Accel-Redirect: the script has said who may have a file, and we send it. */
  #sendInternal(redirect: string, headers: HeaderList): void {
    const { site, internalTrees } = this.#host
    const file = resolveInternal(redirect, site, internalTrees)
    if (file === 'no-folder') {
      const where = JSON.stringify(redirect.slice(0, 100))
      this.fail('answer-head-invalid', new Error(`X-Accel-Redirect to ${where}, in no internal folder of the site`))
      return
    }
    const kept = headers.copy()
    kept.removeWhere((key) => !keptOnRedirect.has(key))
    this.#handOver((call) => (file === 'missing' ? call.sendPage(404) : call.sendFile(file, kept)))
  }

  /** Script and connection are done with; a file or a page of ours is the answer. */
  #handOver(begin: (call: FileCall) => void): void {
    this.#stage = 'over'
    this.#letGo()
    const { site, tree } = this.#host
    const call = new FileCall({ request: this.#request, site, tree, events: this.#events, onDone: this.#onDone })
    this.#fileCall = call
    if (this.#isPaused) {
      call.pause()
    }
    begin(call)
  }

  // --- internal: ends ---

  /** The connection broke, or php-fpm gave the request up. */
  #causeOfBreak(): Cause {
    if (this.#answer.headDone) {
      return 'answer-body-upstream'
    }
    if (this.#answer.begun) {
      return 'answer-head-invalid'
    }
    return this.#input?.isWhole === true ? 'first-byte-upstream' : 'request-body-upstream'
  }

  /** A spooled body is gone from the client: it can't be sent to another upstream, as it could when nothing was read. */
  #causeOfNoConnection(cause: Cause): Cause {
    return this.#spool === undefined || cause === 'queue-full' ? cause : 'request-body-upstream'
  }

  /** False when it had ended before. */
  #finish(): boolean {
    if (this.#stage === 'over') {
      return false
    }
    const connection = this.#connection
    if (this.#stage === 'ended' && this.#keepsConnection && connection !== undefined) {
      this.#connection = undefined
      this.#host.pool.giveBack(connection)
    }
    this.#stage = 'over'
    this.#letGo()
    this.#onDone()
    return true
  }

  #letGo(): void {
    this.#spool?.discard()
    this.#spool = undefined
    this.#input?.stop()
    this.#connection?.destroy()
    this.#connection = undefined
    this.#errorOutput.end()
  }
}

// --- internal ---

/** RFC 9110 section 9.2.1; the caller sends them once more when a kept connection was just being closed. */
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS'])

/** What a script says about a file that it hands over; the rest is for us to say. */
const keptOnRedirect = new Set([
  'content-type',
  'set-cookie',
  'content-disposition',
  'cache-control',
  'expires',
  'accept-ranges',
])

/** A unix socket says EAGAIN when as many connections wait as `listen.backlog` allows. */
function connectCause(error: Error | undefined): Cause {
  const code = error !== undefined && 'code' in error ? error.code : undefined
  return code === 'EAGAIN' ? 'queue-full' : code === 'ETIMEDOUT' ? 'connect-timeout' : 'connect-refused'
}
