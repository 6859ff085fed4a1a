// In which form a program answers: for a person, or for another program.
import { Option } from 'commander'

export function outputOption(): Option {
  return new Option('--output <format>', 'text or json').choices(['text', 'json']).default('text')
}
