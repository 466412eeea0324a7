// Changes of moderation's records in Redis, each one script, so that it is made whole or not at all. KEYS[1] is what every
// name begins with; RedisModerationStore says what lies under which name. A script may reach Redis twice, when a connection
// broke before its answer: where that would change what it answers, a `try` tells tries apart.

/** Takes a clip once. ARGV: key of the clip, group, where it is reported, when it was posted, record, tags with spaces between. */
export const ADD_CLIP = `
local base = KEYS[1]
local key, group, report, posted, record, tags = unpack(ARGV)
if redis.call('HEXISTS', base .. ':taken', key) == 1 then return 0 end
local id = redis.call('INCR', base .. ':last-clip')
redis.call('HSET', base .. ':taken', key, id)
redis.call('HSET', base .. ':clip:' .. id,
  'key', key, 'group', group, 'report', report, 'tags', tags, 'record', record)
redis.call('ZADD', base .. ':waiting', id, id)
redis.call('ZADD', base .. ':posted', posted, id)
redis.call('ZADD', base .. ':reported:' .. report, posted, id)
redis.call('SADD', base .. ':reports', report)
for tag in string.gmatch(tags, '%S+') do redis.call('SADD', base .. ':tag:' .. tag, id) end
return 1`

/** The oldest clip that waits. ARGV: servers whose clips are passed over. */
export const NEXT_CLIP = `
local base, passed = KEYS[1], {}
for _, group in ipairs(ARGV) do passed[group] = true end
for _, id in ipairs(redis.call('ZRANGE', base .. ':waiting', 0, #ARGV == 0 and 0 or -1)) do
  if not passed[redis.call('HGET', base .. ':clip:' .. id, 'group')] then return id end
end
return nil`

/** Keeps an outcome with its alerts. ARGV: clip, try, outcome, 1 for a look of its own, then rule, score, picture of each. */
export const FINISH_CLIP = `
local base, id = KEYS[1], ARGV[1]
local clip = base .. ':clip:' .. id
if redis.call('HGET', clip, 'try') == ARGV[2] then return 1 end
if redis.call('ZREM', base .. ':waiting', id) == 0 then return 0 end
redis.call('HSET', clip, 'try', ARGV[2], 'outcome', ARGV[3])
local group = redis.call('HGET', clip, 'group')
if ARGV[4] == '1' then
  local time = redis.call('TIME')
  redis.call('ZADD', base .. ':looked:' .. group, time[1] * 1000 + math.floor(time[2] / 1000), id)
end
for at = 5, #ARGV, 3 do
  local alert = redis.call('INCR', base .. ':last-alert')
  redis.call('HSET', base .. ':alert:' .. alert, 'clip', id, 'rule', ARGV[at], 'score', ARGV[at + 1])
  if ARGV[at + 2] ~= '' then redis.call('HSET', base .. ':alert:' .. alert, 'picture', ARGV[at + 2]) end
  redis.call('ZADD', base .. ':unsent', alert, alert)
  redis.call('SADD', base .. ':alerts-of:' .. id, alert)
  redis.call('SADD', base .. ':open:' .. group, alert)
end
return 1`

/** Notes where an alert was posted. ARGV: alert, reference. */
export const SEND_ALERT = `
local alert = KEYS[1] .. ':alert:' .. ARGV[1]
if redis.call('EXISTS', alert) == 0 then return 0 end
redis.call('HSET', alert, 'reference', ARGV[2])
return 1`

/** Notes where a copy of an alert was posted. ARGV: alert, to whom, reference. */
export const SEND_COPY = `
local alert = KEYS[1] .. ':alert:' .. ARGV[1]
if redis.call('EXISTS', alert) == 0 then return 0 end
redis.call('HSET', alert, 'copy:' .. ARGV[2], ARGV[3])
return 1`

/** Of scripts that begin closings: begin_closing(base, alert, rule, to, reference, why) gives the closing as JSON. */
const BEGIN_CLOSING = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function begin_closing(base, alert, rule, to, reference, why)
  local closing = cjson.encode(
    { alertId = tonumber(alert), rule = rule, to = to, reference = reference, why = why, sinceMs = now })
  redis.call('HSET', base .. ':closings', to .. ' ' .. reference, closing)
  return closing
end`

/** Begins one closing. ARGV: alert, rule, to, reference, why. */
export const ADD_CLOSING = `${BEGIN_CLOSING}
return begin_closing(KEYS[1], unpack(ARGV))`

/** Ends a closing, unless another one has taken its place. ARGV: its field, why. */
export const DROP_CLOSING = `
local closing = redis.call('HGET', KEYS[1] .. ':closings', ARGV[1])
if closing and cjson.decode(closing).why == ARGV[2] then redis.call('HDEL', KEYS[1] .. ':closings', ARGV[1]) end`

/** Gives up closings that began before an instant. ARGV: the instant. */
export const PRUNE_CLOSINGS = `
local all = redis.call('HGETALL', KEYS[1] .. ':closings')
for at = 1, #all, 2 do
  if cjson.decode(all[at + 1]).sinceMs < tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1] .. ':closings', all[at]) end
end`

/** Keeps a verdict and lets the picture go. ARGV: alert, verdict, who, try, what the verdict is found by; empty for no label. */
export const DECIDE_ALERT = `${BEGIN_CLOSING}
local base, id = KEYS[1], ARGV[1]
local alert = base .. ':alert:' .. id
if redis.call('HGET', alert, 'try') == ARGV[4] then return 1 end
if redis.call('EXISTS', alert) == 0 or redis.call('HEXISTS', alert, 'verdict') == 1 then return 0 end
redis.call('HSET', alert, 'verdict', ARGV[2], 'by', ARGV[3], 'try', ARGV[4], 'label', ARGV[5])
redis.call('HDEL', alert, 'picture')
if ARGV[2] == 'dismissed' then redis.call('ZREM', base .. ':unsent', id) end
local clip, rule, reference = unpack(redis.call('HMGET', alert, 'clip', 'rule', 'reference'))
local group, report = unpack(redis.call('HMGET', base .. ':clip:' .. clip, 'group', 'report'))
if reference and reference ~= '' then begin_closing(base, id, rule, report, reference, 'decided') end
redis.call('SREM', base .. ':open:' .. group, id)
if ARGV[5] ~= '' then
  local number = redis.call('INCR', base .. ':last-label')
  redis.call('ZADD', base .. ':labels', number, id)
  redis.call('ZADD', base .. ':verdicts:' .. ARGV[5], number, id)
end
return 1`

/** Drops the labels of a server's deleted messages. ARGV: server. */
export const DROP_LABELS = `
local labels = KEYS[1] .. ':anonymous-labels'
for _, label in ipairs(redis.call('ZRANGE', labels, 0, -1)) do
  if cjson.decode(label).group == ARGV[1] then redis.call('ZREM', labels, label) end
end`

/**
 * Removes clips with all that hangs on them; the labels of deleted messages stay, with the day of the post for all time.
 * ARGV: why, then clips. Returns how many there were, and the closings of their posts.
 */
export const REMOVE_CLIPS = `${BEGIN_CLOSING}
local base, why, count, closings = KEYS[1], ARGV[1], 0, {}
local day = 24 * 60 * 60 * 1000
local function keep_label(id, group, alert)
  local rule, score, verdict = unpack(redis.call('HMGET', alert, 'rule', 'score', 'verdict'))
  local outcome = cjson.decode(redis.call('HGET', base .. ':clip:' .. id, 'outcome'))
  local posted = tonumber(redis.call('ZSCORE', base .. ':posted', id))
  local label = { rule = rule, score = tonumber(score), model = outcome.model, policyVersion = outcome.policyVersion,
    isPositive = verdict == 'confirmed', raw = outcome.rawScores and outcome.rawScores[rule] }
  local key = tostring(redis.call('INCR', base .. ':last-label'))
  redis.call('ZADD', base .. ':anonymous-labels', posted - posted % day,
    cjson.encode({ key = key, group = group, label = label }))
end
local function close(alert, rule, to, reference)
  if reference ~= '' then closings[#closings + 1] = begin_closing(base, alert, rule, to, reference, why) end
end
for at = 2, #ARGV do
  local id = ARGV[at]
  local clip = base .. ':clip:' .. id
  local key, group, report, tags = unpack(redis.call('HMGET', clip, 'key', 'group', 'report', 'tags'))
  if key then
    count = count + 1
    for _, number in ipairs(redis.call('SMEMBERS', base .. ':alerts-of:' .. id)) do
      local alert = base .. ':alert:' .. number
      local rule, reference, label = unpack(redis.call('HMGET', alert, 'rule', 'reference', 'label'))
      close(number, rule, report, reference or '')
      local fields = redis.call('HGETALL', alert)
      for field = 1, #fields, 2 do
        local to = string.match(fields[field], '^copy:(.*)$')
        if to then close(number, rule, to, fields[field + 1]) end
      end
      if label and label ~= '' then
        if why == 'messageDeleted' then keep_label(id, group, alert) end
        redis.call('ZREM', base .. ':labels', number)
        redis.call('ZREM', base .. ':verdicts:' .. label, number)
      end
      redis.call('ZREM', base .. ':unsent', number)
      redis.call('SREM', base .. ':open:' .. group, number)
      redis.call('DEL', alert)
    end
    redis.call('HDEL', base .. ':taken', key)
    redis.call('DEL', clip, base .. ':alerts-of:' .. id)
    redis.call('ZREM', base .. ':waiting', id)
    redis.call('ZREM', base .. ':posted', id)
    redis.call('ZREM', base .. ':looked:' .. group, id)
    redis.call('ZREM', base .. ':reported:' .. report, id)
    if redis.call('EXISTS', base .. ':reported:' .. report) == 0 then redis.call('SREM', base .. ':reports', report) end
    for tag in string.gmatch(tags, '%S+') do redis.call('SREM', base .. ':tag:' .. tag, id) end
  end
end
return { count, closings }`
