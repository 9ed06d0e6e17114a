import { stripTypeScriptTypes } from 'node:module'
import { describe, expect, it } from 'vitest'
import { addRoute } from './edit-routes.ts'

const entry = { importLine: "import { getNew } from './handlers/new.ts'", element: "{ id: 'new', modern: getNew }" }

describe('adding a route to a table', () => {
  it('fills an empty list', () => {
    const source = "import { defineRoutes } from 'fig-proxy'\n\nexport default defineRoutes({\n  routes: [],\n})\n"
    expect(addRoute(source, entry)).toBe(
      "import { defineRoutes } from 'fig-proxy'\nimport { getNew } from './handlers/new.ts'\n\n" +
        "export default defineRoutes({\n  routes: [\n    { id: 'new', modern: getNew },\n  ],\n})\n",
    )
  })

  const tables: Readonly<Record<string, string>> = {
    'a trailing comma': 'routes: [\n  { id: 1 },\n]',
    'no trailing comma': 'routes: [\n  { id: 1 }\n]',
    'a comment after the last': 'routes: [\n  { id: 1 } // the last ]\n]',
    'a comment in the list': 'routes: [\n  { id: 1 },\n  /* more ] to come */\n]',
    'all on one line': 'routes: [{ id: 1 }, { id: 2 }]',
    'brackets in texts': "routes: [{ id: ']', a: \"\\\"]\", b: `\\`]`, c: 'it\\'s ]' }]",
    'brackets in expressions': 'routes: [{ id: 1, form: { action: /^(?:a|b[/\\]])$/i }, half: 4 / 2 / [1].length }]',
    'lists in routes': "routes: [{ id: 1, match: ['/a', { path: '/b' }] }]",
    spreads: 'routes: [...[1], ...[2]]',
    'words that look alike': "note: 'routes: [', /* routes: [ */ // routes: [\n routes: [1]",
  }
  for (const [name, table] of Object.entries(tables)) {
    it(`keeps what is there: ${name}`, () => {
      const source = `import a from 'a'\nconst table = {\n${table},\n}\n`
      const edited = addRoute(source, entry)
      const before = evaluated(source)
      expect(evaluated(edited ?? '')).toEqual({ ...before, routes: [...before.routes, { id: 'new' }] })
    })
  }

  it('imports after the other imports, in their manner', () => {
    const source =
      'import {\n  a,\n} from "a";\nimport "b";\n\nconst c = await import("c");\nconst t = { routes: [] };\n'
    expect(addRoute(source, entry)).toContain('import "b";\nimport { getNew } from "./handlers/new.ts";\n\nconst c')
    expect(addRoute('export default { routes: [] }', entry)).toMatch(/^import \{ getNew \} .*\n\nexport default/)
  })

  it('leaves a table alone that it does not understand', () => {
    const strange = [
      'export default defineRoutes({ routes })',
      'export default defineRoutes({ routes: [...a].concat([...b]), other: { routes: [] } })',
      'export default defineRoutes({ routes: [',
      'export default defineRoutes(table)',
      '',
    ]
    expect(strange.map((source) => addRoute(source, entry))).toEqual(strange.map(() => undefined))
  })
})

// --- internal ---

/** What the table is once the imports are out of the way. */
function evaluated(source: string): { readonly routes: readonly unknown[] } {
  const code = stripTypeScriptTypes(source).replace(/^import .*$/gm, '')
  return new Function('getNew', `${code}\nreturn JSON.parse(JSON.stringify(table))`)(undefined)
}
