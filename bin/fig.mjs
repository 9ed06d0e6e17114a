#!/usr/bin/env node
// The command `fig`. Plain JavaScript with built-in modules only: a fresh machine may have an old Node and no packages yet.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const nodeMajorMin = 24
const root = dirname(dirname(fileURLToPath(import.meta.url)))
// A checkout runs its sources, also beside a dist/ that is older; an installed package has only dist/, as Node strips no types
// under node_modules.
const program = ['../src/cli/main.ts', '../dist/cli/main.js'].find((file) => existsSync(new URL(file, import.meta.url)))

if (program === undefined) {
  fail(`there is neither src/ nor dist/ in ${root}. Install the package again.`)
}
installPackages()
if (Number(process.versions.node.split('.')[0]) >= nodeMajorMin) {
  // Compiled code, types stripped, is kept from start to start: half the time, and 25 MB less. Not in the system's folder for
  // temporary files, where other users could put code of theirs for us to run. Where it can't be written, nothing is kept.
  nodeModule.enableCompileCache?.(join(root, 'node_modules', '.cache', 'fig'))
  await import(program)
} else {
  runPinnedNode()
}

function installPackages() {
  if (packagesAreThere()) {
    return
  }
  if (!existsSync(join(root, 'package-lock.json'))) {
    fail('its packages are missing. Run `npm install` in your project.')
  }
  process.stderr.write('fig: installing packages (npm ci), once …\n')
  // What npm prints goes to stderr: stdout is for log lines.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    fail(`npm ci failed in ${root}. Run it there by hand to see why.`)
  }
}

function packagesAreThere() {
  try {
    nodeModule.createRequire(join(root, 'package.json')).resolve('hono')
    return true
  } catch {
    return false
  }
}

/** The Node that package.json pins runs the rest; this process passes signals on and takes over how it ended. */
function runPinnedNode() {
  const node = pinnedNode()
  if (node === undefined) {
    fail(`Node ${nodeMajorMin} or newer is needed, this is ${process.versions.node}, and the pinned one is missing.`)
    return
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  const passOn = (signal) => child.kill(signal)
  process.on('SIGTERM', passOn)
  process.on('SIGHUP', passOn)
  process.on('SIGUSR2', passOn)
  // Ctrl-C in a terminal reaches the child by itself; twice would mean "at once".
  process.on('SIGINT', (signal) => process.stdin.isTTY || passOn(signal))
  child.on('error', (error) => fail(`${node} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exit(code ?? 1)
    }
    for (const name of ['SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGINT']) {
      process.removeAllListeners(name)
    }
    process.kill(process.pid, signal)
  })
}

function pinnedNode() {
  const directories = [join(root, 'node_modules', '.bin'), join(root, '..', '.bin')]
  return directories.map((directory) => join(directory, 'node')).find(existsSync)
}

function fail(message) {
  process.stderr.write(`fig: ${message}\n`)
  process.exit(1)
}
