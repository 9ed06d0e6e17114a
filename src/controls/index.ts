import type { Controls, ControlsOptions } from './controls.ts'

export {
  type BreakerState,
  type BreakerStatus,
  type Breakers,
  type BreakersOptions,
  createBreakers,
} from './breakers.ts'
export type { ControlSnapshot, Controls, ControlsOptions } from './controls.ts'
export type { ControlEvent } from './event-store.ts'
export { createFlowBook, type FlowBook, type FlowBookOptions, type OpenFlows } from './flow-book.ts'
export type { KillRequest, UndoRequest } from './kill-request.ts'
export {
  type ActiveKill,
  createKillState,
  type KillScope,
  type KillState,
  noKills,
  type Side,
  sideAfter,
} from './kill-state.ts'
export {
  createOverrides,
  type Override,
  type Overrides,
  type OverridesOptions,
  type OverrideTarget,
  overriddenSide,
} from './overrides.ts'
export { createPins, type Pin, type Pins, type PinsOptions } from './pins.ts'
export type { SigningKey, TokenRefusal } from './signing.ts'

/** The driver of the database is loaded only where there is a kill switch: without it a Fig needs a third less memory. */
export async function openControls(options: ControlsOptions): Promise<Controls> {
  const { followControls } = await import('./controls.ts')
  return followControls(options)
}
