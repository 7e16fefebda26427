// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.util.concurrent.atomic.AtomicInteger;

/** A place in the code that opens sockets: one stack, shared by all sockets opened there. */
public final class CallSite {
  private final int id;
  private final String kind;
  private final String openedBy;
  private final String stack;
  private final AtomicInteger opened = new AtomicInteger();

  /** The reader's, so that the threads that open sockets don't wait for it, nor it for them. */
  private volatile int ended;

  /** The chunk of the recording that holds this site already; -1 for none. */
  private volatile long chunk = -1;

  CallSite(int id, String kind, String openedBy, String stack) {
    this.id = id;
    this.kind = kind;
    this.openedBy = openedBy;
    this.stack = stack;
  }

  /** Unique in this JVM, from 1. */
  public int id() {
    return id;
  }

  /** CONNECT, LISTEN, ACCEPT, or ADOPTED for what was open before the agent. */
  public String kind() {
    return kind;
  }

  /** The telling frames, at most 127 characters. */
  public String openedBy() {
    return openedBy;
  }

  /** All frames, one a line. */
  public String stack() {
    return stack;
  }

  /** Sockets opened here so far. */
  public int opened() {
    return opened.get();
  }

  /** Sockets opened here that have not ended. */
  public int open() {
    return opened.get() - ended;
  }

  void socketOpened() {
    opened.incrementAndGet();
  }

  /** To be called by one thread at a time. */
  @SuppressWarnings("NonAtomicOperationOnVolatileField")
  void socketEnded() {
    ended++;
  }

  /** The last chunk this site was {@linkplain #markIn marked in}, or -1. */
  public long chunk() {
    return chunk;
  }

  /** Notes that a chunk holds this site. */
  public void markIn(long newChunk) {
    chunk = newChunk;
  }
}
