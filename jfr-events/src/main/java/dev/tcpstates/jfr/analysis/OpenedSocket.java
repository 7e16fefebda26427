// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.analysis;

import dev.tcpstates.jfr.SocketEvent;
import dev.tcpstates.jfr.SocketOpenInfo;

/** A socket of which only the opening is recorded, without addresses. */
record OpenedSocket(SocketOpenInfo open) implements SocketEvent {
  @Override
  public long socketId() {
    return open.socketId();
  }

  @Override
  public String localAddress() {
    return null;
  }

  @Override
  public int localPort() {
    return 0;
  }

  @Override
  public String address() {
    return null;
  }

  @Override
  public int port() {
    return 0;
  }

  @Override
  public String openedBy() {
    return null; // the OpenSite event has it
  }

  @Override
  public String openThread() {
    return open.thread();
  }

  @Override
  public long openThreadId() {
    return 0;
  }

  @Override
  public long openSiteId() {
    return open.openSiteId();
  }
}
