import { assertNever } from '../platform/index.ts'
import type { RouteProblem } from './compile.ts'
import type { PatternProblem } from './path-pattern.ts'
import type { RouteDefinition, Side, Stage } from './route-definition.ts'
import type { RouteTable } from './route-table.ts'

//   legacy -> shadow -> canary -> modern -> retired
//      '-------------------^
// One step forward at a time (or past shadow, which proves and moves nothing); any number of steps back, but never out of
// retired: by then the PHP file may be gone.

/** In order, the first step first. */
export const stages = ['legacy', 'shadow', 'canary', 'modern', 'retired'] as const satisfies readonly Stage[]

/** Staying where it is is no move, and so is always legal. */
export function isLegalMove(from: Stage, to: Stage): boolean {
  if (from === 'retired') return to === 'retired'
  const steps = stages.indexOf(to) - stages.indexOf(from)
  return steps <= 1 || (from === 'legacy' && to === 'canary')
}

/** What a table that is to replace another one would do that no table may do in one go. */
export function checkMoves(
  oldTable: Pick<RouteTable, 'routes'>,
  newTable: Pick<RouteTable, 'routes'>,
): readonly RouteProblem[] {
  const byId = new Map(newTable.routes.map((route) => [route.id, route]))
  return oldTable.routes.flatMap(({ id, stage }) => {
    const moved = byId.get(id)
    if (moved === undefined) return stage === 'retired' ? [{ routeId: id, ...removedWhileRetired }] : []
    return isLegalMove(stage, moved.stage) ? [] : [{ routeId: id, ...illegalMove(stage, moved.stage) }]
  })
}

/** The side of a route whose flag cannot be read, where its definition does not name one. */
export function impliedDefault(stage: Stage): Side {
  switch (stage) {
    case 'legacy':
    case 'shadow':
    case 'canary':
      return 'legacy'
    case 'modern':
    case 'retired':
      return 'modern'
    default:
      return assertNever(stage)
  }
}

/** Does the flag decide? In the other stages there is one answer, whatever the flag says. */
export function isFlagged(stage: Stage): boolean {
  return stage === 'canary' || stage === 'modern'
}

/** Of one definition: the stage itself, and what goes with it. */
export function stageProblems(given: RouteDefinition): readonly PatternProblem[] {
  const { stage = 'canary', default: side } = given
  if (!isStage(stage))
    return [{ problem: `stage '${String(stage)}' is none`, fix: `write one of ${stages.join(', ')}` }]
  if (side === undefined) return []
  if (side !== 'legacy' && side !== 'modern')
    return [{ problem: `default '${String(side)}' is no side`, fix: "write 'legacy' or 'modern'" }]
  if (isFlagged(stage)) return []
  const problem = `default '${side}' has no meaning in stage '${stage}', in which the flag decides nothing`
  return [{ problem, fix: "leave it out, or take the route to stage 'canary' or 'modern'" }]
}

/**
 * Routes of one group whose stages or defaults would send one of them to PHP and another one to its handler for the same visitor,
 * so that a form and its POST would part. Retired routes are past that.
 */
export function splitGroups(definitions: readonly RouteDefinition[]): readonly RouteProblem[] {
  const moving = definitions.filter((given) => isWellFormed(given) && given.stage !== 'retired')
  return [...Map.groupBy(moving, ({ flag }) => flag)].flatMap(([flag, [first, ...rest]]) => {
    const other = rest.find((given) => sideRule(given) !== sideRule(first!))
    return first === undefined || other === undefined ? [] : [{ routeId: other.id, ...parting(first, other, flag) }]
  })
}

// --- internal ---

function isStage(stage: unknown): stage is Stage {
  return (stages as readonly unknown[]).includes(stage)
}

function isWellFormed(given: RouteDefinition): boolean {
  return typeof given?.flag === 'string' && isStage(given.stage ?? 'canary')
}

/** Equal for routes that always have the same side. */
function sideRule({ stage = 'canary', default: side }: RouteDefinition): string {
  return isFlagged(stage) ? `by the flag, else ${side ?? impliedDefault(stage)}` : 'legacy'
}

function parting(first: RouteDefinition, other: RouteDefinition, flag: string): PatternProblem {
  const { stage: firstStage = 'canary' } = first
  const { stage = 'canary' } = other
  if (isFlagged(firstStage) === isFlagged(stage)) {
    const problem = `its default differs from that of '${first.id}', which shares flag '${flag}'`
    const where = firstStage === stage ? '' : ` (stage '${stage}' implies '${impliedDefault(stage)}')`
    return { problem: `${problem}${where}`, fix: 'give all routes of the group the same default' }
  }
  return {
    problem: `its stage '${stage}' parts it from '${first.id}' in stage '${firstStage}', which shares flag '${flag}'`,
    fix: 'move the routes of a group together, or give this one a flag of its own',
  }
}

const removedWhileRetired: PatternProblem = {
  problem: "it is retired, and without it PHP would get its requests again: there is no way out of 'retired'",
  fix: 'keep it, or restart Fig with the new table if PHP is to answer there',
}

function illegalMove(from: Stage, to: Stage): PatternProblem {
  if (from === 'retired')
    return { problem: `it cannot go back to '${to}': there is no way out of 'retired'`, fix: "keep it at 'retired'" }
  const next = stages[stages.indexOf(from) + 1]!
  return {
    problem: `it cannot go from '${from}' to '${to}' at once`,
    fix: `take it to '${from === 'legacy' ? 'canary' : next}' first, and on from there when it has proved itself`,
  }
}
