// Which Regions an installation offers, as `--regions` lists them.
import { OperatorError } from './operator-error.ts'

const REGION = /^(?:[a-z]+-){2,3}[0-9]+$/

/** The Regions of the list, each once, in its order. */
export function readRegions(text: string): readonly string[] {
  const regions = [...new Set(text.split(',').map((region) => region.trim()))]
  for (const region of regions) {
    if (!REGION.test(region)) {
      throw new OperatorError(`'${region}' is no Region name: they look like us-east-1.`)
    }
  }
  return regions
}
