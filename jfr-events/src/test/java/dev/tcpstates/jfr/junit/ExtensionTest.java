// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.junit.FakeSocket.Site;
import dev.tcpstates.jfr.read.RecordingReader;
import dev.tcpstates.jfr.read.TcpRecording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.FlightRecorder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs tests that use the extension and emit the agent's events themselves. */
@SuppressWarnings("try") // that an agent is there is all it is for
class ExtensionTest {
  @TempDir private Path reports;

  private EngineTestKit.Builder tests(Class<?>... classes) {
    EngineTestKit.Builder builder =
        EngineTestKit.engine("junit-jupiter")
            .configurationParameter("junit.tcpstates.reports", reports.toString())
            .configurationParameter("junit.tcpstates.required", "false");
    for (Class<?> type : classes) {
      builder.selectors(selectClass(type));
    }
    return builder;
  }

  private static Throwable end(EngineExecutionResults results) {
    List<Event> finished = results.testEvents().finished().list();
    assertEquals(1, finished.size());
    return finished
        .get(0)
        .getPayload(TestExecutionResult.class)
        .flatMap(TestExecutionResult::getThrowable)
        .orElse(null);
  }

  private List<String> kept() throws IOException {
    try (Stream<Path> files = Files.list(reports)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static String file(Class<?> test, String method) {
    return test.getName() + "." + method + ".jfr";
  }

  @TcpStates
  static class Passing {
    @Test
    void passes(TcpConnections tcp) {
      FakeSocket.connected(Site.CLIENT, 80).to("FIN_WAIT1").ends("FIN", null);
      assertThat(tcp).connectsExactly(1).leavesNoSocketOpen();
    }
  }

  @Test
  void aTestThatPassesLeavesNothing() throws Exception {
    try (FakeAgent agent = new FakeAgent()) {
      assertNull(end(tests(Passing.class).execute()));
    }
    assertEquals(List.of(), kept());
    assertEquals(List.of(), FlightRecorder.getFlightRecorder().getRecordings());
  }

  @Test
  void keepsAlwaysIfConfigured() throws Exception {
    try (FakeAgent agent = new FakeAgent()) {
      EngineExecutionResults results =
          tests(Passing.class).configurationParameter("junit.tcpstates.keep", "always").execute();
      assertNull(end(results));
      assertEquals(1, results.testEvents().reportingEntryPublished().count());
    }
    assertEquals(List.of(file(Passing.class, "passes")), kept());
  }

  @TcpStates
  static class Failing {
    @Test
    void fails(TcpConnections tcp) {
      FakeSocket.connected(Site.CLIENT, 80);
      assertThat(tcp.within(Duration.ZERO)).leavesNoSocketOpen();
    }
  }

  @Test
  void keepsTheRecordingOfAFailure() throws Exception {
    try (FakeAgent agent = new FakeAgent()) {
      Throwable failure = end(tests(Failing.class).execute());
      assertInstanceOf(AssertionError.class, failure);
      Path file = reports.resolve(file(Failing.class, "fails"));
      assertTrue(failure.getMessage().contains("com.shop.Client.ask"), failure.getMessage());
      assertTrue(failure.getMessage().endsWith(file.toString()), failure.getMessage());
      assertEquals(0, failure.getSuppressed().length);
      TcpRecording recording = RecordingReader.read(file);
      assertEquals(1, recording.timelines().size());
      assertEquals(TcpState.ESTABLISHED, recording.timelines().get(0).lastState());
    }
    assertEquals(List.of(file(Failing.class, "fails")), kept());
  }

  @Test
  void keepsNeverIfConfigured() throws Exception {
    try (FakeAgent agent = new FakeAgent()) {
      end(tests(Failing.class).configurationParameter("junit.tcpstates.keep", "never").execute());
    }
    assertEquals(List.of(), kept());
  }

  static class FailingOtherwise {
    @Test
    @TcpStates
    void throwsUp() {
      throw new IllegalArgumentException("nothing to do with sockets");
    }
  }

  @Test
  void namesTheRecordingInAnyFailure() throws Exception {
    try (FakeAgent agent = new FakeAgent()) {
      Throwable failure = end(tests(FailingOtherwise.class).execute());
      assertEquals("nothing to do with sockets", failure.getMessage());
      Path file = reports.resolve(file(FailingOtherwise.class, "throwsUp"));
      assertEquals(
          "The recording of this test is " + file, failure.getSuppressed()[0].getMessage());
      assertTrue(Files.exists(file));
    }
  }

  @Test
  void aFolderThatCantBeMadeHidesNoFailure() throws Exception {
    Path occupied = Files.createFile(reports.resolve("file"));
    try (FakeAgent agent = new FakeAgent()) {
      Throwable failure =
          end(
              tests(FailingOtherwise.class)
                  .configurationParameter("junit.tcpstates.reports", occupied.toString())
                  .execute());
      assertEquals("nothing to do with sockets", failure.getMessage());
      String note = failure.getSuppressed()[0].getMessage();
      assertTrue(note.startsWith("The recording can't be kept as " + occupied), note);
    }
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    try (FakeAgent agent = new FakeAgent()) {
      assertEquals(
          "junit.tcpstates.keep is \"sometimes\"; it can be failed, always or never",
          end(tests(Passing.class)
                  .configurationParameter("junit.tcpstates.keep", "sometimes")
                  .execute())
              .getMessage());
    }
    assertEquals(
        "junit.tcpstates.required is \"yes\"; it can be exact (or true), sampled or false",
        end(tests(Passing.class)
                .configurationParameter("junit.tcpstates.required", "yes")
                .execute())
            .getMessage());
  }

  @TcpStates
  static class Skipping {
    @Test
    void skips() {
      Assumptions.assumeTrue(false, "not here");
    }
  }

  @Test
  void aSkippedTestHasNotFailed() throws Exception {
    try (FakeAgent agent = new FakeAgent()) {
      tests(Skipping.class).execute().testEvents().assertStatistics(s -> s.aborted(1).failed(0));
    }
    assertEquals(List.of(), kept());
  }

  @Test
  void withoutAgentItIsSkipped() {
    EngineExecutionResults results = tests(Passing.class).execute();
    results.testEvents().assertStatistics(statistics -> statistics.aborted(1).failed(0));
    String why = end(results).getMessage();
    assertTrue(why.contains("there is no agent in this JVM; start it with -javaagent:"), why);
  }

  @Test
  void withoutAgentItFailsIfRequired() {
    EngineExecutionResults results =
        tests(Passing.class).configurationParameter("junit.tcpstates.required", "true").execute();
    results.testEvents().assertStatistics(statistics -> statistics.aborted(0).failed(1));
    String why = end(results).getMessage();
    assertTrue(why.contains("there is no agent in this JVM"), why);
  }

  @Test
  void saysWhyTheAgentDoesNotWork() throws Exception {
    try (FakeAgent agent = new FakeAgent("this JVM may not use BPF")) {
      EngineExecutionResults results = tests(Passing.class).execute();
      results.testEvents().assertStatistics(statistics -> statistics.aborted(1));
      assertEquals(
          "Assumption failed: The TCP connections of this test can't be recorded: this JVM may not"
              + " use BPF",
          end(results).getMessage());
    }
    assertEquals(List.of(), kept());
    assertEquals(List.of(), FlightRecorder.getFlightRecorder().getRecordings());
  }

  @TcpStates
  static class Bounding {
    @Test
    void bounds(TcpConnections tcp) {
      FakeSocket.sampled(Site.CLIENT, "CONNECT");
      assertThat(tcp).connectsAtMost(1);
    }
  }

  @Test
  void anAgentThatPollsIsEnoughUnlessExactIsRequired() {
    try (FakeAgent agent = FakeAgent.sampling("this JVM may not use BPF")) {
      for (String enough : List.of("false", "sampled")) {
        assertNull(
            end(
                tests(Bounding.class)
                    .configurationParameter("junit.tcpstates.required", enough)
                    .execute()));
      }
      for (String exact : List.of("true", "exact")) {
        Throwable failure =
            end(
                tests(Bounding.class)
                    .configurationParameter("junit.tcpstates.required", exact)
                    .execute());
        assertInstanceOf(AssertionError.class, failure);
        assertEquals(
            "The TCP connections of this test can't be recorded: not exactly: sampled every 1 s:"
                + " transitions, resets, retransmits and connections shorter than the interval are"
                + " not recorded (this JVM may not use BPF)",
            failure.getMessage());
      }
    }
    assertEquals(List.of(), FlightRecorder.getFlightRecorder().getRecordings());
  }

  @Test
  void noAgentIsNotEnoughIfSampledIsRequired() {
    EngineExecutionResults results =
        tests(Bounding.class)
            .configurationParameter("junit.tcpstates.required", "sampled")
            .execute();
    results.testEvents().assertStatistics(statistics -> statistics.aborted(0).failed(1));
  }

  @TcpStates
  static class WithSetUp {
    private FakeSocket setUp;

    @BeforeEach
    void setUp(TcpConnections tcp) {
      setUp = FakeSocket.connected(Site.CLIENT, 80);
      assertEquals(1, tcp.sockets().size());
    }

    @Test
    void countsItsOwn(TcpConnections tcp) {
      assertThat(tcp).connectsExactly(0);
      FakeSocket.connected(Site.CLIENT, 80).to("CLOSE_WAIT").ends("FIN", null);
      setUp.ends("FIN", null);
      assertThat(tcp).connectsExactly(1);
      assertEquals(2, tcp.recording().timelines().size());
    }

    @AfterEach
    void leavesNothing(TcpConnections tcp) {
      assertThat(tcp).leavesNoSocketOpen().connectsExactly(1);
    }
  }

  @Test
  void whatSetUpOpensIsNotTheTests() {
    try (FakeAgent agent = new FakeAgent()) {
      assertNull(end(tests(WithSetUp.class).execute()));
    }
  }

  @TcpStates
  static class FailingAfterwards {
    @Test
    void opens() {
      FakeSocket.connected(Site.CLIENT, 80);
    }

    @AfterEach
    void leavesNothing(TcpConnections tcp) {
      assertThat(tcp.within(Duration.ZERO)).leavesNoSocketOpen();
    }
  }

  @Test
  void aFailureAfterTheTestIsOne() throws Exception {
    try (FakeAgent agent = new FakeAgent()) {
      assertInstanceOf(AssertionError.class, end(tests(FailingAfterwards.class).execute()));
    }
    assertEquals(List.of(file(FailingAfterwards.class, "opens")), kept());
  }

  @TcpStates
  static class Never {
    @BeforeEach
    void before() {
      throw new IllegalStateException("set up without a recording");
    }

    @Test
    void never() {}

    @AfterEach
    void after(TcpConnections tcp) {
      throw new IllegalStateException("cleaned up without a recording");
    }
  }

  @Test
  void withoutRecordingNothingOfTheTestRuns() {
    tests(Never.class).execute().testEvents().assertStatistics(s -> s.aborted(1).failed(0));
    try (FakeAgent agent = new FakeAgent("no kernel")) {
      tests(Never.class).execute().testEvents().assertStatistics(s -> s.aborted(1).failed(0));
    }
  }

  @TcpStates
  static class AskingTooEarly {
    @BeforeAll
    static void ask(TcpConnections tcp) {
      tcp.sockets();
    }

    @Test
    void never() {}
  }

  @Test
  void connectionsAreOneTests() {
    String message;
    try (FakeAgent agent = new FakeAgent()) {
      message =
          tests(AskingTooEarly.class)
              .execute()
              .containerEvents()
              .failed()
              .list()
              .get(0)
              .getRequiredPayload(TestExecutionResult.class)
              .getThrowable()
              .orElseThrow()
              .getMessage();
    }
    assertTrue(message.contains("TcpConnections are those of one test"), message);
  }

  @TcpStates
  static class Repeated {
    @RepeatedTest(3)
    void again(TcpConnections tcp) {
      FakeSocket.connected(Site.CLIENT, 80);
      assertThat(tcp).connectsExactly(1);
      throw new IllegalStateException("for its recording");
    }
  }

  @Test
  void eachRunHasItsOwnFileAndSockets() throws Exception {
    try (FakeAgent agent = new FakeAgent()) {
      tests(Repeated.class).execute();
    }
    String name = Repeated.class.getName() + ".again";
    assertEquals(List.of(name + "[1].jfr", name + "[2].jfr", name + "[3].jfr"), kept());
    for (String file : kept()) {
      assertEquals(1, RecordingReader.read(reports.resolve(file)).timelines().size(), file);
    }
  }

  @Test
  void anyOtherRecordingGoesOn() throws Exception {
    try (FakeAgent agent = new FakeAgent();
        jdk.jfr.Recording other = new jdk.jfr.Recording()) {
      other.start();
      assertNull(end(tests(Passing.class, Passing.class).execute()));
      Path file = reports.resolve("other.jfr");
      other.stop();
      other.dump(file);
      assertEquals(1, RecordingReader.read(file).connections().size());
      assertFalse(RecordingReader.read(file).agentStates().isEmpty());
    }
  }
}
