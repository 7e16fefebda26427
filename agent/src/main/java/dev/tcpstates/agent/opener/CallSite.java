// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.util.concurrent.atomic.AtomicInteger;

/** A place in the code that opens sockets: one stack, shared by all sockets opened there. */
public final class CallSite {
  private static final String ACCEPT = "ACCEPT";
  private static final String ADOPTED = "ADOPTED";
  private static final String ACCEPTED_AT = "accepted at port ";

  private final int id;
  private final String kind;
  private final TellingFrames telling;

  /** What is shown before the frames, and after them. */
  private final String before;

  private final String after;
  private final String openedBy;
  private final String stack;
  private final AtomicInteger opened = new AtomicInteger();

  /** The reader's, so that the threads that open sockets don't wait for it, nor it for them. */
  private volatile int ended;

  /** How many sockets had been opened here when {@link #checkIdle} was last called. */
  private volatile int openedBefore = -1;

  /** The chunk of the recording that holds this site already; -1 for none. */
  private volatile long chunk = -1;

  CallSite(int id, String kind, TellingFrames telling, String stack) {
    this(id, kind, telling, stack, "", "");
  }

  private CallSite(
      int id, String kind, TellingFrames telling, String stack, String before, String after) {
    this.id = id;
    this.kind = kind;
    this.telling = telling;
    this.stack = stack;
    this.before = before;
    this.after = after;
    int room = TellingFrames.MAX_LENGTH - before.length() - after.length();
    this.openedBy = before + telling.text(room) + after;
  }

  /** A site without a stack, which stands for several places. */
  static CallSite of(int id, String kind, String text) {
    TellingFrames none = new TellingFrames(false);
    none.add(text, "");
    return new CallSite(id, kind, none, "");
  }

  /**
   * The same place, in a thread that was started there.
   *
   * @param start {@code null} if that is unknown
   */
  CallSite startedBy(int newId, ThreadStart start) {
    return new CallSite(
        newId, kind, telling, ThreadStart.stack(stack, start), before, ThreadStart.suffix(start));
  }

  /**
   * The same place, for the sockets of one listener.
   *
   * @param port the listener's
   * @param listener where it was opened; {@code null} if that is unknown
   */
  CallSite acceptedAt(int newId, int port, CallSite listener) {
    CallSite shown = listener == null || listener.kind.equals(ADOPTED) ? this : listener;
    return new CallSite(
        newId,
        kind,
        shown.telling,
        stack,
        ACCEPTED_AT + port + TellingFrames.SEPARATOR,
        shown.after);
  }

  /** Whether a library accepts here, and the listener is not named. */
  public boolean isAcceptedByLibrary() {
    return kind.equals(ACCEPT) && !telling.ofApplication() && before.isEmpty();
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

  /** The frames that identify the place. */
  TellingFrames telling() {
    return telling;
  }

  /**
   * The first of these frames in full, such as {@code com.example.Shop.price:12}, or words that
   * stand for several places.
   */
  public String line() {
    return telling.first(Integer.MAX_VALUE);
  }

  /** Whether it stands for places of which is not known which. */
  public boolean isUnknownPlace() {
    return stack.isEmpty();
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

  /** Whether no socket of this call site is open, and none was opened since the last call. */
  boolean checkIdle() {
    int now = opened.get();
    boolean idle = now == openedBefore && now == ended;
    openedBefore = now;
    return idle;
  }

  void socketOpened() {
    opened.incrementAndGet();
  }

  /** A socket that was counted here is another site's. */
  void socketMoved() {
    opened.decrementAndGet();
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
