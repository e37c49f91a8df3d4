import { startGateway } from '../candidates.mjs'
import { compare } from '../measure/compare.mjs'

/**
 * Measures configurations of the gateway beside each other. A variant is `{ name, load }`, its name one of
 * `candidates/variants.mjs` unless it has a `variant` of its own, and may have `nodeOptions`; ratios are to the variant
 * named `ratioTo`. Gives the case's entry.
 */
export async function betweenVariants(variants, ratioTo, urls, options) {
  const contestants = variants.map(({ name, load, variant = name, nodeOptions }) => ({
    name,
    load,
    start: () => startGateway(urls, variant, nodeOptions)
  }))
  return { kind: 'rounds', ratioTo, ...(await compare(contestants, options)) }
}
