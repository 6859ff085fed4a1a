// Traps that conditions on attestation documents show.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-attestation.html
import type { Condition, Statement } from '../../../policy/policy-document.ts'
import type { Trap } from './lint-finding.ts'
import { speaksOf } from './traps-of-policies.ts'

type Conditioned = { readonly statement: Statement; readonly condition: Condition }

const ATTESTED = /^kms:recipientattestation:/i
/** Actions that statements for an enclave often allow along with the five that take a document. */
const UNATTESTED = ['kms:Encrypt', 'kms:Sign', 'kms:ReEncryptFrom', 'kms:DescribeKey']

export const ATTESTATION_TRAPS: readonly Trap<Conditioned>[] = [
  function onlyFiveActionsTakeADocument({ statement, condition: { key, operator } }) {
    if (!ATTESTED.test(key) || operator.ifExists || statement.effect !== 'Allow') return undefined
    const action = UNATTESTED.find((one) => speaksOf(statement, one))
    if (action === undefined) return undefined
    return {
      severity: 'wrong',
      problem: `Only Decrypt, DeriveSharedSecret, GenerateDataKey, GenerateDataKeyPair and GenerateRandom take an attestation document: with ${key} the statement never allows ${action} and the like.`,
      advice:
        'Split the statement: one with the condition for these five, one without for the rest.',
    }
  },
  function measurementsAreHexadecimal({ condition: { key, operator, values } }) {
    if (!ATTESTED.test(key) || operator.name === 'Null') return undefined
    const isLax = /IgnoreCase$/.test(operator.name)
    const foreign = isLax ? /[^0-9a-f*?]/i : /[^0-9a-f*?]/
    const odd = values.find((value) => !value.includes('${') && foreign.test(value))
    if (odd === undefined) return undefined
    return {
      severity: 'wrong',
      problem: `${key} is told in lower-case hexadecimal: ${odd} never matches.`,
      advice:
        'Write the value as nitro-cli prints it, in lower case. The audit trail shows it in Base64.',
    }
  },
]
