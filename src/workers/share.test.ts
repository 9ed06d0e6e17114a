import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config.ts'
import { configOfShare } from './share.ts'

describe('the shares of the workers', () => {
  it('of what PHP is given add up to what one process would give it', () => {
    const settings = {
      FIG_LEGACY_URL: 'http://127.0.0.1:8081',
      FIG_LEGACY_CONNECTIONS_MAX: '11',
      FIG_LEGACY_KEPT_CONNECTIONS_MAX: '2',
      FIG_LEGACY_QUEUE_MAX: '9',
    }
    const config = loadConfig(settings, '/site')
    const shares = [0, 1, 2, 3].map((place) => configOfShare(config, { place, places: 4 }))
    expect(shares.map(({ legacyConnectionsMax }) => legacyConnectionsMax)).toEqual([3, 3, 3, 2])
    expect(shares.map(({ legacyKeptConnectionsMax }) => legacyKeptConnectionsMax)).toEqual([1, 1, 0, 0])
    expect(shares.map(({ legacyQueueMax }) => legacyQueueMax)).toEqual([3, 2, 2, 2])
  })

  it('leave the queue at what follows from the connections where nothing was said', () => {
    const config = loadConfig({ FIG_LEGACY_URL: 'http://127.0.0.1:8081' }, '/site')
    expect(configOfShare(config, { place: 1, places: 2 })).toEqual({ ...config, legacyConnectionsMax: 32 })
  })
})
