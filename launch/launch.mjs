// What every process of ours begins with. In JavaScript, because all of it is to go fast: Node.js needs some 60 ms to
// get ready for the first file with types that it has not compiled before.
import { reuseCompiledCode } from './compiled-code.mjs'
import { findModulesQuickly } from './modules.mjs'

reuseCompiledCode()
findModulesQuickly()
