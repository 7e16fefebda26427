-- SPDX-License-Identifier: Apache-2.0
-- Makes wrk end with one line to be read by a program; times in microseconds.
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("result requests=%d errors=%d micros=%d p50=%d p99=%d p999=%d\n",
    summary.requests, e.connect + e.read + e.write + e.status + e.timeout, summary.duration,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
