/** A way in which one download goes wrong. */
export type DownloadScript =
  /** Leads elsewhere. */
  | { readonly kind: 'redirect'; readonly location: string; readonly status: number }
  /** The header claims another length than is sent; null sends no length at all. */
  | { readonly kind: 'length'; readonly contentLength: number | null }
  /** Sends so many bytes and then nothing more, with the connection left open. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** Never stops sending. */
  | { readonly kind: 'endless' }
  /** Breaks the connection after so many bytes. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The sign-in page with HTTP 200, as for a missing scope. */
  | { readonly kind: 'login-page' }
  /** An error status and no body. */
  | { readonly kind: 'status'; readonly status: number }
