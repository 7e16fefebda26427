// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import java.util.concurrent.TimeUnit;

/** Times as fields of events. */
public final class TimeSpans {
  /**
   * A time that is unknown: Flight Recorder's tools show it as N/A and leave it out of averages.
   */
  public static final long NOT_AVAILABLE = Long.MIN_VALUE;

  private TimeSpans() {}

  /** Returns a time in ns; N/A if it is negative. */
  public static long orNotAvailable(long nanos) {
    return nanos < 0 ? NOT_AVAILABLE : nanos;
  }

  /** Returns a round-trip time in ns; N/A if it was never measured, which is 0 or negative. */
  public static long roundTrip(int micros) {
    return micros <= 0 ? NOT_AVAILABLE : TimeUnit.MICROSECONDS.toNanos(micros);
  }
}
