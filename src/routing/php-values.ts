/**
 * `$_GET` or `$_POST` as PHP would fill it, top level only: name -> value. `undefined` stands for a value that is there but is
 * no text that can be compared: an array (`id[]=7`) or bytes that are not UTF-8.
 */
export type PhpValues = ReadonlyMap<string, string | undefined>
