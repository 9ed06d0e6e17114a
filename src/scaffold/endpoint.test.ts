import { describe, expect, it } from 'vitest'
import { planEndpoint } from './endpoint.ts'
import { endpointFiles, routeEntry } from './endpoint-files.ts'

const unsaid = { id: undefined, flag: undefined, example: undefined }

describe('planning an endpoint', () => {
  it('makes names, parameters and an example up from the request', () => {
    const cases: readonly (readonly [request: string, id: string, handler: string, example: string, params: string])[] =
      [
        ['GET /mods/:id', 'mods-id', 'getModsId', '/mods/1', 'id'],
        ['/mods/:id', 'mods-id', 'getModsId', '/mods/1', 'id'],
        ['get /', 'home', 'getHome', '/', ''],
        ['POST /ajax.php', 'post-ajax-php', 'postAjaxPhp', '/ajax.php', ''],
        ['DELETE /', 'delete-home', 'deleteHome', '/', ''],
        ['GET /delete', 'delete', 'getDelete', '/delete', ''],
        ['* /any', 'any', 'any', '/any', ''],
        ['GET /:game([a-z]{3,})/mods/:id(\\d+)', 'game-mods-id', 'getGameModsId', '', ''],
        ['GET /mod-:id(\\d+).html', 'mod-id-html', 'getModIdHtml', '/mod-1.html', 'id'],
        ['GET /:kind((?:a|b)?c)', 'kind', 'getKind', '', ''],
        ['GET /docs/*', 'docs-all', 'getDocsAll', '/docs/1', '*'],
        [
          '/index.php?page=mod&id=:id(\\d+)',
          'index-php-page-mod-id',
          'getIndexPhpPageModId',
          '/index.php?page=mod&id=1',
          'id',
        ],
        ['/2024/list', 'list', 'getList', '/2024/list', ''],
      ]
    for (const [request, id, handler, example, params] of cases) {
      const path = request.replace(/^\S+ /, '')
      const given = example === '' ? { ...unsaid, example: path.startsWith('/:kind') ? '/ac' : '/abc/mods/5' } : unsaid
      const planned = planEndpoint(request, given)
      expect(planned).toMatchObject({ id, handler, flag: id })
      if (example !== '') expect([planned.example, planned.params.join()]).toEqual([example, params])
    }
  })

  it('takes names and examples that are given', () => {
    const given = { id: 'product', flag: 'catalogue', example: 'GET /products/lamp-7' }
    expect(planEndpoint('GET /products/:slug([a-z]+-\\d)', given)).toMatchObject({
      id: 'product',
      flag: 'catalogue',
      handler: 'getProduct',
      example: '/products/lamp-7',
      params: ['slug'],
    })
  })

  it('says what will not do', () => {
    const fail =
      (request: string, given = {}) =>
      () =>
        planEndpoint(request, { ...unsaid, ...given })
    expect(fail('mods')).toThrow("'mods' is no request: write it as 'GET /mods/:id'")
    expect(fail('GET /mods/:id', { id: 'Mods' })).toThrow("--id: 'Mods' won't do")
    expect(fail('GET /mods/:id(\\d+)', { example: '/mods/x' })).toThrow('--example: /mods/x does not match')
    expect(fail('GET /mods/:id(zz\\d{7})')).toThrow('give one with --example')
    expect(fail('GET /mods/:id(')).toThrow(expect.objectContaining({ code: 'routing.invalid-table' }))
  })
})

describe('the files of an endpoint', () => {
  it('are TypeScript whatever the pattern holds', () => {
    const endpoint = planEndpoint("GET /it's/:id(\\d+)/*", { ...unsaid, id: 'its' })
    const { importLine, element } = routeEntry(endpoint, 'routes.config.ts')
    expect(importLine).toBe("import { getIts } from './handlers/its.ts'")
    expect(element).toContain("match: 'GET /it\\'s/:id(\\\\d+)/*'")
    const [handler] = endpointFiles(endpoint, 'routes.config.ts')
    expect(handler?.content).toContain("ModernHandler<{ readonly id: string; readonly '*': string }>")
    expect(handler?.content.match(/\*\//g)).toHaveLength(1)
  })

  it('find the route table wherever it is', () => {
    const endpoint = planEndpoint('GET /mods/:id', unsaid)
    const [, test] = endpointFiles(endpoint, 'config/routes.ts')
    expect(test?.content).toContain("new URL('../config/routes.ts', import.meta.url)")
    expect(routeEntry(endpoint, 'config/routes.ts').importLine).toContain("'../handlers/mods-id.ts'")
  })

  it('warn that a write is done twice', () => {
    const [, test] = endpointFiles(planEndpoint('POST /cart', unsaid), 'routes.config.ts')
    expect(test?.content).toContain("{ method: 'POST', target: '/cart', form: {} }")
    expect(test?.content).toContain('Both sides do what they are asked for')
  })
})
