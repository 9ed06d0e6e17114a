import { type DeclaredFlags, declaredFeature, faultsInDeclaration } from './declared-flags.ts'
import { type Definitions, parseDefinitions } from './definitions.ts'
import { type JsonPath, type JsonReading, readJson } from './json-text.ts'

export type FlagsFileReading =
  | { readonly outcome: 'read'; readonly definitions: Definitions }
  /** Each with its place: `3:12 what is wrong`. */
  | { readonly outcome: 'broken'; readonly problems: readonly [string, ...string[]] }

/**
 * The content of a flag file: flags as people write them down (declared-flags.ts), or, where it has a list of `features`, a
 * definitions document of Unleash (what GET /api/client/features answers).
 */
export function readFlagsFile(text: string): FlagsFileReading {
  const json = readJson(text)
  if (json.outcome === 'broken') {
    const { what, place } = json.fault
    return { outcome: 'broken', problems: [`${place.line}:${place.column} ${what}`] }
  }
  return hasFeatures(json.value) ? readDocument(json, json.value) : readDeclaration(json)
}

// --- internal ---

type Json = Extract<JsonReading, { readonly outcome: 'read' }>

interface Document {
  readonly features: readonly unknown[]
}

function hasFeatures(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && 'features' in value && Array.isArray(value.features)
}

function readDeclaration(json: Json): FlagsFileReading {
  const [first, ...rest] = faultsInDeclaration(json.value).map(({ path, what }) => at(json, path, what))
  if (first !== undefined) return { outcome: 'broken', problems: [first, ...rest] }
  const features = Object.entries(json.value as DeclaredFlags).map(([name, flag]) => declaredFeature(name, flag))
  return { outcome: 'read', definitions: { features, segments: [] } }
}

function readDocument(json: Json, document: Document): FlagsFileReading {
  const definitions = parseDefinitions(document)
  if (definitions !== undefined) return { outcome: 'read', definitions }
  const [first, ...rest] = document.features.flatMap((feature, index) =>
    parseDefinitions({ features: [feature] }) === undefined
      ? [at(json, ['features', index], 'this is no feature as the client API of Unleash gives it')]
      : [],
  )
  const problem = first ?? at(json, ['segments'], 'these are no segments as the client API of Unleash gives them')
  return { outcome: 'broken', problems: [problem, ...rest] }
}

function at(json: Json, path: JsonPath, what: string): string {
  const { line, column } = json.placeOf(path)
  return `${line}:${column} ${what}`
}
