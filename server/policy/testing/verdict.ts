// The verdict on one demand: kms:Decrypt by the user without policies, unless told otherwise.
import type { Verdict } from '../decision.ts'
import { cast, DELEGATION, KEY } from './cast.ts'
import type { Scene, SceneDemand } from './scene.ts'
import { decide } from './scene.ts'

export type Over = Partial<Omit<Scene, 'demands'>> & Partial<SceneDemand>

export function verdict(over: Over): Verdict {
  return decide(scene(over)).decision.verdict
}

/** The scene of the demand, to look at more than the verdict. */
export function scene(over: Over): Scene {
  const { principal = cast.user, identity, boundary, session, serviceControl, ...demand } = over
  return {
    principal,
    ...(identity && { identity }),
    ...(boundary && { boundary }),
    ...(session && { session }),
    ...(serviceControl && { serviceControl }),
    demands: [{ action: 'kms:Decrypt', resource: KEY, policy: DELEGATION, ...demand }],
  }
}

/** Verdict and layer in one word: `allow identity`. */
export function outcome(over: Over): string {
  const { verdict: word, layer } = decide(scene(over)).decision
  return `${word} ${layer ?? 'none'}`
}
