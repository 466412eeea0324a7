// Why a question stops that is asked again later: the program ends before it could be answered. What was said of its answer
// is then no answer, and is not kept.

/** Reason of the abort of such a question. */
export const PARKED: DOMException = new DOMException(
  'The program ends; the question is asked again later',
  'AbortError',
)
