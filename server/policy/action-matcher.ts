// Action and NotAction: `service:Name` in any case, with wildcards in the name.
// After: IAM User Guide, "IAM JSON policy elements: Action" and "NotAction".
import type { Glob } from './glob.ts'
import { compileGlob } from './glob.ts'
import { readPattern } from './pattern.ts'
import type { Listed } from './policy-document.ts'
import type { Steps } from './steps.ts'
import { spend } from './steps.ts'

/** An action as statements look at it: lowered, made once per decision. */
export type RequestedAction = {
  readonly text: string
  readonly service: string
  readonly name: string
}

export function requestedAction(action: string): RequestedAction {
  const text = action.toLowerCase()
  const colon = text.indexOf(':')
  return { text, service: text.slice(0, Math.max(0, colon)), name: text.slice(colon + 1) }
}

/** Whether a statement speaks about the action. */
export type ActionMatcher = (action: RequestedAction, steps: Steps) => boolean

/** Compiles the element: whole names become one set, the others a glob under their service. */
export function actionMatcher(listed: Listed): ActionMatcher {
  const exact = new Set<string>()
  const globs: { service: string; glob: Glob }[] = []
  let every = false
  for (const value of listed.values) {
    const { text, service, name } = requestedAction(value)
    if (text === '*' || text === '*:*') every = true
    else if (service !== '*' && !/[*?]/.test(name)) exact.add(text)
    else globs.push({ service, glob: compileGlob(patternOf(name)) })
  }
  const { not } = listed
  if (every) return () => !not
  return (action, steps) => {
    spend(steps, 1 + action.text.length)
    if (exact.has(action.text)) return !not
    for (const { service, glob } of globs) {
      if ((service === action.service || service === '*') && glob(action.name, steps)) return !not
    }
    return not
  }
}

/** Actions hold no variables, so that every pattern is ready. */
function patternOf(text: string) {
  return (readPattern(text, false) ?? []).filter((token) => token.kind !== 'variable')
}
