// DisableKey as callers see it. References and states: keys/key-reference.test.ts, keys/key-state.test.ts.
import { describeEnabling } from '../testing/enabling.ts'

describeEnabling('DisableKey')
