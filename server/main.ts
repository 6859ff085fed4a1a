// Where every process of the server begins: with what Node.js compiled last time, which takes half of
// the time off a start. Then come the programs.
import { reuseCompiledCode } from '../launch/compiled-code.ts'

reuseCompiledCode()
await import('./command-line.ts')
