import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Ids that PHP's files handler accepts (php-src ext/session/session.c, php_session_valid_key). */
const validId = /^[A-Za-z0-9,-]{1,256}$/

/** How often a file that changes while it is read is read again before it is given up. */
const readAttemptsMax = 50

/** The largest session file that is read, in bytes. A larger one is no login session. */
export const sessionBytesMax = 4 * 1024 * 1024

export type SessionRead =
  | { readonly outcome: 'found'; readonly bytes: Buffer }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'too-large'; readonly bytes: number }
  | { readonly outcome: 'unstable' }

/**
 * Reads a session of PHP's files handler without its lock, so that a page that only reads never queues behind an
 * upload of the same visitor (pitfall 29). PHP overwrites the file in place, so a read counts only if size and mtime
 * were the same before and after it and the bytes decode; `accept` says whether they do.
 * @throws NodeJS.ErrnoException for anything but a missing file, such as EACCES
 */
export async function readSessionFile(
  directory: string,
  id: string,
  accept: (bytes: Buffer) => boolean,
): Promise<SessionRead> {
  if (!validId.test(id)) return { outcome: 'missing' }
  for (let attempt = 0; attempt < readAttemptsMax; attempt++) {
    const read = await readOnce(join(directory, `sess_${id}`))
    if (read.outcome !== 'found' || accept(read.bytes)) {
      if (read.outcome !== 'unstable') return read
    }
    await nextTurn()
  }
  return { outcome: 'unstable' }
}

// --- internal ---

async function readOnce(path: string): Promise<SessionRead> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { outcome: 'missing' }
    throw error
  }
  try {
    const before = await file.stat({ bigint: true })
    if (before.size > sessionBytesMax) return { outcome: 'too-large', bytes: Number(before.size) }
    const bytes = await file.readFile()
    const after = await file.stat({ bigint: true })
    const same = before.mtimeNs === after.mtimeNs && before.size === after.size && BigInt(bytes.length) === after.size
    return same ? { outcome: 'found', bytes } : { outcome: 'unstable' }
  } finally {
    await file.close()
  }
}
