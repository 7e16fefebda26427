// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.tcpstates.jfr.junit.FakeSocket.Site;
import dev.tcpstates.jfr.junit.TcpStates.Scope;
import dev.tcpstates.jfr.read.RecordingReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.FlightRecorder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** One recording for all tests of a class, and the reason of a skip on standard error. */
@SuppressWarnings("try") // that an agent is there is all it is for
class ClassScopeTest {
  @TempDir private Path reports;

  private EngineExecutionResults run(Class<?> tests) {
    return EngineTestKit.engine("junit-jupiter")
        .configurationParameter("junit.tcpstates.reports", reports.toString())
        .configurationParameter("junit.tcpstates.required", "false")
        .selectors(selectClass(tests))
        .execute();
  }

  private List<String> kept() throws IOException {
    try (Stream<Path> files = Files.list(reports)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static Throwable failure(Event event) {
    return event.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow();
  }

  @TcpStates(scope = Scope.CLASS)
  @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
  static class Together {
    @BeforeAll
    static void starts(TcpConnections tcp) {
      FakeSocket.connected(Site.CLIENT, 80).ends("FIN", null);
      assertThat(tcp).connectsExactly(1);
    }

    @Test
    @Order(1)
    void first(TcpConnections tcp) {
      FakeSocket.connected(Site.CLIENT, 80).ends("FIN", null);
      assertThat(tcp).connectsExactly(2);
    }

    @Test
    @Order(2)
    void second(TcpConnections tcp) {
      FakeSocket.connected(Site.CLIENT, 80).ends("FIN", null);
      assertThat(tcp).connectsExactly(3);
    }

    @Nested
    class Inner {
      @Test
      void third(TcpConnections tcp) {
        FakeSocket.connected(Site.CLIENT, 80).ends("FIN", null);
        assertThat(tcp).connectsExactly(4);
      }
    }

    @AfterAll
    static void ends(TcpConnections tcp) {
      assertThat(tcp).connectsExactly(4).leavesNoSocketOpen();
    }
  }

  @Test
  void allTestsOfTheClassAreInOneRecording() throws Exception {
    try (FakeAgent agent = new FakeAgent()) {
      EngineExecutionResults results = run(Together.class);
      results.testEvents().assertStatistics(events -> events.succeeded(3).failed(0));
      assertEquals(0, results.containerEvents().failed().count());
    }
    assertEquals(List.of(), kept());
    assertEquals(List.of(), FlightRecorder.getFlightRecorder().getRecordings());
  }

  @TcpStates(scope = Scope.CLASS)
  static class OneFails {
    @Test
    void passes() {
      FakeSocket.connected(Site.CLIENT, 80).ends("FIN", null);
    }

    @Test
    void fails() {
      FakeSocket.connected(Site.CLIENT, 80).ends("FIN", null);
      throw new IllegalStateException("another reason");
    }
  }

  @Test
  void isKeptIfOneTestFails() throws Exception {
    String file = OneFails.class.getName() + ".jfr";
    try (FakeAgent agent = new FakeAgent()) {
      Event failed = run(OneFails.class).testEvents().failed().list().get(0);
      assertEquals(
          "The recording of this test is " + reports.resolve(file),
          failure(failed).getSuppressed()[0].getMessage());
    }
    assertEquals(List.of(file), kept());
    assertEquals(2, RecordingReader.read(reports.resolve(file)).timelines().size());
    assertEquals(List.of(), FlightRecorder.getFlightRecorder().getRecordings());
  }

  @TcpStates(scope = Scope.CLASS)
  static class FailsAtItsEnd {
    @Test
    void opens() {
      FakeSocket.connected(Site.CLIENT, 80);
    }

    @AfterAll
    static void ends(TcpConnections tcp) {
      assertThat(tcp).connectsAtMost(0);
    }
  }

  @Test
  void isKeptIfAfterAllFails() throws Exception {
    try (FakeAgent agent = new FakeAgent()) {
      Event failed = run(FailsAtItsEnd.class).containerEvents().failed().list().get(0);
      assertTrue(failure(failed).getMessage().startsWith("1 connect where at most 0 may be"));
    }
    assertEquals(List.of(FailsAtItsEnd.class.getName() + ".jfr"), kept());
  }

  static class OfAMethod {
    @Test
    @TcpStates(scope = Scope.CLASS)
    void test() {}
  }

  @Test
  void isNotForAMethod() {
    try (FakeAgent agent = new FakeAgent()) {
      Event failed = run(OfAMethod.class).testEvents().failed().list().get(0);
      assertEquals(
          "@TcpStates(scope = CLASS) is for classes, not for methods",
          failure(failed).getMessage());
    }
  }

  /** Surefire prints only a number. */
  @Test
  void theReasonOfASkipIsPrintedOncePerClass() {
    PrintStream standardError = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true));
    try {
      run(OneFails.class).containerEvents().assertStatistics(events -> events.aborted(1));
      run(Twice.class).testEvents().assertStatistics(events -> events.aborted(2));
    } finally {
      System.setErr(standardError);
    }
    List<String> lines = printed.toString().lines().toList();
    assertEquals(2, lines.size(), printed::toString);
    for (Class<?> skipped : List.of(OneFails.class, Twice.class)) {
      String start =
          "[tcpstates] "
              + skipped.getName()
              + " is skipped: The TCP connections of this test can't be recorded: there is no agent"
              + " in this JVM";
      assertEquals(1, lines.stream().filter(line -> line.startsWith(start)).count(), start);
    }
  }

  @TcpStates
  static class Twice {
    @Test
    void once() {}

    @Test
    void again() {}
  }
}
