// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

/** The ports of the remote side: {@code 80;8080-8090}. */
public final class RemotePortsControl extends FilterControl {
  @Override
  public String key() {
    return "remotePorts";
  }
}
