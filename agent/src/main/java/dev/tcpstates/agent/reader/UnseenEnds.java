// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import dev.tcpstates.agent.kernel.SocketSource;
import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.wire.RecordSink;
import dev.tcpstates.agent.log.Loggers;
import dev.tcpstates.agent.opener.OpenSockets;
import dev.tcpstates.agent.record.LossReporter;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;

/**
 * Finds the sockets whose end made no record, and what else was lost. Not thread-safe: used under
 * the lock of the {@link SourceReader}.
 */
final class UnseenEnds {
  private static final Logger LOG = Loggers.of(UnseenEnds.class);

  private static final long SEARCH_NANOS = TimeUnit.SECONDS.toNanos(10);

  /**
   * At a chunk's end JFR asks for one event after the other: one search will do. If it takes long,
   * because the processors are busy or the sockets many, the next is not due at once.
   */
  private static final long SHARED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final int SHARE = 4;

  private final SocketSource source;
  private final OpenSockets sockets;
  private final RecordSink sink;
  private final LongConsumer gone;
  private final LossReporter losses = new LossReporter();
  private boolean checkAll;
  private long searchedAt = System.nanoTime();
  private long sharedUntil = searchedAt;

  /**
   * @param gone called with each socket that is gone, after {@code sockets} has forgotten it
   */
  UnseenEnds(SocketSource source, OpenSockets sockets, RecordSink sink, LongConsumer gone) {
    this.source = source;
    this.sockets = sockets;
    this.sink = sink;
    this.gone = gone;
  }

  /** Emits what the source has lost since the last call. */
  boolean reportLosses() {
    boolean lost = losses.report(source.losses());
    checkAll |= lost;
    return lost;
  }

  /** Compares the kernel's gauges with its sockets; returns whether a socket's end was missed. */
  boolean reconcile() {
    boolean found = false;
    try {
      found = source.reconcile();
    } catch (BpfException e) {
      LOG.warn("the sockets can't be counted: {}", e.getMessage());
    }
    sharedUntil = System.nanoTime() + SHARED_NANOS;
    checkAll |= found;
    return reportLosses() || found;
  }

  /** Does it all, if the last time is long enough ago. */
  void searchNowAndThen() {
    if (System.nanoTime() - searchedAt > SEARCH_NANOS) {
      searchedAt = System.nanoTime();
      reconcile();
      forgetGone(true);
    }
  }

  /**
   * At a chunk's end: what was missed belongs before it, and the events of the end count the
   * sockets that are open then.
   */
  void searchBeforeChunkEnd() {
    long start = System.nanoTime();
    if (start - sharedUntil >= 0) {
      if (reconcile()) {
        source.drain(sink);
      }
      forgetGone(false);
      long end = System.nanoTime();
      sharedUntil = end + Math.max(SHARED_NANOS, SHARE * (end - start));
    }
  }

  /**
   * Forgets the sockets that will have no further record. In this order: a socket without a
   * descriptor is never used again, so if the kernel does not have it, its end is in the ring or
   * nowhere.
   *
   * @param thorough whether to do it also if that takes long
   */
  private void forgetGone(boolean thorough) {
    boolean all = checkAll;
    Set<Long> candidates = sockets.withoutDescriptor(all);
    checkAll = false;
    if (candidates.isEmpty()) {
      return;
    }
    try {
      if (!source.forEachSocket(candidates::remove, thorough)) {
        checkAll = all || thorough; // any of those that are not listed may be open
        return;
      }
    } catch (BpfException e) {
      LOG.warn("the sockets can't be listed: {}", e.getMessage());
      return;
    }
    source.drain(sink);
    candidates.forEach(
        socketId -> {
          sockets.ended(socketId);
          gone.accept(socketId);
        });
  }
}
