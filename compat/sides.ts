/** The two ways to an application: `direct` asks its web server, `fig` asks Fig in front of the other copy. */
export const sideNames = ['direct', 'fig'] as const
export type SideName = (typeof sideNames)[number]

/** One of something for each side. */
export type Both<Value> = Readonly<Record<SideName, Value>>

export function both<Value>(make: (side: SideName) => Value): Both<Value> {
  return { direct: make('direct'), fig: make('fig') }
}

export async function bothAtOnce<Value>(work: (side: SideName) => Promise<Value>): Promise<Both<Value>> {
  const [direct, fig] = await Promise.all([work('direct'), work('fig')])
  return { direct, fig }
}
