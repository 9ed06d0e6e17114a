/** What a person sees while the parts start: each as it gets ready, and every few seconds who is waited for, and why. */
import { type PartName, partNames, partTitles, type StackEvent } from '../stack/index.ts'

export interface StartProgress {
  readonly onEvent: (event: StackEvent) => void
  end(): void
}

export function startProgress(print: (line: string) => void): StartProgress {
  const waitingFor = new Map<PartName, string>(partNames.map((part) => [part, '']))
  const startedAt = performance.now()
  const heartbeat = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    print(`  …  ${seconds} s, waiting for ${[...waitingFor].map(describe).join(', ')}`)
  }, heartbeatMs)
  return {
    onEvent(event) {
      switch (event.type) {
        case 'progress':
          heartbeat.refresh()
          print(`  …  ${partTitles[event.part]}: ${event.what}`)
          return
        case 'waiting':
          waitingFor.set(event.part, event.what)
          return
        case 'ready':
          heartbeat.refresh()
          waitingFor.delete(event.part)
          print(`  ✓  ${partTitles[event.part].padEnd(9)} ${(event.afterMs / 1000).toFixed(1).padStart(6)} s`)
          return
      }
    },
    end: () => clearInterval(heartbeat),
  }
}

// --- internal ---

const heartbeatMs = 4_000
const reasonLengthMax = 160

function describe([part, what]: readonly [PartName, string]): string {
  const reason = what.replaceAll(/\s+/g, ' ').slice(0, reasonLengthMax)
  return reason === '' ? partTitles[part] : `${partTitles[part]} (${reason})`
}
