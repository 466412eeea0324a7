// The exchange's limits.

/** Longest page, UTF-16 units. */
export const MAX_PAGE_LENGTH = 160
