-- The request mix, as 'key=value' arguments: path, unique=1 (append a counter), body (bytes; makes it a POST),
-- close=1 (one request per connection), routes and hosts (spread over a route table of any host; with tied=1 each
-- route belongs to one host).

local count = 0

local function read(args)
  local load = {}
  for _, arg in ipairs(args) do
    local key, value = arg:match("^(%w+)=(.*)$")
    if key then load[key] = value end
  end
  return load
end

local function headers(load)
  local lines = "\r\nUser-Agent: wrk\r\nAccept: application/json\r\nAccept-Encoding: gzip, br"
  if load.close then lines = lines .. "\r\nConnection: close" end
  if not load.body then return lines .. "\r\n\r\n" end
  local body = string.rep("x", tonumber(load.body))
  return lines .. "\r\nContent-Type: application/octet-stream\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function init(args)
  local load = read(args)
  local tail = headers(load)
  local start = (load.body and "POST " or "GET ") .. load.path
  local line = "GET /route-%05d/%d HTTP/1.1\r\nHost: host-%05d.example.test%s"
  local host = " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port

  if load.routes then
    local routes, hosts = tonumber(load.routes), tonumber(load.hosts)
    request = function()
      count = count + 1
      local route = math.random(0, routes - 1)
      local name = load.tied and route % hosts or math.random(0, hosts - 1)
      return string.format(line, route, count, name, tail)
    end
  elseif load.unique then
    request = function()
      count = count + 1
      return start .. count .. host .. tail
    end
  else
    local whole = start .. host .. tail
    request = function() return whole end
  end
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"seconds":%.6f,"p50Ms":%.3f,"p99Ms":%.3f,"maxMs":%.3f,' ..
    '"errors":{"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}}',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
