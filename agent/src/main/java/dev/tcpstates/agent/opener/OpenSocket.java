// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import dev.tcpstates.agent.cookies.SocketMap;

/** An open socket and its opener; kept until its end is reported. */
public final class OpenSocket implements SocketMap.Entry {
  private final long socketId;

  /** Once the socket is reported, only the reader reads and changes it. */
  private CallSite site;

  private final String threadName;
  private final long threadId;
  private final long openedAt;
  private final int fd;

  /** The socket that was opened before it, until the reader has taken over both. */
  private OpenSocket before;

  /** Belongs to the reader. */
  private boolean reported;

  public OpenSocket(
      long socketId, CallSite site, String threadName, long threadId, long openedAt, int fd) {
    this.socketId = socketId;
    this.site = site;
    this.threadName = threadName;
    this.threadId = threadId;
    this.openedAt = openedAt;
    this.fd = fd;
  }

  @Override
  public long socketId() {
    return socketId;
  }

  /**
   * Whether {@code accept} returned it to code that is not the application's, and only that is
   * known.
   */
  public boolean isAcceptedByLibrary() {
    return site.isAcceptedByLibrary();
  }

  void site(CallSite newSite) {
    site = newSite;
  }

  /** The place in the code. */
  public CallSite site() {
    return site;
  }

  /**
   * Name of the opening thread; for an unnamed virtual thread, its number; {@code null}: unknown.
   */
  public String threadName() {
    return threadName;
  }

  /** Java's id of the opening thread. */
  public long threadId() {
    return threadId;
  }

  /** When it was opened, in ns of {@code System.nanoTime()}. */
  public long openedAt() {
    return openedAt;
  }

  /** Whether it was open before the agent came; then {@link #openedAt} is when it was found. */
  public boolean isAdopted() {
    return threadName == null;
  }

  OpenSocket before() {
    return before;
  }

  void before(OpenSocket socket) {
    before = socket;
  }

  int fd() {
    return fd;
  }

  /** Whether the kernel has reported it, and so will report its end. */
  boolean isReported() {
    return reported;
  }

  void markReported() {
    reported = true;
  }
}
