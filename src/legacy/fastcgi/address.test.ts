import { describe, expect, it } from 'vitest'
import { describeAddress, parseFastcgiUrl } from './index.ts'

describe('the address of a php-fpm', () => {
  it.each([
    ['fastcgi://127.0.0.1:9000', { kind: 'tcp', host: '127.0.0.1', port: 9000 }],
    ['fastcgi://php:9000/', { kind: 'tcp', host: 'php', port: 9000 }],
    ['fastcgi://[::1]:9000', { kind: 'tcp', host: '::1', port: 9000 }],
    ['fastcgi:///run/php/php8.2-fpm.sock', { kind: 'unix', path: '/run/php/php8.2-fpm.sock' }],
    ['fastcgi+unix:///run/a%20b.sock', { kind: 'unix', path: '/run/a b.sock' }],
  ] as const)('%s is understood', (text, address) => {
    expect(parseFastcgiUrl(text)).toEqual(address)
  })

  it.each([
    'http://127.0.0.1:9000',
    'fastcgi://127.0.0.1',
    'fastcgi://127.0.0.1:9000/path',
    'fastcgi://127.0.0.1:9000?x',
    'fastcgi://user@127.0.0.1:9000',
    'fastcgi+unix://host:9000',
    'fastcgi:///',
    'fastcgi:///%00',
    'fastcgi:',
    '/run/php.sock',
  ])('%s is none', (text) => {
    expect(parseFastcgiUrl(text)).toBeUndefined()
  })

  it('is told in one way', () => {
    expect(describeAddress({ kind: 'unix', path: '/run/a.sock' })).toBe('fastcgi:///run/a.sock')
    expect(describeAddress({ kind: 'tcp', host: '::1', port: 9000 })).toBe('fastcgi://[::1]:9000')
  })
})
