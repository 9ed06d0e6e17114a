export type { Answer, CompareOptions, SiteRequest } from './differences.ts'
export { type FlagStates, type SideComparison, startTestFig, type TestFig, type TestFigOptions } from './test-fig.ts'
