// What a job did, as an audit record: an AwsServiceEvent in CloudTrail's form.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/non-api-aws-service-events.html
import type { ServiceEvent } from '../../contract/job.ts'

/** Who acts where no caller does. */
const INTERNAL = 'AWS Internal'

export function eventRecord(
  eventSource: string,
  event: ServiceEvent,
  eventId: string,
  nowMs: number,
): string {
  return JSON.stringify({
    eventVersion: '1.11',
    userIdentity: { accountId: event.account, invokedBy: INTERNAL },
    eventTime: `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
    eventSource,
    eventName: event.eventName,
    awsRegion: event.region,
    sourceIPAddress: INTERNAL,
    userAgent: INTERNAL,
    requestParameters: null,
    responseElements: event.response ?? null,
    eventID: eventId,
    readOnly: false,
    resources: event.resources.map(({ account, type, arn }) => ({
      accountId: account,
      type,
      ARN: arn,
    })),
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: event.account,
    ...(event.details && { serviceEventDetails: event.details }),
    eventCategory: 'Management',
  })
}
