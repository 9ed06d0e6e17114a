-- wrk … -s wrk.lua <origin> -- <method> <bytes of the body> <path> [<path> …]
-- The headers come as wrk's own options. Ends by printing its figures as one line of JSON.

function init(args)
  local requests = {}
  local body = nil
  if tonumber(args[2]) > 0 then
    body = string.rep("a", tonumber(args[2]))
  end
  for index = 3, #args do
    requests[index - 2] = wrk.format(args[1], args[index], nil, body)
  end
  local next = 0
  request = function()
    next = next % #requests + 1
    return requests[next]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"wrongStatuses":%d,"brokenConnections":%d,"timeouts":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write, errors.timeout
  ))
end
