// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics;

import dev.tcpstates.jfr.TcpState;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The values of {@link Attribute#STATE}: those of OpenTelemetry's semantic conventions. */
public final class States {
  private States() {}

  /** Those that a socket can have whose end is not reported yet. */
  public static List<String> open() {
    return Arrays.stream(TcpState.values())
        .filter(
            state ->
                state != TcpState.CLOSE
                    && state != TcpState.BOUND_INACTIVE
                    && state != TcpState.TIME_WAIT)
        .map(States::name)
        .distinct()
        .toList();
  }

  static String name(TcpState state) {
    return switch (state) {
      case SYN_RECV, NEW_SYN_RECV -> "syn_received";
      case FIN_WAIT1 -> "fin_wait_1";
      case FIN_WAIT2 -> "fin_wait_2";
      case CLOSE, BOUND_INACTIVE -> "closed";
      default -> state.name().toLowerCase(Locale.ROOT);
    };
  }
}
