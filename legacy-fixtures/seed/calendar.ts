// The data's own time: the site opened in March 2006 and its last row was written on 1 June 2014, whatever today is.
// Times are seconds since 1970 of the wall clock that the column keeps (DATETIME: site-local, TIMESTAMP: UTC).
export const openingSeconds = 1141171200 // 2006-03-01 00:00:00
export const dataNowSeconds = 1401580800 // 2014-06-01 00:00:00
export const daySeconds = 86400

export const zeroDate = '0000-00-00'
export const zeroDateTime = '0000-00-00 00:00:00'

export function dateOf(seconds: number): string {
  return dayText(Math.floor(seconds / daySeconds))
}

export function dateTimeOf(seconds: number): string {
  const day = Math.floor(seconds / daySeconds)
  const rest = Math.floor(seconds) - day * daySeconds
  const hour = Math.floor(rest / 3600)
  const minute = Math.floor((rest - hour * 3600) / 60)
  return `${dayText(day)} ${twoDigits[hour]}:${twoDigits[minute]}:${twoDigits[rest - hour * 3600 - minute * 60]}`
}

// --- internal ---

const twoDigits: readonly string[] = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
// Eight years of days: bounded by the calendar above, and ten times faster than asking Date each time.
const dayTexts = new Map<number, string>()

function dayText(day: number): string {
  let text = dayTexts.get(day)
  if (text === undefined) {
    text = new Date(day * daySeconds * 1000).toISOString().slice(0, 10)
    dayTexts.set(day, text)
  }
  return text
}
