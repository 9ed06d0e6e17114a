/** The programs that npm can't bring: MariaDB, PHP, nginx, and Chromium for the tests. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from './problem.mjs'

/** Installs what is missing where it may, and names the one command that does it where it may not. */
export async function installSystemPackages(groups) {
  const missing = requirements.filter(({ group, isThere }) => groups.includes(group) && !isThere())
  if (missing.length === 0) return
  const titles = missing.map(({ title }) => title).join(', ')
  if (process.platform === 'darwin') {
    const formulas = missing.map(({ brew }) => brew).join(' ')
    throw new Problem(
      `Missing on this machine: ${titles}.`,
      `Run this, then start again:\n\n    brew install ${formulas}`,
    )
  }
  const packages = missing.flatMap(({ apt }) => apt)
  if (find('apt-get') === undefined) {
    const remedy = `Install them with your system's package manager (on Debian: ${packages.join(' ')}), then start again.`
    throw new Problem(`Missing on this machine: ${titles}.`, remedy)
  }
  const asRoot = rootCommand()
  if (asRoot === undefined) {
    const command = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`
    throw new Problem(`Missing on this machine: ${titles}.`, `Run this, then start again:\n\n    ${command}`)
  }
  console.log(`fig: installing ${titles} with apt (${packages.join(' ')}) …`)
  await aptInstall(packages, asRoot)
}

// --- internal ---

const folders = [
  ...(process.env.PATH ?? '').split(':').filter(Boolean),
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/usr/bin',
]
const homebrew = ['/opt/homebrew/bin', '/opt/homebrew/sbin', '/usr/local/bin', '/usr/local/sbin']

const requirements = [
  {
    group: 'node',
    title: "a library of Node's",
    apt: ['libatomic1'], // npm's Node is linked with it, and a bare Debian doesn't have it
    brew: '',
    isThere: () =>
      process.platform !== 'linux' || libraryFolders.some((folder) => existsSync(join(folder, 'libatomic.so.1'))),
  },
  {
    group: 'site',
    title: 'MariaDB',
    apt: ['mariadb-server-core', 'mariadb-client-core'],
    brew: 'mariadb',
    isThere: () => find('mariadbd') !== undefined && find('mariadb-install-db') !== undefined,
  },
  {
    group: 'site',
    title: 'PHP',
    apt: ['php-fpm', 'php-cli', 'php-mysql'],
    brew: 'php',
    isThere: () => find(/^php-fpm[\d.]*$/) !== undefined && find('php') !== undefined && hasMysqli(),
  },
  { group: 'site', title: 'nginx', apt: ['nginx-light'], brew: 'nginx', isThere: () => find('nginx') !== undefined },
  { group: 'browser', title: 'Chromium', apt: ['chromium'], brew: '--cask chromium', isThere: hasChromium },
]

const libraryFolders = ['/lib64', '/usr/lib64', '/usr/lib', '/lib'].flatMap((folder) => [
  folder,
  join(folder, 'x86_64-linux-gnu'),
  join(folder, 'aarch64-linux-gnu'),
])

function find(name) {
  for (const folder of [...folders, ...homebrew]) {
    if (typeof name === 'string' ? existsSync(join(folder, name)) : list(folder).some((file) => name.test(file)))
      return folder
  }
  return undefined
}

function list(folder) {
  return existsSync(folder) ? readdirSync(folder) : []
}

/** Debian packs the extension apart from PHP (/usr/lib/php/<api>/mysqli.so); elsewhere it is compiled in. */
function hasMysqli() {
  if (find('apt-get') === undefined) return true
  return list('/usr/lib/php').some((api) => existsSync(join('/usr/lib/php', api, 'mysqli.so')))
}

function hasChromium() {
  const applications = ['/Applications/Chromium.app', '/Applications/Google Chrome.app']
  const named = ['chromium', 'chromium-browser', 'google-chrome'].some((name) => find(name) !== undefined)
  return named || (process.platform === 'darwin' && applications.some((path) => existsSync(path)))
}

/** How a command is run as root without asking anybody: [] for root, sudo where it needs no password. */
function rootCommand() {
  if (process.getuid() === 0) return []
  const sudo = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' })
  return sudo.status === 0 ? ['sudo', '-n'] : undefined
}

async function aptInstall(packages, asRoot) {
  const startedAt = Date.now()
  const unitsBefore = units()
  const allowServices = forbidServices(asRoot)
  try {
    await apt(asRoot, ['update'], 'Package lists were not updated.')
    await apt(asRoot, ['install', '-y', '--no-install-recommends', ...packages], 'Packages were not installed.')
  } finally {
    allowServices()
  }
  disableServices(asRoot, unitsBefore)
  console.log(`fig: packages installed (${Math.round((Date.now() - startedAt) / 1000)} s)`)
}

/** Two minutes for another apt to finish; then say so. */
const lockTimeoutSeconds = 120

function apt(asRoot, args, message) {
  const settings = ['-q', '-o', `DPkg::Lock::Timeout=${lockTimeoutSeconds}`, '-o', 'Dpkg::Use-Pty=0']
  const [command, ...rest] = [
    ...asRoot,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'LC_ALL=C',
    'apt-get',
    ...settings,
    ...args,
  ]
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    const lines = []
    for (const stream of [child.stdout, child.stderr]) collectLines(stream, lines)
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0 && !lines.some((line) => /^(Err:|E: )/.test(line))) return resolve()
      reject(new Problem(message, aptRemedy(lines), lines.slice(-12)))
    })
  })
}

/** Progress: what apt says about whole packages, a line a second. */
function collectLines(stream, lines) {
  let rest = ''
  let saidAt = 0
  stream.setEncoding('utf8')
  stream.on('data', (text) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) {
      lines.push(line)
      if (Date.now() - saidAt < progressEveryMs || !/^(Setting up |Unpacking |Need to get |Waiting for )/.test(line))
        continue
      saidAt = Date.now()
      console.log(`     ${line}`)
    }
  })
}

const progressEveryMs = 1_000

function aptRemedy(lines) {
  const text = lines.join('\n')
  if (/Could not get lock|Unable to acquire/i.test(text)) {
    return 'Another package manager is at work (often unattended-upgrades after boot): let it finish, then start again.'
  }
  if (/No space left/i.test(text)) return 'The disk is full: free some space (`df -h /var`), then start again.'
  if (
    /Temporary failure resolving|Could not (resolve|connect)|Unable to connect|Failed to fetch|Connection (failed|timed out)/i.test(
      text,
    )
  ) {
    return 'The package server is not reachable: check the network, proxy and /etc/apt/sources.list, then start again.'
  }
  return 'Run the same apt-get command yourself and put right what it says, then start again.'
}

/**
 * Debian starts a service as soon as it is installed, and this machine may have a use of its own for port 80. Debian's way of
 * preventing that is this file; where there is one already, it stays as it is.
 */
const policyFile = '/usr/sbin/policy-rc.d'

function forbidServices(asRoot) {
  if (existsSync(policyFile)) return () => undefined
  const content = '#!/bin/sh\nexit 101\n'
  if (asRoot.length === 0) writeFileSync(policyFile, content, { mode: 0o755 })
  else
    spawnSync(asRoot[0], [
      ...asRoot.slice(1),
      'sh',
      '-c',
      `printf '${content}' > ${policyFile} && chmod 755 ${policyFile}`,
    ])
  const remove = () => {
    if (asRoot.length === 0) rmSync(policyFile, { force: true })
    else spawnSync(asRoot[0], [...asRoot.slice(1), 'rm', '-f', policyFile])
  }
  const interrupted = () => {
    remove()
    process.exit(130)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.once(signal, interrupted)
  return () => {
    for (const signal of signals) process.removeListener(signal, interrupted)
    remove()
  }
}

function units() {
  return new Set(
    ['/lib/systemd/system', '/usr/lib/systemd/system'].flatMap(list).filter((name) => name.endsWith('.service')),
  )
}

/** What we brought must not start at the next boot either. */
function disableServices(asRoot, before) {
  if (find('systemctl') === undefined) return
  const brought = [...units()].filter((name) => !before.has(name) && /^(nginx|php[\d.]*-fpm)\.service$/.test(name))
  if (brought.length === 0) return
  const [command, ...args] = [...asRoot, 'systemctl', 'disable', '--quiet', ...brought]
  spawnSync(command, args, { stdio: 'ignore' })
}
