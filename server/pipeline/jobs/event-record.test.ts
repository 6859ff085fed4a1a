import { expect, it } from 'vitest'
import { eventRecord } from './event-record.ts'

const EVENT = {
  account: '111122223333',
  region: 'us-east-1',
  eventName: 'RotateKey',
  resources: [{ account: '111122223333', type: 'AWS::KMS::Key', arn: 'arn:aws:kms:…:key/1' }],
  response: undefined,
  details: { rotationType: 'AUTOMATIC', keyId: '1' },
}

it('What a job did is recorded as CloudTrail records events of services', () => {
  const record = eventRecord('kms.amazonaws.com', EVENT, 'e-1', Date.UTC(2026, 0, 2, 3, 4, 5, 678))
  expect(JSON.parse(record)).toEqual({
    eventVersion: '1.11',
    userIdentity: { accountId: '111122223333', invokedBy: 'AWS Internal' },
    eventTime: '2026-01-02T03:04:05Z',
    eventSource: 'kms.amazonaws.com',
    eventName: 'RotateKey',
    awsRegion: 'us-east-1',
    sourceIPAddress: 'AWS Internal',
    userAgent: 'AWS Internal',
    requestParameters: null,
    responseElements: null,
    eventID: 'e-1',
    readOnly: false,
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: 'arn:aws:kms:…:key/1' }],
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: '111122223333',
    serviceEventDetails: { rotationType: 'AUTOMATIC', keyId: '1' },
    eventCategory: 'Management',
  })
  expect(record).not.toContain('\n')
})

it('What a service answers is shown, and details only where there are any', () => {
  const event = { ...EVENT, response: { keyId: 'arn' }, details: undefined }
  const record = JSON.parse(eventRecord('kms.amazonaws.com', event, 'e-2', 0))
  expect(record.responseElements).toEqual({ keyId: 'arn' })
  expect('serviceEventDetails' in record).toBe(false)
})
