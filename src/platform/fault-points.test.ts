import { describe, expect, it } from 'vitest'
import { armFaultPoint, enableFaultPoints, faultPoint } from './fault-points.ts'

describe('a fault point', () => {
  it('does nothing unless it was armed', () => {
    expect(faultPoint('sync.after-mysql-commit')).toBeUndefined()
  })

  it('runs its action until it is disarmed', async () => {
    let hits = 0
    const disarm = armFaultPoint('sync.before-apply', () => {
      hits += 1
    })
    await faultPoint('sync.before-apply')
    expect(faultPoint('sync.after-mysql-commit')).toBeUndefined()
    disarm()
    await faultPoint('sync.before-apply')
    expect(hits).toBe(1)
  })

  it('is refused in production, and when its name or action is unknown', () => {
    expect(() => enableFaultPoints('sync.before-apply:kill', { production: true })).toThrow('refused in production')
    expect(() => enableFaultPoints('sync.nowhere:kill', { production: false })).toThrow('sync.after-mysql-commit')
    expect(() => enableFaultPoints('sync.before-apply:explode', { production: false })).toThrow('kill, throw, hang')
    expect(() => enableFaultPoints('', { production: true })).not.toThrow()
  })

  it('throws when the start configuration says so', () => {
    enableFaultPoints('sync.before-checkpoint:throw', { production: false })
    expect(() => faultPoint('sync.before-checkpoint')).toThrow('threw, as it was told to')
    armFaultPoint('sync.before-checkpoint', () => {})()
  })
})
