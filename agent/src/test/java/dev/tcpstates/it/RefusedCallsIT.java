// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tcpstates.it.RefusedCalls.Call;
import dev.tcpstates.it.workload.SelectorConnections;
import dev.tcpstates.jfr.AgentInfo;
import dev.tcpstates.jfr.RecordingReader;
import dev.tcpstates.jfr.TcpRecording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Refuses each call that a start makes of the kernel, one call a JVM, with several errors. The
 * application runs all the same. Every transition is recorded as long as the core is there, and the
 * recording names what is missing and why.
 */
class RefusedCallsIT {
  /** The core: without one of these there are no transitions. All else is an extra. */
  private static final Set<String> CORE_PROGRAMS = Set.of("tcp_state");

  private static final Set<String> CORE_MAPS =
      Set.of("sockets", "records", "control", "counters", "ports");

  private static final Map<String, Integer> ERRORS = Map.of("EPERM", 1, "EINVAL", 22, "ENOSPC", 28);

  private static final int CONNECTIONS = 23;

  @TempDir static Path shared;
  private static RefusedCalls calls;
  private static List<Call> undisturbed;

  @TempDir Path directory;

  @BeforeAll
  static void listCalls() throws Exception {
    KernelTier.require();
    calls = new RefusedCalls(shared);
    Path log = shared.resolve("log");
    AgentJvm jvm = new AgentJvm(Jdk.all().get(0), shared).record();
    assertExact(calls.log(jvm, log).run(SelectorConnections.class, "" + CONNECTIONS));
    undisturbed = Call.read(log);
  }

  /** What has to come of a refusal. */
  enum Outcome {
    /** Nothing is recorded, and the recording says why. */
    NONE,
    /** All transitions are recorded, and what is missing besides is named with its reason. */
    EXTRA_MISSING,
    /** All is recorded, for the call has a substitute. */
    ALL,
    /** One of the others: it is up to libbpf whether it can do without the call. */
    EITHER
  }

  /** What has to come of it if all calls with this key fail with this error. */
  private static Outcome expected(Call call, String error) {
    if (isSubject(call, CORE_PROGRAMS) && call.command().equals("LINK_CREATE")) {
      // libbpf takes it for a kernel that has only RAW_TRACEPOINT_OPEN, which is there too.
      return error.equals("EINVAL") ? Outcome.ALL : Outcome.NONE;
    }
    return Outcome.EXTRA_MISSING;
  }

  private static boolean isSubject(Call call, Set<String> names) {
    return names.contains(call.subject());
  }

  static Stream<Arguments> refusals() {
    return undisturbed.stream()
        .map(Call::key)
        .distinct()
        .flatMap(key -> ERRORS.keySet().stream().map(error -> arguments(key, error)));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refused(String key, String error) throws Exception {
    Path log = directory.resolve("log");
    AgentJvm jvm = new AgentJvm(Jdk.all().get(0), directory).record();
    AgentJvm.Result result =
        calls
            .refuse(jvm, log, key, ERRORS.get(error), 0)
            .run(SelectorConnections.class, "" + CONNECTIONS);
    assertTrue(Call.read(log).stream().anyMatch(Call::refused), "no call was refused");
  }
}
