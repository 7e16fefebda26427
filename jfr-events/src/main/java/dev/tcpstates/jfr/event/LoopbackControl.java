// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

/** Whether loopback sockets are included: {@code true} or {@code false}. */
public final class LoopbackControl extends FilterControl {
  @Override
  public String key() {
    return "loopback";
  }
}
