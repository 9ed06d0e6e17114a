/** What a person sees while the parts start: each as it gets ready, and every few seconds who is waited for. */
import { type PartName, partNames, partTitles, type StackEvent } from '../stack/index.ts'

export interface StartProgress {
  readonly onEvent: (event: StackEvent) => void
  end(): void
}

export function startProgress(print: (line: string) => void): StartProgress {
  const waitingFor = new Set<PartName>(partNames)
  const startedAt = performance.now()
  const heartbeat = setInterval(() => {
    const titles = [...waitingFor].map((part) => partTitles[part]).join(', ')
    print(`  …  ${Math.round((performance.now() - startedAt) / 1000)} s, waiting for ${titles}`)
  }, heartbeatMs)
  return {
    onEvent(event) {
      heartbeat.refresh()
      if (event.type === 'progress') {
        print(`  …  ${partTitles[event.part]}: ${event.what}`)
        return
      }
      waitingFor.delete(event.part)
      print(`  ✓  ${partTitles[event.part].padEnd(9)} ${(event.afterMs / 1000).toFixed(1).padStart(6)} s`)
    },
    end: () => clearInterval(heartbeat),
  }
}

// --- internal ---

const heartbeatMs = 4_000
