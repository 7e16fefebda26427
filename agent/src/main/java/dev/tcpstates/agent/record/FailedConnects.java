// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

import dev.tcpstates.agent.kernel.libbpf.ErrorTexts;
import dev.tcpstates.agent.opener.FailedConnect;
import dev.tcpstates.jfr.event.Connection;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjIntConsumer;

/**
 * Joins what the kernel shows of a failed connect with what the hook does. A connect that fails in
 * its system call leaves no error in the socket: where it had a transition, the kernel's record
 * looks as if this side had given up, and is held until the hook must have been called. Where it
 * had none, only the hook shows it. Not thread-safe.
 */
final class FailedConnects {
  /** Longer than a thread takes from the system call to the hook, unless it loses its CPU. */
  private static final long HELD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long KNOWN_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Is handed an event whose end is clear. */
  interface Ends {
    /**
     * @param nanos how long the connection lasted
     * @param wanted whether a recording wants the event
     */
    void end(Connection event, long nanos, boolean wanted);
  }

  private record Held(Connection event, long nanos, boolean wanted, long time) {}

  /** Events of connections that ended in SYN_SENT without an error. */
  private final Map<Long, Held> held = new LinkedHashMap<>();

  /** When sockets ended in SYN_SENT. */
  private final Map<Long, Long> ended = new LinkedHashMap<>();

  private List<FailedConnect> waiting = new ArrayList<>();
  private final Ends ends;

  FailedConnects(Ends ends) {
    this.ends = ends;
  }

  /** A socket has left SYN_SENT for CLOSE, whatever the reason. */
  void ended(long socketId, long now) {
    ended.put(socketId, now);
  }

  /** Holds an event back until it is clear whether the connect failed. */
  void hold(Connection event, long nanos, boolean wanted, long now) {
    held.put(event.socketId, new Held(event, nanos, wanted, now));
  }

  /**
   * Hands over what has become clear. To be called after the kernel's records were read.
   *
   * @param failed connects that the hook has reported since the last call
   * @param readSince when reading the records began: those of earlier failures have been read
   * @param without called with each connect that had no transition, and its errno, 0 if unknown
   */
  void read(
      List<FailedConnect> failed, long readSince, long now, ObjIntConsumer<FailedConnect> without) {
    waiting.addAll(failed);
    List<FailedConnect> later = new ArrayList<>();
    for (FailedConnect connect : waiting) {
      Held event = held.remove(connect.socketId());
      if (event != null) {
        end(event, errno(connect));
      } else if (connect.time() - readSince >= 0) {
        later.add(connect);
      } else if (!ended.containsKey(connect.socketId())) {
        without.accept(connect, errno(connect));
      }
    }
    waiting = later;
    for (Iterator<Held> it = held.values().iterator(); it.hasNext(); ) {
      Held event = it.next();
      if (now - event.time() > HELD_NANOS) {
        end(event, 0);
        it.remove();
      }
    }
    ended.values().removeIf(time -> now - time > KNOWN_NANOS);
  }

  /** Hands over all events that are held: a chunk ends, or the recording. */
  void endHeld() {
    held.values().forEach(event -> end(event, 0));
    held.clear();
  }

  private static int errno(FailedConnect connect) {
    return connect.errno() != 0 ? connect.errno() : ErrorTexts.errno(connect.message());
  }

  private void end(Held held, int errno) {
    if (errno != 0) {
      ConnectionEnd.set(held.event(), errno);
    }
    ends.end(held.event(), held.nanos(), held.wanted());
  }
}
