import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCatalogue } from '../src/platform/index.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

describe('the documents', () => {
  it('list every error code with its meaning, action and status, and no other', () => {
    const expected = Object.entries(errorCatalogue).map(
      ([code, { meaning, action, status }]) => `| \`${code}\` | ${status} | ${meaning} | ${action} |`,
    )
    const listed = read('docs/errors.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    expect(listed).toEqual(expected)
  })

  it('list every setting, and no other', () => {
    const names = (text: string) => [...new Set(text.match(/FIG_[A-Z_]+/g))].toSorted()
    expect(names(read('docs/configuration.md'))).toEqual(names(read('src/config.ts')))
  })

  it('link only to what exists', () => {
    const documents = ['README.md', ...globSync('{docs,legacy-fixtures,src}/**/*.md', { cwd: root })]
    const broken = documents.flatMap((document) =>
      [...read(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map(([, link = '']) => join(dirname(document), link))
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => `${document} -> ${target}`),
    )
    expect(broken).toEqual([])
  })
})
