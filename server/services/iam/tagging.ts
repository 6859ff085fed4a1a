// Tags of users, roles and policies: tag, untag and list, for each kind alike.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html and its kin
import type { Missing } from '../../contract/operation.ts'
import type { Limit, Limits } from '../../schema/limits.ts'
import type { ManagedPolicy, Role, Tag, User } from './entities/entity.ts'
import { CHANGE_ERRORS, InvalidInputException, NoSuchEntityException } from './errors.ts'
import { ARN, NAME, PAGE, TAG_KEYS, TAGS } from './limits.ts'
import { changes, type IamCall, type IamChange, type IamReading, reads } from './operation.ts'
import { type Paging, pageOfAll } from './pages.ts'
import {
  readTags,
  requestTagKeys,
  requireTagKeys,
  tagsView,
  withoutTags,
  withTags,
} from './tags.ts'
import { entityDemand, findNamed, findPolicy, requireModifiable, requireOwn } from './targets.ts'
import type { Tag as WireTag } from './wire.ts'

type Tagged = User | Role | ManagedPolicy
type Kind = Tagged['kind']
type NamesTagged = {
  readonly UserName?: string
  readonly RoleName?: string
  readonly PolicyArn?: string
}
type TagInput = NamesTagged & { readonly Tags: readonly WireTag[] }
type UntagInput = NamesTagged & { readonly TagKeys: readonly string[] }
type ListInput = NamesTagged & { readonly Marker?: string; readonly MaxItems?: number }
type Change = { readonly tagged: Tagged; readonly tags: readonly Tag[] }

const WORDS = { user: 'User', role: 'Role', policy: 'Policy' } as const
const LIMITS: Readonly<Record<Kind, Readonly<Record<string, Limit>>>> = {
  user: { UserName: NAME },
  role: { RoleName: NAME },
  policy: { PolicyArn: ARN },
}

// The validation has seen that the member is there.
function find(kind: Kind, input: NamesTagged, call: IamCall): Promise<Tagged | Missing> {
  if (kind === 'policy') return findPolicy(input.PolicyArn as string, call)
  return findNamed(kind, (kind === 'user' ? input.UserName : input.RoleName) as string, call)
}

export function tag(kind: Kind): IamChange<TagInput, object, Tagged, Change> {
  const name = `Tag${WORDS[kind]}` as const
  return {
    ...changes<TagInput, object>(name),
    limits: { ...LIMITS[kind], Tags: TAGS } as Limits<TagInput>,
    errors: CHANGE_ERRORS,
    target: (input, call) => find(kind, input, call),
    demands: (tagged, { Tags }, call) => [
      entityDemand(`iam:${name}`, tagged, call, () => requestTagKeys(Tags)),
    ],
    prepare({ Tags }, tagged, call) {
      requireChangeable(tagged, call)
      return { tagged, tags: withTags(tagged.tags, readTags(Tags)) }
    },
    apply: putTags,
  }
}

export function untag(kind: Kind): IamChange<UntagInput, object, Tagged, Change> {
  const name = `Untag${WORDS[kind]}` as const
  return {
    ...changes<UntagInput, object>(name),
    limits: { ...LIMITS[kind], TagKeys: TAG_KEYS } as Limits<UntagInput>,
    errors: CHANGE_ERRORS,
    target: (input, call) => find(kind, input, call),
    demands: (tagged, { TagKeys }, call) => [
      entityDemand(`iam:${name}`, tagged, call, () =>
        TagKeys.length === 0 ? [] : [['aws:TagKeys', TagKeys]],
      ),
    ],
    prepare({ TagKeys }, tagged, call) {
      requireChangeable(tagged, call)
      requireTagKeys([...new Set(TagKeys)])
      return { tagged, tags: withoutTags(tagged.tags, TagKeys) }
    },
    apply: putTags,
  }
}

export function listTags(
  kind: Kind,
): IamReading<ListInput, Paging & { readonly Tags: readonly WireTag[] }, Tagged> {
  const name = `List${WORDS[kind]}Tags` as const
  return {
    ...reads<ListInput, Paging & { readonly Tags: readonly WireTag[] }>(name),
    limits: { ...LIMITS[kind], ...PAGE } as Limits<ListInput>,
    errors: [NoSuchEntityException, InvalidInputException],
    target: (input, call) => find(kind, input, call),
    demands: (tagged, _input, call) => [entityDemand(`iam:${name}`, tagged, call)],
    handle(input, { tags }) {
      const { entries, paging } = pageOfAll(tags, input, ({ key }) => key)
      return { Tags: tagsView(entries), ...paging }
    },
  }
}

const putTags: IamChange<NamesTagged, object, Tagged, Change>['apply'] = async (
  { tagged, tags },
  tx,
  call,
) => {
  await call.stores.entities.change<Tagged>(tx, tagged, { tags })
  return {}
}

function requireChangeable(tagged: Tagged, call: IamCall): void {
  requireModifiable(tagged)
  if (tagged.kind === 'policy') requireOwn(tagged, call)
}
