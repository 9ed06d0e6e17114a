import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newEndpoint } from './new-endpoint.ts'
import { testTerminal } from './testing/terminal.ts'

const table = (routes: string) => `import { old } from './old.ts'\n\nexport default { routes: ${routes} }\n`
const oldRoute = "{ id: 'old', match: '/old/:id', flag: 'old', modern: old }"

function projectWith(routesConfig: string) {
  const test = testTerminal()
  writeFileSync(join(test.folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(test.folder, 'old.ts'), 'export const old = (): Response => new Response()\n')
  writeFileSync(join(test.folder, 'routes.config.ts'), routesConfig)
  return {
    ...test,
    read: (name: string) => readFileSync(join(test.folder, name), 'utf8'),
    [Symbol.dispose]: test[Symbol.dispose],
  }
}

describe('fig new', () => {
  it('writes handler and test, and adds the route to the table', async () => {
    using project = projectWith(table(`[\n  ${oldRoute}\n]`))
    expect(await newEndpoint(['GET', '/mods/:id'], { json: true }, project.terminal)).toBe(0)
    expect(JSON.parse(project.stdout())).toEqual({
      ok: true,
      id: 'mods-id',
      flag: 'mods-id',
      files: ['handlers/mods-id.ts', 'test/mods-id.test.ts', 'routes.config.ts'],
    })
    const url = join(project.folder, 'routes.config.ts')
    const loaded = (await import(`${url}?edited`)) as { readonly default: { readonly routes: readonly object[] } }
    expect(loaded.default.routes).toMatchObject([{ id: 'old' }, { id: 'mods-id', match: 'GET /mods/:id' }])
    expect(readdirSync(project.folder).sort()).toEqual([
      'handlers',
      'old.ts',
      'package.json',
      'routes.config.ts',
      'test',
    ])
  })

  it('says what to add where it can not edit the table safely, and leaves it as it is', async () => {
    const unreadable = [
      `import { old } from './old.ts'\nconst routes = [${oldRoute}]\nexport default { routes }\n`,
      // Found and well-formed, but the new route is lost on the way.
      `import { old } from './old.ts'\nconst table = { routes: [${oldRoute}] }\nexport default { ...table, ['routes']: table.routes.slice(0, 1) }\n`,
    ]
    for (const source of unreadable) {
      using project = projectWith(source)
      expect(await newEndpoint(['GET /mods/:id'], {}, project.terminal)).toBe(1)
      expect(project.read('routes.config.ts')).toBe(source)
      expect(project.stderr()).toContain("import { getModsId } from './handlers/mods-id.ts'")
      expect(project.stderr()).toContain(
        "{ id: 'mods-id', match: 'GET /mods/:id', flag: 'mods-id', modern: getModsId },",
      )
      expect(readdirSync(project.folder).filter((name) => name.startsWith('.'))).toEqual([])
    }
  })

  it('writes nothing where the new route contradicts the table', async () => {
    using project = projectWith(table(`[${oldRoute}]`))
    await expect(newEndpoint(['/other'], { id: 'old' }, project.terminal)).rejects.toThrow(/old/)
    await expect(newEndpoint(['/old/:name'], {}, project.terminal)).rejects.toMatchObject({
      code: 'routing.invalid-table',
    })
    expect(readdirSync(project.folder).sort()).toEqual(['old.ts', 'package.json', 'routes.config.ts'])
  })

  it('overwrites nothing', async () => {
    using project = projectWith(table(`[${oldRoute}]`))
    mkdirSync(join(project.folder, 'handlers'))
    writeFileSync(join(project.folder, 'handlers', 'mods-id.ts'), 'mine')
    expect(await newEndpoint(['/mods/:id'], {}, project.terminal)).toBe(1)
    expect(project.stderr()).toContain('handlers/mods-id.ts is there already; give another --id')
    expect(project.read('handlers/mods-id.ts')).toBe('mine')
    expect(readdirSync(project.folder)).not.toContain('test')
  })

  it('needs a table that can be loaded', async () => {
    using project = projectWith('export default {')
    await expect(newEndpoint(['/a'], {}, project.terminal)).rejects.toMatchObject({ code: 'config.invalid' })
    expect(await newEndpoint(['/a'], { routes: 'none.ts' }, project.terminal)).toBe(1)
    expect(project.stderr()).toContain('run fig init first')
  })
})
