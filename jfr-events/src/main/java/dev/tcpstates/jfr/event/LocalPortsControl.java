// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

/** The ports of this side: {@code 80;8080-8090}. */
public final class LocalPortsControl extends FilterControl {
  @Override
  public String key() {
    return "localPorts";
  }
}
