export { type RunOptions, runFig } from './run-fig.ts'
export type { Addresses, ServedFig, StartFig } from './served-fig.ts'
export type { Surroundings } from './signals.ts'
