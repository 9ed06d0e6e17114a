/** Something a person has to put right; shown without a stack trace. */
export class Problem extends Error {
  constructor(message, remedy, details = []) {
    super(message)
    this.remedy = remedy
    this.details = details
  }

  explain() {
    return [this.message, ...this.details.map((line) => `    ${line}`), `  What to do: ${this.remedy}`].join('\n')
  }
}
