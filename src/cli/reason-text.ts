import type { Decision, Route } from '../routing/index.ts'

/** The reason of a decision in words. */
export function reasonText(
  { reason, target, partial }: Decision,
  { flag, stage, default: side, retired }: Route,
): string {
  switch (reason) {
    case 'retired':
      return retired?.kind === 'modern' ? 'the route is retired, PHP never answers again' : 'the route is retired'
    case 'owner-fenced':
      return `only ${target} may write its tables now`
    case 'kill-switch':
      return 'a kill is in force'
    case 'override':
      return 'the request carries a signed override'
    case 'pinned':
      return 'the form was rendered by that side'
    case 'stage':
      return `PHP answers in stage '${stage}', whatever the flag says`
    case 'breaker-open':
      return 'its handler kept failing'
    case 'flag-on':
      return `flag ${flag} is on${partial ? ' for this visitor' : ''}`
    case 'flag-off':
      return `flag ${flag} is off${partial ? ' for this visitor' : ''}`
    case 'flag-unknown':
      return `there is no flag ${flag}, so the route takes its declared side, ${side}`
    case 'flags-unavailable':
      return `no flags could be had, so the route takes its declared side, ${side}`
    default:
      return reason
  }
}
