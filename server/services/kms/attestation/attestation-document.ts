// What an attestation document says, and how large each part of it may be.
// https://github.com/aws/aws-nitro-enclaves-nsm-api/blob/main/docs/attestation_process.md (§2.2, §3.2.2)
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/nitrotpm-attestation-document-validate.html
import { readCbor } from '../../../crypto/cbor.ts'

/** Values of platform configuration registers by their numbers. */
export type Registers = ReadonlyMap<number, Uint8Array>

export type AttestationDocument = {
  readonly moduleId: string
  readonly timestampMs: number
  /** Of an enclave; nothing in the document of a NitroTPM. */
  readonly enclaveRegisters: Registers | undefined
  readonly tpmRegisters: Registers | undefined
  /** Of who signed the document. */
  readonly certificate: Uint8Array
  /** From the root to the issuer of that certificate. */
  readonly authorities: readonly Uint8Array[]
  readonly publicKey: Uint8Array | undefined
}

type Check = (value: unknown) => boolean

const MAX_MODULE_ID_CHARACTERS = 256
const MAX_AUTHORITIES = 8
const ENCLAVE_REGISTERS = 32
const TPM_REGISTERS = 24
const REGISTER_BYTES: readonly number[] = [32, 48, 64]

const isBytes =
  (min: number, max: number): Check =>
  (value) =>
    value instanceof Uint8Array && value.length >= min && value.length <= max

const isCertificate = isBytes(1, 1024)

const isRegisters =
  (count: number): Check =>
  (value) =>
    value instanceof Map &&
    value.size >= 1 &&
    value.size <= count &&
    [...value].every(([index, bytes]) => isIndex(index, count) && isRegister(bytes))

function isIndex(index: unknown, count: number): boolean {
  return Number.isInteger(index) && (index as number) >= 0 && (index as number) < count
}

function isRegister(value: unknown): boolean {
  return value instanceof Uint8Array && REGISTER_BYTES.includes(value.length)
}

const FIELDS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['module_id', isModuleId],
  ['digest', (value) => value === 'SHA384'],
  ['timestamp', (value) => Number.isSafeInteger(value) && (value as number) > 0],
  ['pcrs', isRegisters(ENCLAVE_REGISTERS)],
  ['nitrotpm_pcrs', isRegisters(TPM_REGISTERS)],
  ['certificate', isCertificate],
  ['cabundle', isBundle],
  ['public_key', isBytes(1, 1024)],
  // Up to 1024 bytes in the definition, up to 512 in the checks of the same page.
  ['user_data', isBytes(0, 1024)],
  ['nonce', isBytes(0, 1024)],
])

const MANDATORY = ['module_id', 'digest', 'timestamp', 'certificate', 'cabundle']
/** The page says that nothing is null; documents as they are say so where these are left out. */
const NULLABLE = ['public_key', 'user_data', 'nonce']

function isModuleId(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= MAX_MODULE_ID_CHARACTERS
}

function isBundle(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length >= 1 &&
    value.length <= MAX_AUTHORITIES &&
    value.every(isCertificate)
  )
}

/** Reads the payload of a signed document; or says what is wrong with it. */
export function readAttestationDocument(payload: Uint8Array): AttestationDocument | string {
  const read = readCbor(payload)
  if (!(read instanceof Map)) return 'it is not a CBOR map'
  const fields = new Map<unknown, unknown>(
    [...read].filter(([name, value]) => value !== null || !NULLABLE.includes(name as string)),
  )
  for (const [name, value] of fields) {
    const check = FIELDS.get(name as string)
    if (check === undefined) return 'it has a field that is unknown'
    if (!check(value)) return `its field ${name} is malformed`
  }
  const missing = MANDATORY.find((name) => !fields.has(name))
  if (missing !== undefined) return `its field ${missing} is missing`
  if (!fields.has('pcrs') && !fields.has('nitrotpm_pcrs')) return 'its field pcrs is missing'
  return {
    moduleId: fields.get('module_id') as string,
    timestampMs: fields.get('timestamp') as number,
    enclaveRegisters: fields.get('pcrs') as Registers | undefined,
    tpmRegisters: fields.get('nitrotpm_pcrs') as Registers | undefined,
    certificate: fields.get('certificate') as Uint8Array,
    authorities: fields.get('cabundle') as readonly Uint8Array[],
    publicKey: fields.get('public_key') as Uint8Array | undefined,
  }
}
