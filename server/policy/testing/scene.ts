// A scene of the decision corpus: who asks, bound by which policies, for what; and its decision.

import type {
  AuthorizationRequest,
  ControlPolicies,
  Demand,
  MatchedGrant,
} from '../authorization-request.ts'
import { authorize, explain } from '../authorize.ts'
import type { CompiledPolicy } from '../compiled-policy.ts'
import { compilePolicyText } from '../compiled-policy.ts'
import type { ContextValue } from '../context.ts'
import { contextOf } from '../context.ts'
import type { Decision } from '../decision.ts'
import type { PolicyKind } from '../policy-kinds.ts'
import type { Principal } from '../principal.ts'
import { principalKeys } from '../principal.ts'

/** A policy document as an object; null is no policy. */
export type Document = object
type Levels = { readonly managementAccount: string; readonly levels: readonly Document[][] }
type Keys = Readonly<Record<string, ContextValue>>

export type SceneDemand = {
  readonly action: string
  readonly resource: string
  /** The resource's owner; 111122223333 where none is given. */
  readonly account?: string
  readonly authority?: Demand['authority']
  readonly policy?: Document | null
  readonly policyKind?: PolicyKind
  readonly grants?: readonly MatchedGrant[]
  readonly publicAccessBlocked?: boolean
  readonly resourceControl?: Levels | null
  readonly context?: Keys
}

export type Scene = {
  readonly principal: Principal
  readonly identity?: readonly Document[]
  readonly boundary?: Document | null
  readonly session?: readonly Document[] | null
  readonly endpoint?: Document | null
  readonly serviceControl?: Levels | null
  /** Keys of every demand, on top of those that follow from the principal. */
  readonly context?: Keys
  readonly demands: readonly SceneDemand[]
}

/** The first demand that is denied, or the last one, with its decision. */
export function decide(scene: Scene): { demand: SceneDemand; decision: Decision } {
  const decisions = scene.demands.map((demand) => ({
    demand,
    decision: authorize(requestOf(scene, demand)),
  }))
  const told = decisions.find(({ decision }) => !decision.allowed) ?? decisions.at(-1)
  if (told === undefined) throw new Error('a scene needs a demand')
  return told
}

/** The same scene explained. */
export function explained(scene: Scene) {
  return scene.demands.map((demand) => explain(requestOf(scene, demand)))
}

export function requestOf(scene: Scene, asked: SceneDemand): AuthorizationRequest {
  const { principal, session } = scene
  const context = contextOf(
    [...Object.entries(scene.context ?? {}), ...Object.entries(asked.context ?? {})].filter(
      ([key], index, all) => all.findLastIndex(([name]) => name === key) === index,
    ),
    contextOf(principalKeys(principal)),
  )
  return {
    principal,
    policies: {
      identity: (scene.identity ?? []).map((document) => compile(document, 'identity')),
      boundary: optional(scene.boundary, 'boundary'),
      session: session ? session.map((document) => compile(document, 'session')) : undefined,
      endpoint: optional(scene.endpoint, 'endpoint'),
      serviceControl: levels(scene.serviceControl, 'scp'),
    },
    demand: {
      action: asked.action,
      resource: asked.resource,
      account: asked.account ?? '111122223333',
      resourceControl: levels(asked.resourceControl, 'rcp'),
      context,
      ...authorityOf(asked),
    },
  }
}

function authorityOf(asked: SceneDemand) {
  const authority = asked.authority ?? 'delegation'
  const grants = asked.grants ?? []
  switch (authority) {
    case 'anyone':
    case 'identity':
      return { authority }
    case 'either': {
      const policy = optional(asked.policy, asked.policyKind ?? 'resource')
      return { authority, policy, publicAccessBlocked: asked.publicAccessBlocked ?? false }
    }
    case 'delegation':
      return { authority, policy: optional(asked.policy, asked.policyKind ?? 'key'), grants }
    case 'grant':
      return { authority, grants }
  }
}

function levels(control: Levels | null | undefined, kind: PolicyKind): ControlPolicies | undefined {
  return control
    ? {
        managementAccount: control.managementAccount,
        levels: control.levels.map((level) => level.map((document) => compile(document, kind))),
      }
    : undefined
}

function optional(document: Document | null | undefined, kind: PolicyKind) {
  return document ? compile(document, kind) : undefined
}

function compile(document: Document, kind: PolicyKind): CompiledPolicy {
  return compilePolicyText(JSON.stringify(document), kind, `a ${kind} policy`)
}
