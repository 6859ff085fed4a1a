// The services this server offers: the only list.
import type { Service } from './contract/service.ts'
import { iam } from './services/iam/service.ts'
import { kms } from './services/kms/service.ts'
import { sts } from './services/sts/service.ts'

export const services: readonly Service[] = [iam, kms, sts]
