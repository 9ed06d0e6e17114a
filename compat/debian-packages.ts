/** Applications as Debian packages: downloaded once, unpacked below a folder of the run, never installed. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { CompatProblem } from './problem.ts'
import { runProgram } from './run-program.ts'

export interface UnpackedPackages {
  /** Stands for `/`: the files of the packages lie below it. */
  readonly root: string
  /** Upstream's and Debian's version of each package. */
  readonly versions: ReadonlyMap<string, string>
}

/** @param store keeps the downloaded files from one run to the next */
export async function unpackPackages(names: readonly string[], store: string, root: string): Promise<UnpackedPackages> {
  mkdirSync(store, { recursive: true })
  mkdirSync(root, { recursive: true })
  const versions = await candidateVersions(names)
  for (const [name, version] of versions) {
    const file = (await storedFile(store, name, version)) ?? (await download(store, name, version))
    await runProgram(['dpkg-deb', '--extract', file, root])
  }
  keepLinksInside(root)
  return { root, versions }
}

// --- internal ---

async function candidateVersions(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const text = await runProgram(['apt-cache', 'policy', ...names], { environment: { LC_ALL: 'C' } })
  const found = text.matchAll(/^(\S+):\n {2}Installed: .*\n {2}Candidate: (\S+)$/gm)
  const versions = new Map(Array.from(found, ([, name = '', version = '']) => [name, version]))
  const missing = names.filter((name) => (versions.get(name) ?? '(none)') === '(none)')
  if (missing.length > 0)
    throw new CompatProblem(`apt does not know ${missing.join(', ')}.`, 'Run `apt-get update`, on Debian 12.')
  return versions
}

async function storedFile(store: string, name: string, version: string): Promise<string | undefined> {
  const prefix = `${name}_${version.replaceAll(':', '%3a')}_`
  const file = readdirSync(store).find((entry) => entry.startsWith(prefix) && entry.endsWith('.deb'))
  return file === undefined ? undefined : join(store, file)
}

async function download(store: string, name: string, version: string): Promise<string> {
  const unfinished = join(store, `new-${process.pid}`)
  mkdirSync(unfinished, { recursive: true })
  try {
    await runProgram(['apt-get', 'download', '-qq', `${name}=${version}`], { cwd: unfinished })
    for (const file of readdirSync(unfinished)) renameSync(join(unfinished, file), join(store, file))
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  const file = await storedFile(store, name, version)
  if (file === undefined) throw new CompatProblem(`apt-get download gave no file for ${name}.`, 'Run it by hand.')
  return file
}

/** Debian links from one package into another by absolute paths, which would lead out of the folder. */
function keepLinksInside(root: string): void {
  const links = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isSymbolicLink())
  const paths = links.map((entry) => join(entry.parentPath, entry.name))
  for (const path of paths) {
    const text = readlinkSync(path)
    if (!text.startsWith('/') || !existsAsEntry(join(root, text))) continue
    rmSync(path)
    symlinkSync(relative(dirname(path), join(root, text)), path)
  }
  // What leads to a package that is not needed here, such as a list of certificates, is left out.
  for (const path of paths) if (!existsSync(path)) rmSync(path)
}

function existsAsEntry(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
