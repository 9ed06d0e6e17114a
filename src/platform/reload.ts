import type { Logger } from './logger.ts'

/** Reads anew what may change while Fig runs, such as certificates. A part that can't keeps what it has, and says why. */
export interface Reload {
  add(name: string, reload: () => Promise<void>): void
  run(): Promise<void>
}

export function createReload(log: Logger): Reload {
  const parts: { readonly name: string; readonly reload: () => Promise<void> }[] = []
  return {
    add: (name, reload) => {
      parts.push({ name, reload })
    },
    run: async () => {
      for (const { name, reload } of parts) {
        try {
          await reload()
        } catch (error) {
          log.error({ err: error, part: name }, 'a part could not be read anew; it goes on with what it has')
        }
      }
      log.info({ parts: parts.map(({ name }) => name) }, 'read anew')
    },
  }
}
