/** What Slack answers, with HTTP 200, to a download whose token lacks files:read. */
export const LOGIN_PAGE =
  '<!DOCTYPE html><html lang="en-US"><head><title>Sign in | Slack</title></head><body>Sign in to your workspace</body></html>'
