// SPDX-License-Identifier: Apache-2.0
import dev.tcpstates.jmh.TcpStatesProfiler;
import org.openjdk.jmh.profile.ProfilerException;

/**
 * The name of {@link TcpStatesProfiler} on JMH's command line: {@code -prof tcpstates}. JMH has no
 * short names for profilers but its own. It takes the full name of a class, and this one has no
 * package.
 */
public final class tcpstates extends TcpStatesProfiler {
  /** For JMH, which lists the profilers with {@code -lprof}. */
  public tcpstates() throws ProfilerException {
    super("");
  }

  /** For JMH. */
  public tcpstates(String options) throws ProfilerException {
    super(options);
  }
}
