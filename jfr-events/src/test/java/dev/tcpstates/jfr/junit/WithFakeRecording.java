// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of assertions on fake sockets. */
abstract class WithFakeRecording {
  private static final Duration SHORT = Duration.ofMillis(50);

  private TestRecording recording;

  @TempDir Path directory;
  FakeAgent agent;
  TcpConnections tcp;

  @BeforeEach
  void record() throws CantRecordException {
    agent = new FakeAgent();
    recording = TestRecording.start(directory.resolve("test.jfr"));
    recording.fromNow();
    tcp = new TcpConnections(recording).within(SHORT);
  }

  @AfterEach
  void stop() {
    recording.close();
    agent.close();
  }

  /** The message of a failed assertion. */
  static String failure(TcpConnections of, Consumer<TcpAssert> assertion) {
    TcpAssert asserted = assertThat(of);
    return assertThrows(AssertionError.class, () -> assertion.accept(asserted)).getMessage();
  }

  /** Its first line. */
  static String sentence(TcpConnections of, Consumer<TcpAssert> assertion) {
    return failure(of, assertion).lines().findFirst().orElse("");
  }
}
