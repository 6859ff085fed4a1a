// How our modules are found and read: as Node.js does it, but without looking for what cannot be there.
// https://nodejs.org/api/module.html#moduleregisterhooksoptions
import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'

const OURS = new URL('..', import.meta.url).href
/** Node.js strips no types of what npm installed: that package is to bring JavaScript. Ours is this one. */
const IS_INSTALLED = OURS.includes('/node_modules/')

/**
 * A relative import names its file in full, so the file is found by joining two URLs. Node.js would follow links and
 * look for a package.json in each directory above, for each of some thousand modules: a quarter of a start.
 */
export function findModulesQuickly() {
  /** @type {Set<string | undefined>} Modules of packages that are ES modules; what they import by name of file is, too. */
  const esModules = new Set()
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const { parentURL } = context
      if (specifier.startsWith('.') && parentURL !== undefined) {
        if (specifier.endsWith('.ts') && parentURL.startsWith(OURS)) {
          return found(specifier, parentURL, 'module-typescript')
        }
        if (specifier.endsWith('.js') && esModules.has(parentURL)) {
          const module = found(specifier, parentURL, 'module')
          esModules.add(module.url)
          return module
        }
      }
      const resolved = nextResolve(specifier, context)
      if (resolved.format === 'module') esModules.add(resolved.url)
      return resolved
    },
    ...(IS_INSTALLED && { load: loadInstalled }),
  })
}

/**
 * @param {string} specifier
 * @param {string} parentURL
 * @param {string} format
 */
function found(specifier, parentURL, format) {
  return { url: new URL(specifier, parentURL).href, format, shortCircuit: true }
}

/** @type {import('node:module').LoadHookSync} */
function loadInstalled(url, context, nextLoad) {
  if (context.format !== 'module-typescript') return nextLoad(url, context)
  const source = withoutTypes(readFileSync(new URL(url), 'utf8'))
  return { format: 'module', source, shortCircuit: true }
}

/**
 * Node.js warns once that this function is experimental; of the same thing done by itself it says nothing.
 * @param {string} source
 */
function withoutTypes(source) {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source)
  } finally {
    process.emitWarning = emitWarning
  }
}
