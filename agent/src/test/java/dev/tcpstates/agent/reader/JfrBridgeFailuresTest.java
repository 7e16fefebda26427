// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.boot.SocketHooks;
import dev.tcpstates.agent.kernel.Losses;
import dev.tcpstates.agent.kernel.SocketFilter;
import dev.tcpstates.agent.kernel.SocketSource;
import dev.tcpstates.agent.opener.StackRule;
import dev.tcpstates.agent.opener.ThreadStarts;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.read.RecordingReader;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Flight Recorder has the agent do fails, on the threads of whoever records. */
class JfrBridgeFailuresTest {
  private static final StackRule RULE = new StackRule(List.of(), List.of());
  @TempDir private Path directory;

  private final AtomicInteger closed = new AtomicInteger();
  private volatile boolean fails;

  private final SocketSource source =
      (SocketSource)
          Proxy.newProxyInstance(
              SocketSource.class.getClassLoader(),
              new Class<?>[] {SocketSource.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "drain" -> {
                      if (fails) {
                        throw new OutOfMemoryError("of the test");
                      }
                      yield null;
                    }
                    case "await" -> {
                      Thread.sleep(50);
                      yield null;
                    }
                    case "close" -> {
                      closed.incrementAndGet();
                      yield null;
                    }
                    case "losses" -> Losses.NONE;
                    case "ringSize" -> 4096;
                    case "pid" -> 1;
                    case "pollNanos", "bytesRead", "ringFill", "highestRingFill", "recordsRead" ->
                        0L;
                    case "reconcile" -> false;
                    default -> null;
                  });

  @Test
  void noErrorReachesWhoeverStartsARecording() throws Exception {
    List<String> failures = new ArrayList<>();
    JfrBridge bridge = new JfrBridge("test", failures::add);
    bridge.attach(source, null, 64, RULE, new ThreadStarts(64, RULE), SocketFilter.ALL, 1, 1, 0);
    int before = SocketHooks.suppressedErrors();
    fails = true;
    Path file = directory.resolve("failing.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("tcpstates.AgentState");
      recording.enable("tcpstates.OpenSite");
      recording.enable("tcpstates.SocketState");
      recording.start();
      recording.stop();
      recording.dump(file);
    }
    fails = false;
    bridge.detach();
    assertTrue(SocketHooks.suppressedErrors() > before);
    List<AgentInfo> states = RecordingReader.read(file).agentStates();
    assertTrue(states.size() > 0, "the state is recorded all the same");
    assertTrue(states.get(states.size() - 1).suppressedErrors() > before);
    assertEquals(1, closed.get());
    assertEquals(List.of(), failures);
  }
}
