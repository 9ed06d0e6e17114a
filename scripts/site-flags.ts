/** The flags that a site's route table names. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StackError } from './stack/index.ts'

export async function siteFlags(checkout: string): Promise<readonly string[]> {
  const file = join(checkout, 'routes.config.ts')
  if (!existsSync(file)) return []
  try {
    const table = (await import(pathToFileURL(file).href)) as {
      readonly default: { readonly routes: readonly Flagged[] }
    }
    return [...new Set(table.default.routes.map(({ flag }) => flag))]
  } catch (error) {
    throw new StackError(
      `${file} can't be loaded: ${(error as Error).message}`,
      'Put it right and start again.',
      [],
      error,
    )
  }
}

// --- internal ---

interface Flagged {
  readonly flag: string
}
