import type { Feature } from './definitions.ts'
import type { JsonPath } from './json-text.ts'

/**
 * Flags as people write them down, in the configuration or in a file:
 *
 *     {
 *       "mods": true,                      on for everybody
 *       "comments": false,                 off for everybody
 *       "search": 25,                      on for 25 % of the visitors
 *       "upload": {
 *         "rollout": 50,                   on for 50 % (100 where it is absent) of those
 *         "when": [                        for whom every one of these holds:
 *           { "property": "staff", "in": ["true"] },
 *           { "property": "memberId", "in": [7, 42] }
 *         ]
 *       }
 *     }
 *
 * A property is one of the visitor's (FlagVisitor); "sessionId" is the visitor id itself. Who needs more than this (versions,
 * networks, one strategy or another) writes a definitions document of Unleash into the file.
 */
export type DeclaredFlags = Readonly<Record<string, DeclaredFlag>>

export type DeclaredFlag = boolean | number | DeclaredRollout

export interface DeclaredRollout {
  /** Percent of the visitors, drawn as Unleash draws them. */
  readonly rollout?: number
  readonly when?: readonly DeclaredCondition[]
}

export interface DeclaredCondition {
  readonly property: string
  readonly in: readonly (string | number | boolean)[]
}

export interface DeclarationFault {
  readonly path: JsonPath
  readonly what: string
}

export function declaredFeature(name: string, flag: DeclaredFlag): Feature {
  const { rollout = 100, when = [] } = typeof flag === 'object' ? flag : { rollout: Number(flag === true ? 100 : flag) }
  // The group is the flag's name and the share is drawn by the visitor id, as in what Unleash makes of a new flag.
  const parameters = { rollout: String(rollout), stickiness: 'sessionId', groupId: name }
  const constraints = when.map((condition) => ({
    contextName: condition.property,
    operator: 'IN' as Operator,
    inverted: false,
    values: condition.in.map(String),
  }))
  return { name, enabled: flag !== false, strategies: [{ name: 'flexibleRollout', parameters, constraints }] }
}

/** Everything that is wrong with it; nothing where it is a DeclaredFlags. */
export function faultsInDeclaration(value: unknown): readonly DeclarationFault[] {
  if (!isRecord(value)) return [{ path: [], what: 'there should be an object of flags' }]
  return Object.entries(value).flatMap(([name, flag]) => faultsInFlag([name], flag))
}

// --- internal ---

type Operator = NonNullable<NonNullable<Feature['strategies']>[number]['constraints']>[number]['operator']

function faultsInFlag(path: JsonPath, flag: unknown): readonly DeclarationFault[] {
  if (typeof flag === 'boolean') return []
  if (typeof flag === 'number') return faultsInPercent(path, flag)
  if (!isRecord(flag))
    return [{ path, what: 'a flag is true, false, a percentage, or an object with rollout and when' }]
  const { rollout = 100, when = [] } = flag
  return [
    ...unknownNames(path, flag, ['rollout', 'when']),
    ...faultsInPercent([...path, 'rollout'], rollout),
    ...(Array.isArray(when)
      ? when.flatMap((condition, index) => faultsInCondition([...path, 'when', index], condition))
      : [{ path: [...path, 'when'], what: '"when" is a list of conditions' }]),
  ]
}

function faultsInPercent(path: JsonPath, percent: unknown): readonly DeclarationFault[] {
  return typeof percent === 'number' && percent >= 0 && percent <= 100
    ? []
    : [{ path, what: 'a percentage is a number from 0 to 100' }]
}

function faultsInCondition(path: JsonPath, condition: unknown): readonly DeclarationFault[] {
  const whole = 'a condition is { "property": name, "in": [values] }'
  if (!isRecord(condition)) return [{ path, what: whole }]
  const { property, in: values } = condition
  const faults = unknownNames(path, condition, ['property', 'in'])
  if (typeof property !== 'string' || property === '' || !Array.isArray(values) || values.length === 0)
    return [...faults, { path, what: whole }]
  const odd = values.findIndex((value) => !['string', 'number', 'boolean'].includes(typeof value))
  return odd === -1
    ? faults
    : [...faults, { path: [...path, 'in', odd], what: 'a value is a text, a number, or a truth' }]
}

function unknownNames(path: JsonPath, given: object, known: readonly string[]): readonly DeclarationFault[] {
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: [...path, name], what: `"${name}" is none of ${known.join(', ')}` }))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
