import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** bin/fig.mjs alone, with programs in src/ and dist/ that only say where they are. */
describe('the command fig', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'fig-bin-'))
    put('package.json', '{ "name": "fig-proxy", "type": "module" }')
    put('node_modules/hono/package.json', '{ "name": "hono", "main": "hono.js" }')
    put('node_modules/hono/hono.js', '')
    cpSync(join(import.meta.dirname, '../bin/fig.mjs'), join(root, 'bin/fig.mjs'), { recursive: true })
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  function put(name: string, content: string): void {
    mkdirSync(join(root, dirname(name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }

  const run = () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'bin/fig.mjs')], { encoding: 'utf8' })
    return { stdout, stderr, status }
  }

  it('runs the sources in a checkout, never a build that may be older', () => {
    put('src/cli/main.ts', "const from: string = 'sources'\nconsole.log(from)")
    put('dist/cli/main.js', "console.log('build')")
    expect(run()).toEqual({ stdout: 'sources\n', stderr: '', status: 0 })
  })

  it('runs the build where there are no sources', () => {
    put('dist/cli/main.js', "console.log('build')")
    expect(run()).toEqual({ stdout: 'build\n', stderr: '', status: 0 })
  })

  it('says so where there is neither', () => {
    expect(run()).toMatchObject({ stdout: '', stderr: expect.stringContaining('neither src/ nor dist/'), status: 1 })
  })

  it('names the remedy where packages are missing and none can be installed', () => {
    put('dist/cli/main.js', "console.log('build')")
    rmSync(join(root, 'node_modules'), { recursive: true })
    expect(run()).toMatchObject({ stderr: expect.stringContaining('Run `npm install` in your project'), status: 1 })
  })
})
