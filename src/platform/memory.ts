import { setFlagsFromString } from 'node:v8'

/**
 * Keeps V8's young generation at the size that it has when a process is up. Under load V8 would let it grow to some 50 MB and not
 * give them back; what a proxy allocates dies within the request, for which the size at start is enough.
 */
export function holdYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
