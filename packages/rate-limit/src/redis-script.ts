import { createHash } from 'node:crypto'

/**
 * Asks and takes of all limits at once, by the server's own time. KEYS: one for each limit. ARGV: `take` or `charge`, then
 * for each limit its algorithm, capacity, interval, cost, what it asks and whether it enforces. Returns for each limit the
 * wait (-1 for never), what is left and the time to a whole limit, as texts. The numbers are those of `algorithms.ts`.
 */
export const REDIS_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local charges = ARGV[1] == 'charge'
local limits, refused = {}, false

for index = 1, #KEYS do
  local from = 1 + (index - 1) * 6
  local one = {
    algorithm = ARGV[from + 1],
    capacity = tonumber(ARGV[from + 2]),
    interval = tonumber(ARGV[from + 3]),
    cost = tonumber(ARGV[from + 4]),
    at = 0, used = 0, before = 0
  }
  local asks = tonumber(ARGV[from + 5])
  local kept = redis.call('GET', KEYS[index])
  if kept then
    local at, used, before = string.match(kept, '^(%S+) (%S+) (%S+)$')
    one.at, one.used, one.before = tonumber(at) or 0, tonumber(used) or 0, tonumber(before) or 0
  end
  if one.algorithm == 'token-bucket' then
    one.used = math.max(0, one.used - math.max(0, now - one.at) / one.interval)
    one.at = now
    one.wait = (one.used + asks - one.capacity) * one.interval
  else
    local window = math.floor(now / one.interval)
    if one.at ~= window then
      one.before = one.at == window - 1 and one.used or 0
      one.used = 0
    end
    if one.algorithm == 'fixed-window' then one.before = 0 end
    one.at = window
    one.passed = (now % one.interval) / one.interval
    local room = one.capacity - one.used - asks
    if one.before * (1 - one.passed) <= room + 1e-9 then
      one.wait = 0
    elseif one.algorithm == 'fixed-window' then
      one.wait = (1 - one.passed) * one.interval
    elseif room >= 0 then
      one.wait = (1 - room / one.before - one.passed) * one.interval
    else
      one.wait = (2 - one.passed - (one.capacity - asks) / one.used) * one.interval
    end
  end
  if one.wait <= 1e-6 then one.wait = 0 end
  if asks > one.capacity then one.wait = -1 end
  if one.wait ~= 0 and ARGV[from + 6] == '1' then refused = true end
  limits[index] = one
end

local answer = {}
for index, one in ipairs(limits) do
  local takes = one.cost > 0 and (charges or (not refused and one.wait == 0))
  local left, reset
  if takes then one.used = one.used + one.cost end
  if one.algorithm == 'token-bucket' then
    reset = one.used * one.interval
    left = math.floor(one.capacity - one.used + 1e-9)
  else
    left = math.floor(one.capacity - one.used - one.before * (1 - one.passed) + 1e-9)
    reset = 0
    if one.algorithm == 'fixed-window' then
      if one.used > 0 then reset = (1 - one.passed) * one.interval end
    elseif one.used > 0 then
      reset = (2 - one.passed) * one.interval
    elseif one.before > 0 then
      reset = (1 - one.passed) * one.interval
    end
  end
  if takes then
    local value = string.format('%.17g %.17g %.17g', one.at, one.used, one.before)
    redis.call('SET', KEYS[index], value, 'PX', math.max(1, math.ceil(reset)))
  end
  answer[#answer + 1] = string.format('%.17g', one.wait)
  answer[#answer + 1] = string.format('%.17g', math.max(0, left))
  answer[#answer + 1] = string.format('%.17g', math.max(0, reset))
end
return answer
`

/** The name by which a server knows the script once it has run it. */
export const REDIS_SCRIPT_SHA: string = createHash('sha1').update(REDIS_SCRIPT).digest('hex')
