/** npm's packages, exactly as package-lock.json says, installed once per lock file. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Problem } from './problem.mjs'

export async function installNodePackages(checkout) {
  if (isInstalled(checkout)) return
  const unlock = await lock(checkout)
  try {
    if (isInstalled(checkout)) return
    console.log('fig: installing npm packages (half a minute on a usual line) …')
    const startedAt = Date.now()
    await npmCi(checkout)
    requirePinnedNode(checkout)
    writeFileSync(stampFile(checkout), lockHash(checkout))
    console.log(`fig: npm packages installed (${Math.round((Date.now() - startedAt) / 1000)} s)`)
  } finally {
    unlock()
  }
}

/**
 * Installed means: npm finished. Our own stamp says so, or npm's, which it writes as its last step: somebody's own `npm ci`
 * is not done again, and one that was interrupted is.
 */
export function isInstalled(checkout) {
  if (!existsSync(pinnedNode(checkout))) return false
  const hash = lockHash(checkout)
  if (existsSync(stampFile(checkout)) && readFileSync(stampFile(checkout), 'utf8') === hash) return true
  if (!npmFinished(checkout)) return false
  try {
    writeFileSync(stampFile(checkout), hash)
  } catch {
    // Somebody else's node_modules, to be read only: then it is looked at again next time.
  }
  return true
}

// --- internal ---

const lockWaitMs = 250

function stampFile(checkout) {
  return join(checkout, 'node_modules', '.fig-installed')
}

function pinnedNode(checkout) {
  return join(checkout, 'node_modules', '.bin', 'node')
}

function lockHash(checkout) {
  const lock = readFileSync(join(checkout, 'package-lock.json'))
  return createHash('sha256').update(lock).update(`${process.platform}-${process.arch}`).digest('hex')
}

function npmFinished(checkout) {
  const installed = readPackages(join(checkout, 'node_modules', '.package-lock.json'))
  const wanted = readPackages(join(checkout, 'package-lock.json'))
  if (installed === undefined || wanted === undefined) return false
  return Object.entries(wanted).every(([path, { version, optional, peer }]) => {
    if (path === '') return true
    const found = installed[path]
    return found === undefined ? optional === true || peer === true : found.version === version
  })
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined // missing, or half written
  }
}

/** Install scripts stay off: Postgres' links are made by the stack itself, and nothing else needs one. */
function npmCi(checkout) {
  const options = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund']
  const [command, args] = npmCommand([...options, '--loglevel=error'])
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: checkout, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', (error) => reject(new Problem(`npm could not be run: ${error.message}`, 'Install npm.')))
    child.once('exit', (code) => {
      if (code === 0) return resolve()
      reject(new Problem(`npm ci failed (exit code ${code}); its reason stands above.`, npmRemedy))
    })
  })
}

const npmRemedy =
  'Is the registry reachable (`npm ping`), is the disk full (`df .`), is node_modules yours to write? Then start again.'

/** The npm that runs us, rather than another one on the PATH. */
function npmCommand(args) {
  const running = process.env.npm_execpath
  if (running !== undefined && basename(running) === 'npm-cli.js') return [process.execPath, [running, ...args]]
  return ['npm', args]
}

function requirePinnedNode(checkout) {
  if (existsSync(pinnedNode(checkout))) return
  const platform = `${process.platform} ${process.arch}`
  throw new Problem(
    `npm installed no Node for ${platform}.`,
    'Fig runs on Linux and macOS, on x64 and arm64. If this is one of them, run `npm ci --include=optional` and look at what it says.',
  )
}

/** `npm start` and `npm test` side by side in a fresh clone: one installs, the other waits for it. */
async function lock(checkout) {
  const file = join(checkout, '.fig', 'install.lock')
  for (let waited = false; ; waited = true) {
    try {
      mkdirSync(join(checkout, '.fig'), { recursive: true })
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw folderProblem(error, checkout)
    }
    const owner = lockOwner(file)
    if (owner === undefined) rmSync(file, { force: true })
    else if (!waited) console.log(`fig: process ${owner} is installing npm packages here; waiting for it …`)
    await new Promise((resolve) => setTimeout(resolve, lockWaitMs))
  }
}

function lockOwner(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    if (pid > 0) process.kill(pid, 0)
    return pid
  } catch (error) {
    return error.code === 'EPERM' ? 'of another user' : undefined
  }
}

function folderProblem(error, checkout) {
  return new Problem(
    `${checkout} can't be written: ${error.message}`,
    'Make the folder yours, or free some disk space.',
  )
}
