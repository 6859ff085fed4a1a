// A series of rounds. A round counts only if the servers' cores were busy in it; others are repeated,
// a few times in a series, so that it comes to an end on a machine that is never quiet.

/** Whether the round counts is kept with it: those that do not are told of, not hidden. */
export type Played<Round> = Round & { readonly counted: boolean }

const MAX_REPETITIONS = 3

/** Plays until there are `rounds` rounds. */
export async function playSeries<Round extends object>(
  rounds: number,
  play: (number: number) => Promise<Round>,
  counts: (round: Round) => boolean,
): Promise<Played<Round>[]> {
  const played: Played<Round>[] = []
  let repetitions = 0
  while (played.length < rounds) {
    const round = await play(played.length)
    const counted = counts(round)
    if (counted || repetitions === MAX_REPETITIONS) played.push({ ...round, counted })
    else repetitions++
  }
  return played
}

/** The rounds that count; all of them where none does. */
export function countedRounds<Round extends { readonly counted: boolean }>(
  rounds: readonly Round[],
): readonly Round[] {
  return isUnclear(rounds) ? rounds : rounds.filter(({ counted }) => counted)
}

/** Whether no round counts, so that nothing can be said. */
export function isUnclear(rounds: readonly { readonly counted: boolean }[]): boolean {
  return !rounds.some(({ counted }) => counted)
}
