// Inline policies of users, groups and roles: put, get, delete and list, for each kind alike.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html and its kin
import type { Limits } from '../../schema/limits.ts'
import type { InlinePolicy } from './entities/entity.ts'
import { encodedDocument } from './entities/views.ts'
import {
  CHANGE_ERRORS,
  DeleteConflictException,
  MalformedPolicyDocumentException,
  NoSuchEntityException,
} from './errors.ts'
import {
  findHolder,
  type Holder,
  type HolderKind,
  holderLimits,
  type NamesHolder,
  namedInAnswer,
  WORDS,
} from './holders.ts'
import { NAME, PAGE, POLICY_DOCUMENT } from './limits.ts'
import { requireName } from './names.ts'
import { changes, type IamChange, type IamReading, reads } from './operation.ts'
import { type Paging, pageOfAll } from './pages.ts'
import { requireInlineSize, requirePolicyDocument } from './policies/documents.ts'
import { boundaryKeys, entityDemand, requireModifiable } from './targets.ts'

type Put = NamesHolder & { readonly PolicyName: string; readonly PolicyDocument: string }
type Named = NamesHolder & { readonly PolicyName: string }
type Listed = NamesHolder & { readonly Marker?: string; readonly MaxItems?: number }
type Got = NamesHolder & { readonly PolicyName: string; readonly PolicyDocument: string }
type Names = Paging & { readonly PolicyNames: readonly string[] }
type Change = { readonly holder: Holder; readonly inline: readonly InlinePolicy[] }

export function putInlinePolicy(kind: HolderKind): IamChange<Put, object, Holder, Change> {
  const name = `Put${WORDS[kind]}Policy` as const
  return {
    ...changes<Put, object>(name),
    limits: {
      ...holderLimits(kind),
      PolicyName: NAME,
      PolicyDocument: POLICY_DOCUMENT,
    } as Limits<Put>,
    errors: [...CHANGE_ERRORS, MalformedPolicyDocumentException],
    target: (input, call) => findHolder(kind, input, call),
    demands: (holder, _input, call) => [
      entityDemand(`iam:${name}`, holder, call, boundaryKeys(holder)),
    ],
    prepare({ PolicyName, PolicyDocument: document }, holder) {
      requireName('policyName', PolicyName)
      requireModifiable(holder)
      requirePolicyDocument(document)
      const others = holder.inline.filter((policy) => policy.name !== PolicyName)
      const inline = [...others, { name: PolicyName, document }]
      requireInlineSize(holder, inline)
      return { holder, inline }
    },
    apply: putAll,
  }
}

export function deleteInlinePolicy(kind: HolderKind): IamChange<Named, object, Holder, Change> {
  const name = `Delete${WORDS[kind]}Policy` as const
  return {
    ...changes<Named, object>(name),
    limits: { ...holderLimits(kind), PolicyName: NAME } as Limits<Named>,
    errors: CHANGE_ERRORS,
    target: (input, call) => findHolder(kind, input, call),
    demands: (holder, _input, call) => [
      entityDemand(`iam:${name}`, holder, call, boundaryKeys(holder)),
    ],
    prepare({ PolicyName }, holder) {
      requireModifiable(holder)
      getInline(holder, PolicyName)
      return { holder, inline: holder.inline.filter((policy) => policy.name !== PolicyName) }
    },
    apply: putAll,
  }
}

export function getInlinePolicy(kind: HolderKind): IamReading<Named, Got, Holder> {
  const name = `Get${WORDS[kind]}Policy` as const
  return {
    ...reads<Named, Got>(name),
    limits: { ...holderLimits(kind), PolicyName: NAME } as Limits<Named>,
    errors: [NoSuchEntityException],
    target: (input, call) => findHolder(kind, input, call),
    demands: (holder, _input, call) => [entityDemand(`iam:${name}`, holder, call)],
    handle: ({ PolicyName }, holder) => ({
      ...namedInAnswer(kind, holder),
      PolicyName,
      PolicyDocument: encodedDocument(getInline(holder, PolicyName).document),
    }),
  }
}

export function listInlinePolicies(kind: HolderKind): IamReading<Listed, Names, Holder> {
  const name = `List${WORDS[kind]}Policies` as const
  return {
    ...reads<Listed, Names>(name),
    limits: { ...holderLimits(kind), ...PAGE } as Limits<Listed>,
    errors: [NoSuchEntityException],
    target: (input, call) => findHolder(kind, input, call),
    demands: (holder, _input, call) => [entityDemand(`iam:${name}`, holder, call)],
    handle(input, holder) {
      const names = holder.inline.map((policy) => policy.name)
      const { entries, paging } = pageOfAll(names, input, (entry) => entry)
      return { PolicyNames: entries, ...paging }
    },
  }
}

const putAll: IamChange<Named, object, Holder, Change>['apply'] = async (
  { holder, inline },
  tx,
  call,
) => {
  await call.stores.entities.change(tx, holder, { inline })
  return {}
}

function getInline(holder: Holder, name: string): InlinePolicy {
  const policy = holder.inline.find((inline) => inline.name === name)
  if (policy === undefined) throw NoSuchEntityException.inline(holder.kind, name)
  return policy
}

/** Throws where there is a policy that must go before its holder can. */
export function requireNoPolicies(holder: Holder): void {
  if (holder.attached.length > 0) throw DeleteConflictException.must('detach all policies')
  if (holder.inline.length > 0) throw DeleteConflictException.must('delete policies')
}
