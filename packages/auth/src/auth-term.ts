/** One of the schemes that a request must satisfy: its name, or several together. */
export type AuthTerm = string | { readonly any: readonly AuthTerm[] } | { readonly all: readonly AuthTerm[] }
