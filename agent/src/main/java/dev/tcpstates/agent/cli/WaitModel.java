// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.ChunkInfo;
import dev.tcpstates.jfr.JvmInfo;
import dev.tcpstates.jfr.SocketWaitInfo;
import dev.tcpstates.jfr.TcpEventHandler;
import dev.tcpstates.jfr.ThreadDump;
import dev.tcpstates.jfr.ThreadDump.DumpedThread;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects the threads that wait for sockets at the end of the recording of each JVM. */
final class WaitModel implements TcpEventHandler {
  /** Flight Recorder requests all events of one chunk end within this time. */
  private static final Duration SAME_MOMENT = Duration.ofSeconds(1);

  /** What is known of one JVM: the last dump, and the waits of the last moment. */
  private static final class Waits {
    private final List<SocketWaitInfo> last = new ArrayList<>();
    private ThreadDump dump;

    void add(SocketWaitInfo wait) {
      last.removeIf(before -> isOther(before.time(), wait.time()));
      last.add(wait);
    }

    /** Returns the thread that waits for the fewest sockets, so that an event loop comes last. */
    WaitingThread find(long socketId) {
      return last.stream()
          .filter(wait -> wait.socketId() == socketId)
          .min(Comparator.comparing(SocketWaitInfo::sockets))
          .map(this::thread)
          .orElse(null);
    }

    private WaitingThread thread(SocketWaitInfo wait) {
      DumpedThread thread =
          dump == null || isOther(dump.time(), wait.time())
              ? null
              : dump.thread(wait.osThreadId()).orElse(null);
      return new WaitingThread(
          thread == null ? "thread " + wait.osThreadId() : thread.name(),
          wait.systemCall(),
          wait.sockets(),
          // In Java code again, it no longer waits in the call.
          thread == null || !thread.isInNativeMethod() ? List.of() : thread.frames());
    }

    private static boolean isOther(Instant one, Instant other) {
      return Duration.between(one, other).abs().compareTo(SAME_MOMENT) > 0;
    }
  }

  private final Map<Long, Waits> waits = new HashMap<>();
  private long pid;
  private String missing;

  @Override
  public void chunk(ChunkInfo chunk) {
    pid = 0;
  }

  @Override
  public void jvm(JvmInfo jvm) {
    pid = jvm.pid();
  }

  @Override
  public void socketWait(SocketWaitInfo wait) {
    now().add(wait);
  }

  @Override
  public void threadDump(ThreadDump dump) {
    now().dump = dump;
  }

  @Override
  public void agentState(AgentInfo state) {
    if (state.missing() != null && state.missing().contains("SocketWait")) {
      missing = state.missing();
    }
  }

  private Waits now() {
    return waits.computeIfAbsent(pid, key -> new Waits());
  }

  /** Returns the thread that waits for a socket, null if none does or that is unknown. */
  WaitingThread find(Long jvm, long socketId) {
    Waits known = waits.get(jvm == null ? 0 : jvm);
    return known == null ? null : known.find(socketId);
  }

  /** Returns why no waits could be recorded; null if they could. */
  String missing() {
    return missing;
  }
}
