// Requests of STS that are presigned rightly before a test spoils them, and who verifies them.
import { afterAll, beforeAll } from 'vitest'
import type { SignedRequest } from '../sigv4/canonical-request.ts'
import { presigned, type Signer, type Unsigned } from './signer.ts'
import { NOW_MS, SIGNER, type Verification, verification } from './verification.ts'

export const STS = { name: 'sts', globalRegion: undefined }
export const GET: Unsigned = {
  method: 'GET',
  target: '/?Action=GetCallerIdentity&Version=2011-06-15',
  headers: [['Host', 'sts.example']],
  body: '',
}
export const STS_SIGNER: Signer = { ...SIGNER, service: 'sts' }

export type Edit = (request: Unsigned) => Unsigned
type Extra = Readonly<Record<string, string>>
type Presigning = { request?: Unsigned; signer?: Signer; extra?: Extra }

export type PresignedVerification = {
  readonly rig: Verification
  /** The request as it arrives when it is changed after it was presigned. */
  sent(edit?: Edit, presigning?: Presigning): Promise<SignedRequest>
  verify(request: SignedRequest, nowMs?: number): Promise<unknown>
  /** Name and message of the error, which is the same when asked again; throws where there is none. */
  refusal(request: SignedRequest, nowMs?: number): Promise<string>
}

/** What verifies presigned requests of STS, opened before the tests of a file and closed after them. */
export function presignedVerification(): PresignedVerification {
  let rig: Verification
  beforeAll(async () => {
    rig = await verification()
  })
  afterAll(() => rig.close())
  const verify = async (request: SignedRequest, nowMs = NOW_MS) => rig.verify(request, STS, nowMs)
  return {
    get rig() {
      return rig
    },
    sent: (
      edit = (request) => request,
      { request = GET, signer = STS_SIGNER, extra = { 'X-Amz-Expires': '60' } } = {},
    ) => rig.parse(edit(presigned(request, signer, extra))),
    verify,
    async refusal(request, nowMs = NOW_MS) {
      try {
        await verify(request, nowMs)
        await verify(request, nowMs)
      } catch (error) {
        return `${(error as Error).constructor.name}: ${(error as Error).message}`
      }
      throw new Error('the request was believed')
    },
  }
}

export const inTarget =
  (search: string | RegExp, to: string): Edit =>
  (request) => ({ ...request, target: request.target.replace(search, to) })
