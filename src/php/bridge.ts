import { AppError } from '../platform/index.ts'
import { cookieValue } from './cookies.ts'
import { MalformedPhpValue, type PhpValue } from './serialized.ts'
import { decodeSession, PhpSession } from './session.ts'
import { readSessionFile, sessionBytesMax } from './session-files.ts'

/** What a modern handler shares with PHP. */
export interface PhpBridge {
  /**
   * The session that PHP would open for these request cookies, or undefined where PHP would start an empty one.
   * @throws AppError 'php.session-unreadable' where the file is there but can't be read or decoded: guessing
   *   "logged out" would be wrong for a visitor who is logged in.
   */
  session(cookieHeader: string | undefined): Promise<PhpSession | undefined>
}

export interface PhpBridgeOptions {
  /** PHP's session.save_path of the files handler. */
  readonly sessionPath: string
  /** PHP's session.name. */
  readonly cookieName: string
}

export function createPhpBridge(options: PhpBridgeOptions): PhpBridge {
  return {
    async session(cookieHeader) {
      const id = cookieValue(cookieHeader, options.cookieName)
      if (id === undefined || id === '') return undefined
      return readSession(options.sessionPath, id)
    },
  }
}

// --- internal ---

async function readSession(directory: string, id: string): Promise<PhpSession | undefined> {
  let values: ReadonlyMap<string, PhpValue> = new Map()
  let malformed: MalformedPhpValue | undefined
  const accept = (bytes: Buffer): boolean => {
    try {
      values = decodeSession(bytes)
      return true
    } catch (error) {
      if (!(error instanceof MalformedPhpValue)) throw error
      malformed = error
      return false
    }
  }
  const read = await readSessionFile(directory, id, accept).catch((cause: unknown) => {
    throw unreadable(directory, 'the file system refused it', cause)
  })
  switch (read.outcome) {
    case 'found':
      return new PhpSession(id, values)
    case 'missing':
      return undefined
    case 'too-large':
      throw unreadable(directory, `it has ${read.bytes} bytes, more than ${sessionBytesMax}`, undefined)
    case 'unstable':
      throw unreadable(directory, malformed?.message ?? 'it kept changing while it was read', malformed)
  }
}

/** The id stays out of the message: who holds it is logged in. */
function unreadable(directory: string, why: string, cause: unknown): AppError {
  return new AppError('php.session-unreadable', `a PHP session in ${directory} could not be read: ${why}`, { cause })
}
