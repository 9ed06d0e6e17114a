import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FastcgiAddress } from '../index.ts'

// A php-fpm of the test's own, with its own scripts, in a folder that goes when the test does.

export interface PhpFpm extends AsyncDisposable {
  readonly folder: string
  readonly documentRoot: string
  readonly address: FastcgiAddress
  /** Process ids of the workers. */
  workers(): readonly number[]
  /** Tells the master to load its configuration anew. */
  reload(): void
}

export interface PhpFpmOptions {
  readonly workers?: number
  readonly maxRequests?: number
  /** Connections that may wait for a worker. */
  readonly backlog?: number
  /** Lines of php.ini. */
  readonly ini?: Readonly<Record<string, string>>
  readonly tcpPort?: number
}

/** @param files by path below the document root */
export async function startPhpFpm(
  files: Readonly<Record<string, string | Buffer>>,
  options: PhpFpmOptions = {},
): Promise<PhpFpm> {
  const folder = mkdtempSync(join(tmpdir(), 'fig-fpm-'))
  const documentRoot = join(folder, 'site')
  chmodSync(folder, 0o755)
  mkdirSync(documentRoot)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(documentRoot, path)), { recursive: true })
    writeFileSync(join(documentRoot, path), content)
  }
  writeFileSync(join(folder, 'fpm.conf'), configuration(folder, options))
  const asRoot = process.getuid?.() === 0 ? ['-R'] : []
  const master = spawn(findPhpFpm(), ['-F', ...asRoot, '-y', join(folder, 'fpm.conf')], { stdio: 'ignore' })
  const address: FastcgiAddress =
    options.tcpPort === undefined
      ? { kind: 'unix', path: join(folder, 'fpm.sock') }
      : { kind: 'tcp', host: '127.0.0.1', port: options.tcpPort }
  await untilListening(address, master, join(folder, 'fpm.log'))
  return {
    folder,
    documentRoot,
    address,
    workers: () => childrenOf(master),
    reload: () => void process.kill(master.pid ?? 0, 'SIGUSR2'),
    async [Symbol.asyncDispose]() {
      await stop(master)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

// --- internal ---

function findPhpFpm(): string {
  const names = ['php-fpm8.2', 'php-fpm8.3', 'php-fpm8.4', 'php-fpm']
  const found = names.find((name) => spawnSync(name, ['-v']).status === 0)
  if (found === undefined) {
    throw new Error('php-fpm is not installed: `npm start` installs what is missing, or prints how')
  }
  return found
}

function configuration(
  folder: string,
  { workers = 2, maxRequests = 0, backlog = 511, ini = {}, tcpPort }: PhpFpmOptions,
): string {
  const user = process.getuid?.() === 0 ? ['user = root', 'group = root'] : []
  return [
    '[global]',
    `error_log = ${folder}/fpm.log`,
    '[test]',
    ...user,
    `listen = ${tcpPort === undefined ? `${folder}/fpm.sock` : `127.0.0.1:${tcpPort}`}`,
    `listen.backlog = ${backlog}`,
    'pm = static',
    `pm.max_children = ${workers}`,
    `pm.max_requests = ${maxRequests}`,
    'catch_workers_output = yes',
    'ping.path = /ping',
    ...Object.entries(ini).map(([name, value]) => `php_admin_value[${name}] = ${value}`),
    '',
  ].join('\n')
}

function childrenOf({ pid }: ChildProcess): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
}

async function untilListening(address: FastcgiAddress, master: ChildProcess, log: string): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await connects(address))) {
    if (master.exitCode !== null || performance.now() > deadline) {
      throw new Error(`php-fpm does not listen: ${readFileSync(log, 'utf8')}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

function connects(address: FastcgiAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address.kind === 'unix' ? { path: address.path } : address)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve()
      return
    }
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
