import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** What Fig's own package.json says, for the project that is to use it. */
export interface OwnPackage {
  readonly name: string
  readonly version: string
  /** With what Fig itself is checked: a project does well to take the same. */
  readonly devDependencies: Readonly<Record<string, string>>
  /** Absent where Fig runs from an installed package. */
  readonly checkout: string | undefined
}

export async function ownPackage(): Promise<OwnPackage> {
  const root = new URL('../../', import.meta.url)
  const own = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as Omit<OwnPackage, 'checkout'>
  const isCheckout = existsSync(new URL('tsconfig.build.json', root))
  return { ...own, checkout: isCheckout ? fileURLToPath(root).replace(/[/\\]$/, '') : undefined }
}
