// Ports that let everything pass, until service-quotas and billing implement them.
import type { Meter, RequestQuotas } from '../contract/ports.ts'

export const permissiveQuotas: RequestQuotas = { take: () => {} }
export const silentMeter: Meter = { count: () => {} }
