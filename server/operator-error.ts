// What goes wrong because of how the server was asked to run, and what its operator can mend.

/** What went wrong is the operator's to mend: told in one sentence, without a stack. */
export class OperatorError extends Error {}
