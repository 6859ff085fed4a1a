// Where every process of the server begins. Then come the programs.
import '../launch/launch.mjs'

await import('./command-line.ts')
