/**
 * npm start | npm test | npm run check, on a machine that has nothing but an old Node and npm.
 *
 * Built-in modules only, and nothing that Node 20 lacks: installs what is missing, then runs scripts/<command>.ts on the
 * Node that package.json pins. What is there already costs a look at a few files.
 *
 * package.json runs it on npm's own Node: npm puts node_modules/.bin first on the PATH, and the Node in there may still lack
 * what is installed here.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installNodePackages } from './bootstrap/node-packages.mjs'
import { Problem } from './bootstrap/problem.mjs'
import { installSystemPackages } from './bootstrap/system-packages.mjs'

const oldestNode = 20
/** What a shell, and the loader of shared libraries, answer for a program that can't be run. */
const cannotRun = 127
const nodeRemedy =
  'Install the library that it names, or put Node 26 on the PATH and run `node scripts/<command>.ts` with it.'
const checkout = dirname(dirname(fileURLToPath(import.meta.url)))
const needs = { start: ['node', 'site'], test: ['node', 'site', 'browser'], check: ['node', 'site'] }

async function main() {
  const [command = '', ...options] = process.argv.slice(2)
  if (!(command in needs))
    throw new Problem(`There is no command ${command}.`, 'Run npm start, npm test or npm run check.')
  refuseOldNode()
  const asksForHelp = options.includes('--help') || options.includes('-h')
  await installSystemPackages(asksForHelp ? ['node'] : needs[command])
  await installNodePackages(checkout)
  return runOnPinnedNode(join(checkout, 'scripts', `${command}.ts`), options)
}

function refuseOldNode() {
  const major = Number(process.versions.node.split('.')[0])
  if (major >= oldestNode) return
  throw new Problem(
    `This is Node ${process.versions.node}; Fig starts from Node ${oldestNode} on.`,
    'Install a newer Node (https://nodejs.org/en/download, or `apt-get install nodejs npm` on Debian 13).',
  )
}

/**
 * The child shares the terminal and gets Ctrl-C by itself. A stop that reaches only this process is passed on as a message,
 * and should this process be killed, the closed channel tells the child.
 */
function runOnPinnedNode(script, options) {
  const bin = join(checkout, 'node_modules', '.bin')
  const quickStart = ['--import', join(checkout, 'scripts', 'stack', 'large-packages-preload.ts')]
  const child = spawn(join(bin, 'node'), [...quickStart, script, ...options], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      NODE_COMPILE_CACHE: join(checkout, '.fig', 'compile-cache'),
      ...process.env,
      PATH: `${bin}:${process.env.PATH ?? ''}`,
    },
  })
  const stop = (signal) => {
    if (child.connected) child.send({ stop: signal }, () => undefined)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal))
  if (process.env.npm_lifecycle_event !== undefined) stopWithParent(() => stop('the end of npm'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (code === cannotRun) reject(new Problem('The pinned Node does not run here; why stands above.', nodeRemedy))
      else resolve(code ?? (signal === 'SIGINT' ? 130 : 1))
    })
  })
}

/** A killed npm tells nobody; its children merely get another parent. */
function stopWithParent(stop) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    stop()
  }, 500)
  watch.unref()
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof Problem ? `\nfig: ${error.explain()}\n` : error)
    process.exit(1)
  },
)

// A checkout that npm only half installed must not look like one that it installed.
if (!existsSync(join(checkout, 'package-lock.json')))
  console.error('fig: package-lock.json is missing from this checkout.')
