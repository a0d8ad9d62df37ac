const ownRegistry = 'registry.ollama.ai'

/** From where Ollama would fetch a model of this name. Lower case, with the port where there is one. */
export function registryOf(name: string): string {
  const parts = name.split('/')
  return parts.length === 3 ? (parts[0] ?? '').toLowerCase() : ownRegistry
}

/** The name under which Ollama lists it: with its tag, and without what it takes for granted. */
export function wholeName(name: string): string {
  const parts = name.split('/')
  if (parts.length === 3 && registryOf(name) === ownRegistry) parts.shift()
  if (parts.length === 2 && parts[0] === 'library') parts.shift()
  const model = parts.pop() ?? ''
  return [...parts, model.includes(':') ? model : `${model}:latest`].join('/')
}
