import { inspect } from 'node:util'

/** Where a secret's value was found: the setting itself, a file, or another environment variable. */
export type SecretOrigin =
  | { readonly kind: 'literal' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'env'; readonly name: string }

const hidden = '[secret]'

/** A value that shows as `[secret]` wherever it is printed, logged or serialised; only `reveal` gives it away. */
export class Secret {
  readonly #value: string
  readonly origin: SecretOrigin

  constructor(value: string, origin: SecretOrigin = { kind: 'literal' }) {
    this.#value = value
    this.origin = origin
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return hidden
  }

  toJSON(): string {
    return hidden
  }

  [inspect.custom](): string {
    return hidden
  }
}
