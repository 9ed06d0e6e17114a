/** Something a person has to put right; shown without a stack. */
export class CompatProblem extends Error {
  readonly remedy: string

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CompatProblem'
    this.remedy = remedy
  }
}
