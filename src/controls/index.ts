export {
  type BreakerState,
  type BreakerStatus,
  type Breakers,
  type BreakersOptions,
  createBreakers,
} from './breakers.ts'
export { type ControlSnapshot, type Controls, type ControlsOptions, openControls } from './controls.ts'
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
