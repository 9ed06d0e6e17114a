import { AppError } from '../platform/index.ts'
import type { KillScope } from './kill-state.ts'

export interface KillRequest {
  readonly scope: KillScope
  /** The group or the side; left out where all are killed. */
  readonly target?: string | undefined
  readonly who: string
  readonly why: string
  /** Groups of the route table. Without them a group is taken as it is: the table may be what is broken. */
  readonly knownGroups?: readonly string[] | undefined
}

export interface UndoRequest {
  readonly who: string
  readonly why: string
}

/** @throws controls.kill-refused with everything that is wrong with it */
export function checkKill(request: KillRequest): void {
  refuse('the kill was not stored', [...targetProblems(request), ...accountProblems(request)])
}

/** @throws controls.kill-refused with everything that is wrong with it */
export function checkUndo(what: number | 'last', request: UndoRequest): void {
  const illegible = what !== 'last' && !(Number.isSafeInteger(what) && what > 0)
  refuse('nothing was undone', [
    ...(illegible ? [`undo: ${what} is no id; give the id of a kill, or last`] : []),
    ...accountProblems(request),
  ])
}

// --- internal ---

const nameCharactersMax = 200
const whyCharactersMax = 1000
const namedGroupsMax = 20

function refuse(outcome: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new AppError('controls.kill-refused', `${outcome}: ${problems.join('; ')}`)
}

function targetProblems({ scope, target, knownGroups }: KillRequest): readonly string[] {
  switch (scope) {
    case 'all':
      return target === undefined
        ? []
        : [`target: a kill of all has none, but ${quote(target)} was given; leave it out, or kill a group or a side`]
    case 'side':
      return target === 'legacy' || target === 'modern'
        ? []
        : [`target: ${quote(target)} is no side; give legacy or modern, the side to take out of service`]
    case 'group':
      return groupProblems(target, knownGroups)
    default:
      return [`scope: ${quote(scope)} is none; give all, group or side`]
  }
}

function groupProblems(target: string | undefined, knownGroups: readonly string[] | undefined): readonly string[] {
  if (target === undefined) return ['target: it is missing; give the group to kill']
  const problem = textProblem('target', target, nameCharactersMax)
  if (problem !== undefined) return [problem]
  if (knownGroups === undefined || knownGroups.includes(target)) return []
  const named = knownGroups.slice(0, namedGroupsMax).join(', ')
  const rest = knownGroups.length > namedGroupsMax ? ` and ${knownGroups.length - namedGroupsMax} more` : ''
  return [
    `target: no route is in a group ${quote(target)}; ${named === '' ? 'the table has no groups' : `give one of ${named}${rest}`}`,
  ]
}

function accountProblems({ who, why }: UndoRequest): readonly string[] {
  const problems = [textProblem('who', who, nameCharactersMax), textProblem('why', why, whyCharactersMax)]
  return problems.filter((problem) => problem !== undefined)
}

function textProblem(field: string, text: unknown, charactersMax: number): string | undefined {
  if (typeof text !== 'string' || text.trim() === '') return `${field}: it is empty; the history has to say it`
  if (text.length > charactersMax) return `${field}: it has more than ${charactersMax} characters; shorten it`
  // A line break would let one entry pass for two wherever the history is printed.
  return /\p{Cc}/u.test(text) ? `${field}: it has control characters or line breaks; leave them out` : undefined
}

function quote(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text.slice(0, nameCharactersMax))
}
