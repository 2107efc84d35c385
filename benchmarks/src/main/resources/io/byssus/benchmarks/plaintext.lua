-- The HTTP load for wrk: GET as the URL says, N requests in flight per connection, and one line
-- of figures at the end in the form of the Java class ResultLine.
--
-- usage: wrk -s plaintext.lua URL -- N

-- wrk builds its request once by calling wrk.format when there is no global function "request";
-- a batch that is made there costs no Lua call per request.
function init(args)
    local depth = tonumber(args[1] or "1")
    local one = wrk.format()
    local batch = string.rep(one, depth)
    wrk.format = function() return batch end
end

function done(summary, latency, requests)
    local errors = summary.errors
    print(string.format(
        "result requests=%d seconds=%.6f p50_micros=%.1f p99_micros=%.1f p99.9_micros=%.1f errors=%d",
        summary.requests, summary.duration / 1e6,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
    io.stdout:flush()
    -- The connections stay open until the runner has read the server's CPU clock and closes this
    -- end, so that tearing them down is not in the figure.
    io.read()
end
