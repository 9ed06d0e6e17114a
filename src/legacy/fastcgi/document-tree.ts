import { realpathSync, statSync } from 'node:fs'

export type Found = 'file' | 'folder'

/** What there is below a folder, by path from it. One character per byte, as names of files are bytes. */
export interface DocumentTree {
  readonly root: string
  /** Undefined for what is not there, is neither file nor folder, can't be looked at, or lies outside by a symbolic link. */
  look(path: string): Found | undefined
}

/**
 * Asks the file system each time, and waits for it, as web servers do: for a local disk that takes microseconds, less than
 * handing the question to another thread. What is there is never remembered, so a deployment is seen at once. Where links
 * lead is, for a second: that costs more to find out than all the rest.
 */
export function openDocumentTree(root: string, linkTargets: readonly string[] = []): DocumentTree {
  const rootBytes = byteText(root.replace(/\/+$/, ''))
  const folders = [rootBytes === '' ? '/' : rootBytes, ...linkTargets.map(byteText)]
  const verdicts = new Map<string, boolean>()
  let verdictsUntil = 0
  const isInsideCached = (path: string): boolean => {
    const now = performance.now()
    if (now > verdictsUntil || verdicts.size >= verdictsMax) {
      verdicts.clear()
      verdictsUntil = now + verdictMs
    }
    const known = verdicts.get(path)
    const verdict = known ?? isInside(fileName(rootBytes + path), folders)
    if (known === undefined) {
      verdicts.set(path, verdict)
    }
    return verdict
  }
  return {
    root: rootBytes,
    look(path) {
      const found = kindOf(fileName(rootBytes + path))
      return found === undefined || !isInsideCached(path) ? undefined : found
    },
  }
}

/** The same name for the functions of node:fs, which take texts for UTF-8. */
export function fileName(path: string): string | Buffer {
  return plain.test(path) ? path : Buffer.from(path, 'latin1')
}

/** A text of ours with one character per byte of its UTF-8. */
export function byteText(text: string): string {
  return plain.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

// --- internal ---

const verdictMs = 1_000
const verdictsMax = 1_000

/** ASCII only: one character is one byte in every encoding. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are part of ASCII
const plain = /^[\x00-\x7f]*$/

function kindOf(file: string | Buffer): Found | undefined {
  try {
    const stats = statSync(file, { throwIfNoEntry: false })
    return stats?.isFile() === true ? 'file' : stats?.isDirectory() === true ? 'folder' : undefined
  } catch {
    // No permission, a name that is too long, links in a circle: not there, for a visitor.
    return undefined
  }
}

/** The root may itself be a link, switched by a deployment, so it is resolved each time too. */
function isInside(file: string | Buffer, folders: readonly string[]): boolean {
  try {
    const real = realpathSync.native(file, 'latin1')
    return folders.some((folder) => {
      const realFolder = realpathSync.native(fileName(folder), 'latin1')
      return real === realFolder || real.startsWith(realFolder === '/' ? '/' : `${realFolder}/`)
    })
  } catch {
    return false
  }
}
