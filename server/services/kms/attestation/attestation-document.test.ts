// What a document says that AWS signed; the checks of each field are in `attestations.test.ts`.
import { expect, it } from 'vitest'
import { readSign1, type Sign1 } from '../../../crypto/cose-sign1.ts'
import vector from '../../../crypto/vectors/nitro-attestation-document.json' with { type: 'json' }
import { type AttestationDocument, readAttestationDocument } from './attestation-document.ts'

const { payload } = readSign1(Buffer.from(vector.document, 'base64')) as Sign1

it('a document that AWS signed says what it is about, and what it leaves out', () => {
  const read = readAttestationDocument(payload) as AttestationDocument
  expect(read.moduleId).toBe(vector.moduleId)
  expect(read.timestampMs).toBe(vector.timestampMs)
  expect(Buffer.from(read.enclaveRegisters?.get(0) ?? []).toString('hex')).toBe(vector.pcr0)
  expect([...(read.enclaveRegisters?.keys() ?? [])]).toEqual(
    Array.from({ length: 16 }, (_, at) => at),
  )
  expect(read.tpmRegisters).toBeUndefined()
  expect(read.authorities).toHaveLength(4)
  // Null in the document, as is its nonce.
  expect(read.publicKey).toBeUndefined()
})
