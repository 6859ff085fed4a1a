// The flags that several programs of the server take, each in one form.
import { Option } from 'commander'
import { wholeNumber } from './listen-config.ts'

export const dataOption = () =>
  new Option('--data <dir>', 'directory of this installation')
    .env('KEYHOLD_DATA')
    .default('./keyhold-data')

export const databaseOption = () =>
  new Option('--database <url>', 'PostgreSQL instead of the embedded SQLite').env(
    'KEYHOLD_DATABASE',
  )

export const passphraseOption = () =>
  new Option(
    '--passphrase-fd <number>',
    'descriptor to read the passphrase from; default: a prompt',
  ).argParser(wholeNumber)

export const regionsOption = () =>
  new Option('--regions <list>', 'Regions to offer, separated by commas; the first is the default')
    .env('KEYHOLD_REGIONS')
    .default('us-east-1')
